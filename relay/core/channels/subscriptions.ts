/**
 * Subscriptions: how each channel that is wanted stands with the server.
 *
 *   loading ──▶ apart ──▶ asked ──▶ catching-up ◀──▶ attached
 *                 ▲         │  ├──▶ assembling ────────▲ │
 *                 │         │  └──▶ filling ───────────▲ │
 *                 │         ▼            ▼               ▼
 *                 └──────── ending ◀── gap, no longer wanted, no longer readable
 *
 * Invariants
 *   1. A subscription is ended by us with `unsubscribe`, and nothing is asked again before the server said
 *      `unsubscribed`: so frames of the old one cannot be taken for the new one.
 *   2. Credit goes back when a page is durable (a snapshot page but the last: when it is in memory).
 *   3. `current` is claimed only for `attached`: nothing is known to be missing (P5).
 *   4. Nothing of a channel the person of this moment may not read is shown or observed.
 */
import { newRecentIds } from '../../domain/recent.ts'
import type { Channel, ChannelName } from '../../protocol/channels.ts'
import { refuse } from '../../protocol/errors.ts'
import type { Cursor } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { canRead } from '../../protocol/rights.ts'
import type { Row } from '../../ports.ts'
import { save } from '../disk/ledger.ts'
import { read } from '../disk/read.ts'
import type { ChannelRow } from '../disk/rows.ts'
import { sendFrame, takesLive } from '../link/link.ts'
import { isUp } from '../link/slice.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { boundAuthor, isReadable, isReaderKnown } from '../tell/reading.ts'
import { dropObservations } from './observations.ts'
import { fillReplica, newReplica, rowsToLoad } from './replica.ts'
import type { ChannelsState, Subscription } from './slice.ts'
import { channelView } from './view.ts'
import { isHeld, wantedChannels, wantedHz } from './wanted.ts'

export function newChannels(rows: readonly Row[]): ChannelsState {
  return {
    subscriptions: new Map(),
    stored: new Map(rows.map((row) => [row.key as ChannelName, row.value as ChannelRow])),
    hostWants: new Map(),
    shown: new Map(),
    paces: new Map(),
    isHostBehind: false,
    recent: newRecentIds(),
    dirty: true,
    fresh: new Set(),
    liveNews: { keys: new Map(), whole: new Set(), due: null },
  }
}

/** Brings every subscription in line with who wants it and who may read it. Called at the end of a step when dirty. */
export function reconcile(channels: ChannelsState, turn: Turn): void {
  channels.dirty = false
  const wanted = wantedChannels(channels)
  for (const channel of wanted.values()) take(channels, turn, channel)
  // `alerts/urgent` was taken first and map order is kept: it is asked for first after every reconnect (P3).
  for (const sub of channels.subscriptions.values()) {
    sub.isWanted = wanted.has(sub.replica.channel.name)
    if (!sub.isWanted || !isReadable(turn, sub.replica.channel)) leave(channels, turn, sub)
    else join(channels, turn, sub)
  }
}

/** The subscription of this channel, begun if there is none. */
export function take(channels: ChannelsState, turn: Turn, channel: Channel): Subscription {
  const { subscriptions, stored } = channels
  const held = subscriptions.get(channel.name)
  if (held !== undefined) return held
  const row = stored.get(channel.name)
  stored.delete(channel.name)
  const replica = newReplica(channel, row)
  if (row === undefined) replica.wantedAt = turn.wall
  const load = rowsToLoad(replica)
  const { cursor } = replica
  const sub: Subscription = {
    replica,
    link: load === null ? { kind: 'apart' } : { kind: 'loading' },
    isWanted: true,
    refused: null,
    toldRefusal: null,
    fromStart: false,
    host: channels.hostWants.has(channel.name) ? 'awaiting' : 'absent',
    live: new Map(),
    unheard: null,
    isRosterKnown: false,
    askedHz: LIMITS.liveHz,
    durable: cursor === null ? null : { epoch: cursor.epoch, offset: cursor.offset },
    lastToken: 0,
    storedConfirmedAt: replica.confirmedAt,
    unnamed: 0,
  }
  subscriptions.set(channel.name, sub)
  if (load !== null) read(turn, { kind: 'channel', channel: channel.name }, load)
  return sub
}

export function channelLoaded(channels: ChannelsState, turn: Turn, name: ChannelName, rows: readonly Row[]): void {
  const sub = channels.subscriptions.get(name)
  if (sub === undefined || sub.link.kind !== 'loading') return
  fillReplica(sub.replica, rows)
  sub.link = { kind: 'apart' }
  channels.dirty = true
  announce(turn, { t: 'replaced', channel: name })
}

