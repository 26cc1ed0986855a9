import { nameAt } from '../../relay/protocol/local.ts'
import { deviceMemory, type DeviceMemory } from './device-memory.ts'

/** The memory of the floor whose pages stand at `path`, in its origin's. Merely naming `localStorage` throws where storage is blocked, so it is named late. */
export function pageMemory(path: string): DeviceMemory {
  return deviceMemory(
    {
      getItem: (key) => localStorage.getItem(nameAt(path, key)),
      setItem: (key, value) => localStorage.setItem(nameAt(path, key), value),
    },
    navigator.languages,
  )
}
