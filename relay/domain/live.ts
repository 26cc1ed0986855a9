import type { ChannelName } from '../protocol/channels.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { LiveView, PortMessage } from '../protocol/local.ts'

/** A live value as one window holds it. Times are this window's monotonic clock, milliseconds. */
export interface LiveEntry {
  readonly value: unknown
  /** Server time at which it was taken. */
  readonly at: string
  /** When it was taken: its age is `now - confirmedAt`. */
  readonly confirmedAt: number
  /** Until then it is current; afterwards it is the last that was known (P5). */
  readonly currentUntil: number
}

/** Per live channel this window shows, its keys. A change makes new maps on its way and shares the rest. */
export type LiveModel = ReadonlyMap<ChannelName, ReadonlyMap<string, LiveEntry>>

export const NO_LIVE: LiveModel = new Map()

type LiveMessage = Extract<PortMessage, { t: 'live' }>

/**
 * Takes what the port brought at monotonic time `now`; of a key what came last counts. Which is later is the server's to know (M4):
 * by their times a window would let nothing new in for as long as the server's clock was set back.
 */
export function takeLive(model: LiveModel, { channel, values, whole }: LiveMessage, now: number): LiveModel {
  const keys = new Map(whole === true ? [] : model.get(channel))
  for (const view of values) {
    // Deleted first, so that map order is age and the bound lets go of the oldest.
    keys.delete(view.key)
    keys.set(view.key, entryOf(view, now))
  }
  boundLive(keys)
  return new Map(model).set(channel, keys)
}

/** Lets go of what is too much, whatever is over first, then the oldest: whoever has left takes the place of nobody (P8). */
export function boundLive(live: Map<string, { readonly value: unknown }>): void {
  if (live.size <= LIMITS.maxLiveKeys) return
  for (const [key, { value }] of live) {
    if (live.size <= LIMITS.maxLiveKeys) return
    if (value === null) live.delete(key)
  }
  for (const oldest of live.keys()) {
    if (live.size <= LIMITS.maxLiveKeys) return
    live.delete(oldest)
  }
}

/** Lets go of what is not shown any more. The same model when nothing is to go. */
export function keepLive(model: LiveModel, shows: readonly ChannelName[]): LiveModel {
  if ([...model.keys()].every((name) => shows.includes(name))) return model
  return new Map([...model].filter(([name]) => shows.includes(name)))
}

/** Whether the value is still the present one. */
export function isLiveCurrent({ currentUntil }: LiveEntry, now: number): boolean {
  return now < currentUntil
}

function entryOf({ value, at, ageMs, ttlMs }: LiveView, now: number): LiveEntry {
  return { value, at, confirmedAt: now - ageMs, currentUntil: now + ttlMs }
}