function join(channels: ChannelsState, turn: Turn, sub: Subscription): void {
  if (sub.refused !== null || sub.link.kind === 'loading') return
  if (sub.host === 'awaiting' && sub.replica.cursor !== null) tellSnapshot(turn, sub, sub.replica.cursor)
  const { kind, name } = sub.replica.channel
  const hz = kind === 'live' ? wantedHz(channels, name) : LIMITS.liveHz
  // Another pace is another subscription; what is known of its values stays.
  if (sub.link.kind === 'attached' && hz !== sub.askedHz && takesLive(turn.link)) end(channels, turn, sub)
  if (sub.link.kind === 'apart' && !isHeld(channels, sub)) ask(turn, sub, hz)
}

/** The host begins here: what it was still to be told is in the snapshot, which waits until all it shows is durable. */
function tellSnapshot(turn: Turn, sub: Subscription, { epoch, offset }: Cursor): void {
  const channel = sub.replica.channel.name
  sub.host = 'following'
  dropObservations(turn, channel)
  const observation = { kind: 'snapshot', view: channelView(turn, sub) } as const
  if (sub.lastToken <= turn.ledger.durable) {
    turn.effects.push({ kind: 'observe', observation })
    return
  }
  const then = {
    kind: 'channelStored',
    channel,
    at: { epoch, offset },
    credit: null,
    observations: [observation],
  } as const
  sub.lastToken = save(turn, [], then)
}

function ask(turn: Turn, sub: Subscription, hz: number): void {
  const { channel, cursor } = sub.replica
  // As a person only once this connection knows the person: `auth` goes before `subscribe`.
  const reader = { deviceAreas: turn.people.site.deviceAreas, author: boundAuthor(turn) }
  if (!isUp(turn.link.connection) || !canRead(reader, channel)) return
  sub.link = { kind: 'asked', at: turn.now }
  sub.unnamed = 0
  sub.askedHz = takesLive(turn.link) ? hz : LIMITS.liveHz
  sendFrame(turn, {
    t: 'subscribe',
    channel: channel.name,
    ...(sub.fromStart ? { from: 'start' as const } : cursor !== null && channel.kind !== 'live' && { cursor }),
    ...(sub.askedHz !== LIMITS.liveHz && { maxHz: sub.askedHz }),
    // Two keep the link busy while one is being stored.
    credit: 2,
  })
}

function leave(channels: ChannelsState, turn: Turn, sub: Subscription): void {
  // Who may not read it any more is not told what was just being written; whoever reads next begins with a snapshot (R20).
  if (dropObservations(turn, sub.replica.channel.name) && sub.host === 'following') sub.host = 'awaiting'
  // What happens in a room until somebody reads it again is told to nobody.
  sub.isRosterKnown = false
  end(channels, turn, sub)
  if (!sub.isWanted || !isUp(turn.link.connection) || !isReaderKnown(turn)) return
  const code = turn.people.current === null ? 'sign-in-needed' : 'forbidden'
  refuseTo(turn, sub, refuse(code))
}

/** Ends the subscription on this connection; it may be asked for again once the server said so. */
export function end(channels: ChannelsState, turn: Turn, sub: Subscription): void {
  switch (sub.link.kind) {
    case 'asked':
    case 'assembling':
    case 'catching-up':
    case 'filling':
    case 'attached':
      sub.link = { kind: 'ending', at: turn.now }
      channels.fresh.add(sub.replica.channel.name)
      sendFrame(turn, { t: 'unsubscribe', channel: sub.replica.channel.name })
      break
    case 'paused':
      sub.link = { kind: 'apart' }
      break
    case 'loading':
    case 'apart':
    case 'ending':
      break
  }
}

/** Tells host and windows once why there is nothing. */
export function refuseTo(
  turn: Turn,
  sub: Subscription,
  { code, message }: { readonly code: string; readonly message: string },
): void {
  const { name } = sub.replica.channel
  sub.refused = { code, message }
  if (sub.toldRefusal === code) return
  sub.toldRefusal = code
  announce(turn, { t: 'replaced', channel: name })
  if (sub.host !== 'absent') {
    turn.effects.push({ kind: 'observe', observation: { kind: 'refused', channel: name, ...sub.refused } })
  }
}

/** Who wants or may read something may have changed: looked at by `reconcile` at the end of the step. */
export function reconcileLater(channels: ChannelsState): void {
  channels.dirty = true
}

/** The person changed, or the server knows the person now: what was refused may be allowed. */
export function readerChanged(channels: ChannelsState): void {
  for (const sub of channels.subscriptions.values()) sub.refused = null
  channels.dirty = true
}

export function channelsDisconnected(channels: ChannelsState): void {
  for (const sub of channels.subscriptions.values()) {
    if (sub.link.kind === 'attached') channels.fresh.add(sub.replica.channel.name)
    if (sub.link.kind !== 'loading') sub.link = { kind: 'apart' }
  }
}
