import { expect, it, onTestFinished } from 'vitest'
import { parseChannel } from '../relay/protocol/channels.ts'
import type { DeviceId, SessionId } from '../relay/protocol/ids.ts'
import type { Member, RosterMark } from '../relay/protocol/presence.ts'
import { presenceChannel, SITE_ROOM } from '../relay/protocol/room-names.ts'
import { openRooms } from './compose-rooms.ts'
import { LiveHub } from './core/live.ts'
import { frameBytes, joinBytes, type SharedBytes } from './gateway/shared-bytes.ts'
import type { Heard } from './ports/last-heard.ts'
import type { SessionRow } from './ports/sessions.ts'
import { filledBy } from './testing/live-fill.ts'

const LINE = parseChannel(presenceChannel('line-3'))

it('[M10] [A7] whose session another node took away is named no more where they sleep, and whose it left is', async () => {
  const live = new LiveHub<SharedBytes>({ encode: frameBytes, join: joinBytes, schedule: () => {} })
  const read: SessionId[] = []
  const store = {
    areas: () => Promise.resolve(['line-3']),
    heard: () => Promise.resolve(),
    lastHeard: () => Promise.resolve([]),
    session: (id: SessionId) => {
      read.push(id)
      return Promise.resolve({ id, status: id === 'taken' ? 'revoked' : 'active' } as SessionRow)
    },
  }
  const failed = (cause: unknown) => expect.unreachable(String(cause))
  const log = { error: failed, warn: failed }
  const { presence, revokedElsewhere, stop } = await openRooms(live, {
    store,
    log,
    heartbeatMs: 10_000,
    isAlone: true,
    nodes: null,
    monotonic: () => 0,
    nowMs: () => Date.now(),
  })
  onTestFinished(stop)
  const sleeps = (name: string, operator: string, session: string): DeviceId => {
    if (LINE === null) throw new Error('no channel')
    const id = name.padStart(43, 'd') as DeviceId
    const alone = { source: 'here', areas: ['line-3'], isAlone: false, link: 'first', order: 1 }
    const who = { device: id, name, operator, session: { id: session as SessionId, until: Infinity }, ...alone }
    presence.track(who, LINE, { state: 'here' }, 0)
    presence.left(who, 'suspending', { heardAt: 0, leaseMs: 1, now: 0 })
    return id
  }
  const [taken, left, other] = [sleeps('1', 'kim', 'taken'), sleeps('2', 'kim', 'left'), sleeps('3', 'lee', 'of-lee')]
  revokedElsewhere('kim')
  await new Promise((resolve) => setImmediate(resolve))
  const reader = { group: null, maxHz: 10, deliver: () => {}, isFull: () => false }
  const frames = filledBy(live.attach(presenceChannel('line-3'), reader, 0), 0).flatMap(({ messages }) =>
    messages.map(String),
  )
  const told = new Map(
    frames.map((text) => JSON.parse(text) as { key: string; value: Member }).map(({ key, value }) => [key, value]),
  )
  expect([taken, left, other].map((id) => told.get(id)?.operator)).toEqual([null, 'kim', 'lee'])
  expect(read).toEqual(['taken', 'left'])
})

it('[M9] [M12] a board of all lines is on all lines, and when it was heard there is kept', async () => {
  const live = new LiveHub<SharedBytes>({ encode: frameBytes, join: joinBytes, schedule: () => {} })
  const kept: string[] = []
  const store = {
    areas: () => Promise.resolve(['line-3']),
    heard: (rows: readonly Heard[]) => Promise.resolve(void kept.push(...rows.map(({ area }) => area))),
    lastHeard: () => Promise.resolve([]),
    session: () => Promise.resolve(null),
  }
  const failed = (cause: unknown) => expect.unreachable(String(cause))
  const context = { store, log: { error: failed, warn: failed }, heartbeatMs: 10_000, isAlone: true }
  const { presence, stop } = await openRooms(live, {
    ...context,
    nodes: null,
    monotonic: () => 0,
    nowMs: () => Date.now(),
  })
  const site = parseChannel(SITE_ROOM)
  if (site === null) throw new Error('no channel')
  const alone = { source: 'here', areas: ['*'], isAlone: true, link: 'first', order: 1, operator: null, session: null }
  const wall = { device: 'd'.repeat(43) as DeviceId, name: 'Wall', ...alone }
  expect(presence.track(wall, site, { state: 'here' }, 0)).toBeNull()
  await stop()
  expect(kept).toEqual(['-'])
})

it('[M12] [H5] is unconfirmed after a start for as long as a device that rests may take to come back', async () => {
  const live = new LiveHub<SharedBytes>({ encode: frameBytes, join: joinBytes, schedule: () => {} })
  const store = {
    areas: () => Promise.resolve(['line-3']),
    heard: () => Promise.resolve(),
    lastHeard: () => Promise.resolve([]),
    session: () => Promise.resolve(null),
  }
  const failed = (cause: unknown) => expect.unreachable(String(cause))
  const context = { store, log: { error: failed, warn: failed }, heartbeatMs: 10_000, isAlone: true, nodes: null }
  const { presence, stop } = await openRooms(live, { ...context, monotonic: () => 0, nowMs: () => Date.now() })
  onTestFinished(stop)
  const begins = { group: null, maxHz: 10, deliver: () => {}, isFull: () => false }
  const isConfirmed = (): unknown => {
    const [frame] = filledBy(live.attach(presenceChannel('line-3'), begins, 0), 0)
    return (JSON.parse(String(frame?.messages[0])) as { value: RosterMark }).value.confirmed
  }
  // Three and a half of the thirty seconds at which it is heard.
  presence.settle(104_999)
  expect(isConfirmed()).toBe(false)
  presence.settle(105_000)
  expect(isConfirmed()).toBe(true)
})
