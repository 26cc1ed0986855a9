/** Who wants a channel: the host, which follows it, and windows, which show it. */
import { newRecentIds } from '../../domain/recent.ts'
import { parseChannel, type ChannelName } from '../../protocol/channels.ts'
import { refuse, type Refusal } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { save } from '../disk/ledger.ts'
import type { Turn } from '../step/turn.ts'
import { dropObservations } from './observations.ts'
import { emptyReplica } from './replica.ts'
import type { ChannelsState, Subscription } from './slice.ts'
import { end, reconcile, take } from './subscriptions.ts'
import { isHeld } from './wanted.ts'

/** Why the host may not subscribe to this; null if it may. */
export function refuseSubscription(name: string, { from, maxHz }: HostWish): Refusal | null {
  const channel = parseChannel(name)
  if (channel === null) return refuse('unknown-channel')
  if (maxHz !== null && !(Number.isInteger(maxHz) && maxHz >= 1 && maxHz <= LIMITS.maxLiveHz))
    return refuse('bad-request', `"maxHz" must be a whole number of 1 to ${LIMITS.maxLiveHz}.`)
  return from === 'start' && channel.kind !== 'log' ? refuse('not-a-log') : null
}

/** What a host asks for: where a log begins, and how often values of a live channel come at most, per second. */
export interface HostWish {
  readonly from: 'start' | null
  readonly maxHz: number | null
}

export function hostSubscribes(
  channels: ChannelsState,
  turn: Turn,
  name: ChannelName,
  { from, maxHz }: HostWish,
): void {
  const channel = parseChannel(name)
  if (channel === null) return
  const { hostWants } = channels
  if (hostWants.size >= LIMITS.maxSubscriptions - 1 && !hostWants.has(channel.name)) {
    const { code, message } = refuse('too-many-subscriptions')
    turn.effects.push({ kind: 'observe', observation: { kind: 'refused', channel: name, code, message } })
    return
  }
  hostWants.set(channel.name, maxHz ?? LIMITS.liveHz)
  channels.dirty = true
  const sub = take(channels, turn, channel)
  sub.refused = null
  sub.toldRefusal = null
  if (from === null && sub.host === 'following') return
  sub.host = from === 'start' ? 'following' : 'awaiting'
  if (from === 'start') restart(channels, turn, sub)
}

/** Reads a log again from its oldest retained event: what is held of it goes. */
function restart(channels: ChannelsState, turn: Turn, sub: Subscription): void {
  sub.fromStart = true
  // What the first reading was still to tell, the second will.
  dropObservations(turn, sub.replica.channel.name)
  // Ids of the first reading must not swallow the second.
  channels.recent = newRecentIds()
  sub.lastToken = save(turn, emptyReplica(sub.replica))
  if (sub.link.kind === 'loading') sub.link = { kind: 'apart' }
  else end(channels, turn, sub)
}

export function hostUnsubscribes(channels: ChannelsState, turn: Turn, name: string): void {
  const channel = parseChannel(name)
  if (channel === null) return
  channels.hostWants.delete(channel.name)
  channels.dirty = true
  const sub = channels.subscriptions.get(channel.name)
  if (sub === undefined) return
  sub.host = 'absent'
  // Whoever else wants it: what is being written is not told any more to a host that has left.
  dropObservations(turn, channel.name)
}

/**
 * What waits for the host is bounded by not asking for more (R52): its subscriptions end where they stand, and go on by their
 * cursors when it has caught up. What came until then is told all the same.
 */
export function hostLags(channels: ChannelsState, turn: Turn, isBehind: boolean): void {
  if (channels.isHostBehind === isBehind) return
  channels.isHostBehind = isBehind
  channels.dirty = true
  if (!isBehind) return
  for (const sub of channels.subscriptions.values()) if (isHeld(channels, sub)) end(channels, turn, sub)
}

export function windowCame(channels: ChannelsState, port: number): void {
  channels.shown.set(port, new Set())
}

/** `maxHz`: how often values of live channels are wanted at most, per second; the usual pace unless given. */
export interface Shown {
  readonly names: readonly string[]
  readonly maxHz: number | undefined
}

/** All that this window shows from now on. Taken at once, so that what is new is in the view, if only as empty. */
export function windowShows(channels: ChannelsState, turn: Turn, port: number, { names, maxHz }: Shown): void {
  if (maxHz === undefined) channels.paces.delete(port)
  else channels.paces.set(port, maxHz)
  channels.shown.set(port, new Set(names.flatMap((name) => parseChannel(name)?.name ?? [])))
  reconcile(channels, turn)
}

export function windowGone(channels: ChannelsState, port: number): void {
  channels.shown.delete(port)
  channels.paces.delete(port)
  channels.dirty = true
}
