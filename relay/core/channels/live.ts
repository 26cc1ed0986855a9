/**
 * Live values on their way to windows: by the port of each window that shows the channel, never by the bus, never to disk.
 * What comes within `LIVE_GATHER_MS` leaves as one message per channel and window; of a key the last value counts.
 */
import { boundLive } from '../../domain/live.ts'
import { domainRow } from '../../protocol/channels.ts'
import type { ServerFrameOf } from '../../protocol/frames.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { LiveView } from '../../protocol/local.ts'
import type { RosterMark } from '../../protocol/presence.ts'
import { ROSTER_KEY } from '../../protocol/room-names.ts'
import type { Turn } from '../step/turn.ts'
import { isReadable } from '../tell/reading.ts'
import { confirmLive } from './freshness.ts'
import { tellMove } from './moves.ts'
import type { ChannelsState, LiveValue, Subscription } from './slice.ts'

/** Two frames of a screen: what one tick of the server brings comes in several messages and should be painted once. */
export const LIVE_GATHER_MS = 33
/** Half a period of the fastest pace. */
const LIVE_FAST_GATHER_MS = 8

/** A subscription begins; `missing` of its values follow before it is known which there are. */
export function beginLive(channels: ChannelsState, turn: Turn, sub: Subscription, missing: number): void {
  if (isToldWhole(sub)) sub.unheard = new Set(sub.live.keys())
  if (missing > 0) sub.link = { kind: 'filling', at: turn.now, missing }
  else {
    confirmLive(channels, turn, sub)
    endUnheard(channels, turn, sub)
  }
}

export function liveReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'live'>): void {
  const sub = channels.subscriptions.get(frame.channel)
  if (sub === undefined || (sub.link.kind !== 'attached' && sub.link.kind !== 'filling')) return
  const { channel, key, value, at, ageMs, ttlMs } = frame
  const before = sub.live.get(key)?.value
  // Deleted first, so that map order is age and the bound lets go of the oldest.
  sub.live.delete(key)
  sub.live.set(key, { value, at, takenAt: turn.now - ageMs, until: turn.now + ttlMs })
  boundLive(sub.live)
  if (sub.host !== 'absent') {
    turn.effects.push({ kind: 'observe', observation: { kind: 'live', channel, key, value, at } })
  }
  tellMove(turn, sub, { key, before, after: value })
  news(channels, turn, sub).add(key)
  sub.unheard?.delete(key)
  if (sub.link.kind === 'filling') {
    const missing = sub.link.missing - 1
    if (missing > 0) sub.link = { kind: 'filling', at: turn.now, missing }
    else confirmLive(channels, turn, sub)
  }
  endUnheard(channels, turn, sub)
}

/**
 * Ends what an earlier subscription told and this one, having told all there is, did not. After a start of the server who is
 * missing may be there, until the roster is confirmed (PROTOCOL M12).
 */
function endUnheard(channels: ChannelsState, turn: Turn, sub: Subscription): void {
  const { unheard, live } = sub
  if (unheard === null || sub.link.kind !== 'attached') return
  const mark = unheard.has(ROSTER_KEY) ? undefined : (live.get(ROSTER_KEY)?.value as Partial<RosterMark> | undefined)
  if (mark?.confirmed === false) return
  sub.unheard = null
  const channel = sub.replica.channel.name
  for (const key of unheard) {
    const held = live.get(key)
    live.delete(key)
    if (held === undefined || held.value === null) continue
    if (sub.host !== 'absent')
      turn.effects.push({ kind: 'observe', observation: { kind: 'live', channel, key, value: null, at: held.at } })
    tellMove(turn, sub, { key, before: held.value, after: null })
  }
  sub.isRosterKnown = true
  news(channels, turn, sub)
  channels.liveNews.whole.add(channel)
}

/** Keys of this channel that windows are to be told of, in a moment. */
function news({ liveNews }: ChannelsState, turn: Turn, sub: Subscription): Set<string> {
  const channel = sub.replica.channel.name
  const keys = liveNews.keys.get(channel) ?? new Set()
  liveNews.keys.set(channel, keys)
  // Who wants more than a person reads wants each by itself.
  const gatherMs = sub.askedHz > LIMITS.liveHz ? LIVE_FAST_GATHER_MS : LIVE_GATHER_MS
  liveNews.due = Math.min(liveNews.due ?? Infinity, turn.now + gatherMs)
  return keys
}

/** Posts what gathered, once it is due. Nothing of a channel that may not be read any more. */
export function tellLive(channels: ChannelsState, turn: Turn): void {
  const { liveNews, subscriptions, shown } = channels
  if (liveNews.due === null || turn.now < liveNews.due) return
  liveNews.due = null
  for (const [channel, keys] of liveNews.keys) {
    const sub = subscriptions.get(channel)
    if (sub === undefined || !isReadable(turn, sub.replica.channel)) continue
    const whole = liveNews.whole.has(channel) ? WHOLE : {}
    const values = viewsOf(sub, whole === WHOLE ? sub.live.keys() : keys, turn)
    if (values.length === 0 && whole !== WHOLE) continue
    const message = { t: 'live', channel, values, ...whole } as const
    for (const [port, names] of shown) if (names.has(channel)) turn.effects.push({ kind: 'postPort', port, message })
  }
  liveNews.keys.clear()
  liveNews.whole.clear()
}

/** Everything known of the live channels that a window shows, for when it is new: also what is not current any more. */
export function sendLive(channels: ChannelsState, turn: Turn, port: number): void {
  for (const channel of channels.shown.get(port) ?? []) {
    const sub = channels.subscriptions.get(channel)
    if (sub === undefined || !isReadable(turn, sub.replica.channel)) continue
    // The window may have been another relay's, and hold what that one told it.
    const isWhole = isToldWhole(sub) && sub.link.kind === 'attached' && sub.unheard === null
    const values = viewsOf(sub, sub.live.keys(), turn)
    if (values.length === 0 && !isWhole) continue
    turn.effects.push({ kind: 'postPort', port, message: { t: 'live', channel, values, ...(isWhole && WHOLE) } })
  }
}

const WHOLE = { whole: true } as const

function isToldWhole({ replica }: Subscription): boolean {
  return domainRow(replica.channel).whole === true
}

function viewsOf(sub: Subscription, keys: Iterable<string>, turn: Turn): LiveView[] {
  return [...keys].flatMap((key) => viewOf(key, sub.live.get(key), turn))
}

function viewOf(key: string, held: LiveValue | undefined, { now }: Turn): LiveView[] {
  if (held === undefined) return []
  const { value, at, takenAt, until } = held
  return [{ key, value, at, ageMs: Math.max(0, now - takenAt), ttlMs: Math.max(0, until - now) }]
}
