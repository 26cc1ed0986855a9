/**
 * Live values on their way to windows: by the port of each window that shows the channel, never by the bus, never to disk.
 * What comes within `LIVE_GATHER_MS` leaves as one message per channel and window; of a key the last value counts.
 */
import type { ChannelName } from '../protocol/channels.ts'
import type { ServerFrameOf } from '../protocol/frames.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { LiveView } from '../protocol/local.ts'
import { isReadable } from './reading.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

/** Two frames of a screen: what one tick of the server brings comes in several messages and should be painted once. */
export const LIVE_GATHER_MS = 33

export interface LiveValue {
  readonly value: unknown
  /** Server time at which it was taken. */
  readonly at: string
  /** Monotonic: the same moment here. */
  readonly takenAt: number
  /** Monotonic: until then it is current; afterwards it is the last that was known. */
  readonly until: number
}

export interface LiveState {
  /** Keys with a value that windows have not been told. */
  readonly news: Map<ChannelName, Set<string>>
  /** When they are told, monotonic; null while there is nothing to tell. */
  due: number | null
}

export function newLive(): LiveState {
  return { news: new Map(), due: null }
}

export function liveReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'live'>): void {
  const sub = state.channels.subscriptions.get(frame.channel)
  if (sub === undefined || sub.link.kind !== 'attached') return
  const { channel, key, value, at, ageMs, ttlMs } = frame
  // Deleted first, so that map order is age and the bound lets go of the oldest.
  sub.live.delete(key)
  sub.live.set(key, { value, at, takenAt: turn.now - ageMs, until: turn.now + ttlMs })
  for (const oldest of sub.live.keys()) {
    if (sub.live.size <= LIMITS.maxLiveKeys) break
    sub.live.delete(oldest)
  }
  if (sub.host !== 'absent') {
    turn.effects.push({ kind: 'observe', observation: { kind: 'live', channel, key, value, at } })
  }
  const { live } = state
  const keys = live.news.get(channel) ?? new Set()
  live.news.set(channel, keys.add(key))
  live.due ??= turn.now + LIVE_GATHER_MS
}

/** Posts what gathered, once it is due. Nothing of a channel that may not be read any more. */
export function tellLive(state: EngineState, turn: Turn): void {
  const { live, channels, windows } = state
  if (live.due === null || turn.now < live.due) return
  live.due = null
  for (const [channel, keys] of live.news) {
    const sub = channels.subscriptions.get(channel)
    if (sub === undefined || !isReadable(state, sub.replica.channel)) continue
    const values = [...keys].flatMap((key) => viewOf(key, sub.live.get(key), turn))
    if (values.length === 0) continue
    for (const [port, { shows }] of windows.ports) {
      if (shows.has(channel)) turn.effects.push({ kind: 'postPort', port, message: { t: 'live', channel, values } })
    }
  }
  live.news.clear()
}

/** Everything known of the live channels among these, for a window that is new: also what is not current any more. */
export function sendLive(state: EngineState, turn: Turn, port: number, shows: ReadonlySet<ChannelName>): void {
  for (const channel of shows) {
    const sub = state.channels.subscriptions.get(channel)
    if (sub === undefined || sub.live.size === 0 || !isReadable(state, sub.replica.channel)) continue
    const values = [...sub.live].flatMap(([key, held]) => viewOf(key, held, turn))
    turn.effects.push({ kind: 'postPort', port, message: { t: 'live', channel, values } })
  }
}

function viewOf(key: string, held: LiveValue | undefined, { now }: Turn): LiveView[] {
  if (held === undefined) return []
  const { value, at, takenAt, until } = held
  return [{ key, value, at, ageMs: Math.max(0, now - takenAt), ttlMs: Math.max(0, until - now) }]
}
