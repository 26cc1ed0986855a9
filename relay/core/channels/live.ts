/**
 * Live values on their way to windows: by the port of each window that shows the channel, never by the bus, never to disk.
 * What comes within `LIVE_GATHER_MS` leaves as one message per channel and window; of a key the last value counts.
 */
import type { ServerFrameOf } from '../../protocol/frames.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { LiveView } from '../../protocol/local.ts'
import type { Turn } from '../step/turn.ts'
import { isReadable } from '../tell/reading.ts'
import type { ChannelsState, LiveValue } from './slice.ts'

/** Two frames of a screen: what one tick of the server brings comes in several messages and should be painted once. */
export const LIVE_GATHER_MS = 33
/** Half a period of the fastest pace. */
const LIVE_FAST_GATHER_MS = 8

export function liveReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'live'>): void {
  const sub = channels.subscriptions.get(frame.channel)
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
  const { liveNews } = channels
  const keys = liveNews.keys.get(channel) ?? new Set()
  liveNews.keys.set(channel, keys.add(key))
  // Who wants more than a person reads wants each by itself.
  const gatherMs = sub.askedHz > LIMITS.liveHz ? LIVE_FAST_GATHER_MS : LIVE_GATHER_MS
  liveNews.due = Math.min(liveNews.due ?? Infinity, turn.now + gatherMs)
}

/** Posts what gathered, once it is due. Nothing of a channel that may not be read any more. */
export function tellLive(channels: ChannelsState, turn: Turn): void {
  const { liveNews, subscriptions, shown } = channels
  if (liveNews.due === null || turn.now < liveNews.due) return
  liveNews.due = null
  for (const [channel, keys] of liveNews.keys) {
    const sub = subscriptions.get(channel)
    if (sub === undefined || !isReadable(turn, sub.replica.channel)) continue
    const values = [...keys].flatMap((key) => viewOf(key, sub.live.get(key), turn))
    if (values.length === 0) continue
    for (const [port, names] of shown) {
      if (names.has(channel)) turn.effects.push({ kind: 'postPort', port, message: { t: 'live', channel, values } })
    }
  }
  liveNews.keys.clear()
}

/** Everything known of the live channels that a window shows, for when it is new: also what is not current any more. */
export function sendLive(channels: ChannelsState, turn: Turn, port: number): void {
  for (const channel of channels.shown.get(port) ?? []) {
    const sub = channels.subscriptions.get(channel)
    if (sub === undefined || sub.live.size === 0 || !isReadable(turn, sub.replica.channel)) continue
    const values = [...sub.live].flatMap(([key, held]) => viewOf(key, held, turn))
    turn.effects.push({ kind: 'postPort', port, message: { t: 'live', channel, values } })
  }
}

function viewOf(key: string, held: LiveValue | undefined, { now }: Turn): LiveView[] {
  if (held === undefined) return []
  const { value, at, takenAt, until } = held
  return [{ key, value, at, ageMs: Math.max(0, now - takenAt), ttlMs: Math.max(0, until - now) }]
}
