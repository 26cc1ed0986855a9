import { constants, inflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { deflatedEvents } from './deflated-events.ts'
import { Deflater, MIN_DEFLATED_BYTES } from './ends/deflater.ts'
import { frameBytes, joinBytes, type SharedBytes } from './shared-bytes.ts'

const event = (says: string): SharedBytes => frameBytes({ t: 'error', code: 'timeout', message: says })
const LONG = event('pressure low '.repeat(200))
const SHORT = event('pressure low')
const prepare = (name: string, frames: readonly SharedBytes[]): Promise<readonly SharedBytes[] | null> =>
  new Promise((resolve) => {
    if (!deflatedEvents(new Deflater())(name as ChannelName, frames, resolve)) resolve(null)
  })

it('[Z1] deflates events of 1 KB or more, and leaves what is beside them in one piece as it is', async () => {
  const frames = (await prepare('orders/line-3', [SHORT, LONG])) ?? []
  const { messages, deflated } = joinBytes(frames)
  expect(messages).toEqual([...SHORT.messages, ...LONG.messages])
  const [short, long] = deflated ?? []
  expect(short).toBeNull()
  expect(inflateRawSync(long ?? '', { finishFlush: constants.Z_SYNC_FLUSH }).toString()).toBe(LONG.messages[0])
})

it('[Z1] makes nobody wait for events that are shorter', async () => {
  expect(await prepare('orders/line-3', [SHORT, SHORT])).toBeNull()
  expect(SHORT.length).toBeLessThan(MIN_DEFLATED_BYTES)
})

it.each(['prefs/kim', 'inbox/kim', 'alerts/urgent'])('[Z1] has nothing of %s deflated', async (name) => {
  expect(await prepare(name, [LONG])).toBeNull()
})
