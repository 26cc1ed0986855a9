import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DeviceId } from '../protocol/ids.ts'
import { wasEmptied } from './lost-storage.ts'

const ONE = 'a'.repeat(43) as DeviceId
const OTHER = 'b'.repeat(43) as DeviceId
const DAY_MS = 24 * 3_600_000
const NAME = 'andon-device'

const forget = () => caches.delete(NAME)
beforeEach(forget)
afterEach(forget)

const ask = (device: DeviceId, now = 0) => wasEmptied(device, { caches, name: NAME, now })

it('[R80] the first start of a browser has lost nothing, nor has the next of the same device', async () => {
  expect(await ask(ONE)).toBe(false)
  expect(await ask(ONE)).toBe(false)
})

it('[R80] another device than before was emptied, which is told for a week', async () => {
  await ask(ONE)
  expect(await ask(OTHER, DAY_MS)).toBe(true)
  expect(await ask(OTHER, 7 * DAY_MS)).toBe(true)
  expect(await ask(OTHER, 8 * DAY_MS)).toBe(false)
})

it('[R80] what is no mark of ours, and no room for one, says nothing', async () => {
  const cache = await caches.open(NAME)
  await cache.put('https://andon.invalid/device', new Response('<html>'))
  expect(await ask(ONE)).toBe(false)
  const full = { open: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) } as unknown as CacheStorage
  expect(await wasEmptied(ONE, { caches: full, name: NAME, now: 0 })).toBe(false)
})
