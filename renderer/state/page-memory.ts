import { deviceMemory, type DeviceMemory } from './device-memory.ts'

/** The memory of this page's origin. Merely naming `localStorage` throws where storage is blocked, so it is named late. */
export function pageMemory(): DeviceMemory {
  return deviceMemory(
    { getItem: (key) => localStorage.getItem(key), setItem: (key, value) => localStorage.setItem(key, value) },
    navigator.languages,
  )
}
