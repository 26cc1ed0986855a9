/**
 * Subscriptions: which channels are wanted, how each stands with the server, and what is known about its freshness.
 *
 *   loading ──▶ apart ──▶ asked ──▶ catching-up ◀──▶ attached
 *                 ▲         │  └──▶ assembling ────────▲ │
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
import { parseChannel, URGENT_CHANNEL, type Channel, type ChannelName } from '../protocol/channels.ts'
import { refuse, type Refusal } from '../protocol/errors.ts'
import type { Cursor, Epoch } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import { canRead } from '../protocol/rights.ts'
import type { Observation, Row } from '../ports.ts'
import { announce } from './bus.ts'
import { isUp } from './connection-state.ts'
import { dropObservations, save } from './ledger.ts'
import type { LiveValue } from './live.ts'
import { boundAuthor, isReadable, isReaderKnown } from './reading.ts'
import { read } from './query.ts'
import { newRecentIds, type RecentIds } from './recent-ids.ts'
import {
  channelRow,
  emptyReplica,
  fillReplica,
  newReplica,
  rowsToLoad,
  type Assembly,
  type Replica,
} from './replica.ts'
import type { ChannelRow } from './rows.ts'
import { sendFrame, type EngineState } from './state.ts'
import type { Turn } from './turn.ts'
import { channelView } from './view.ts'

/** `at`: last sign of life, monotonic; a link that should move and does not is rebuilt. */
export type Link =
  | { readonly kind: 'loading' }
  | { readonly kind: 'apart' }
  | { readonly kind: 'asked'; readonly at: number }
  | {
      readonly kind: 'assembling'
      readonly at: number
      readonly assembly: Assembly | null
      readonly reset: Observation | null
    }
  /** Behind `top`, as far as is known. */
  | { readonly kind: 'catching-up'; readonly at: number; readonly top: number }
  | { readonly kind: 'attached' }
  | { readonly kind: 'ending'; readonly at: number }
  /** The server cannot serve it for a moment. */
  | { readonly kind: 'paused'; readonly until: number }

export interface Subscription {
  readonly replica: Replica
  link: Link
  isWanted: boolean
  refused: { readonly code: string; readonly message: string } | null
  /** The refusal that host and windows were told last: the same one after a reconnect is no news. */
  toldRefusal: string | null
  /** Read from the oldest retained event; until the first one is applied. */
  fromStart: boolean
  /** Asked for without its cursor, although it has one: it has grown too large, and the next snapshot replaces it. */
  renews: boolean
  /** How far the host is: not interested, waiting for its first snapshot, or following events. */
  host: 'absent' | 'awaiting' | 'following'
  readonly live: Map<string, LiveValue>
  /** The last event that is durable: the evidence "received" of the heartbeat. */
  durable: { readonly epoch: Epoch; readonly offset: number } | null
  lastToken: number
  storedConfirmedAt: number | null
  /** Heartbeats in a row that did not name this channel although it is subscribed. */
  unnamed: number
}

export interface ChannelsState {
  readonly subscriptions: Map<ChannelName, Subscription>
  /** Cursors of channels that are on disk and not in memory. */
  readonly stored: Map<ChannelName, ChannelRow>
  readonly hostWants: Set<ChannelName>
  recent: RecentIds
  /** Who wants or may read something changed: `reconcile` at the end of the step. */
  dirty: boolean
  /** Freshness that windows have not been told. */
  readonly fresh: Set<ChannelName>
}

export function newChannels(rows: readonly Row[]): ChannelsState {
  return {
    subscriptions: new Map(),
    stored: new Map(rows.map((row) => [row.key as ChannelName, row.value as ChannelRow])),
    hostWants: new Set(),
    recent: newRecentIds(),
    dirty: true,
    fresh: new Set(),
  }
}

// ---------------------------------------------------------------------------------------------------- the host

/** Why the host may not subscribe to this; null if it may. */
export function refuseSubscription(name: string, from: 'start' | null): Refusal | null {
  const channel = parseChannel(name)
  if (channel === null) return refuse('unknown-channel')
  return from === 'start' && channel.kind !== 'log' ? refuse('not-a-log') : null
}

export function hostSubscribes(state: EngineState, turn: Turn, name: ChannelName, from: 'start' | null): void {
  const channel = parseChannel(name)
  if (channel === null) return
  const { hostWants } = state.channels
  if (hostWants.size >= LIMITS.maxSubscriptions - 1 && !hostWants.has(channel.name)) {
    const { code, message } = refuse('too-many-subscriptions')
    turn.effects.push({ kind: 'observe', observation: { kind: 'refused', channel: name, code, message } })
    return
  }
  hostWants.add(channel.name)
  state.channels.dirty = true
  const sub = take(state, turn, channel)
  sub.refused = null
  sub.toldRefusal = null
  if (from === null && sub.host === 'following') return
  sub.host = from === 'start' ? 'following' : 'awaiting'
  if (from === 'start') restart(state, turn, sub)
}

/** Reads a log again from its oldest retained event: what is held of it goes. */
function restart(state: EngineState, turn: Turn, sub: Subscription): void {
  sub.fromStart = true
  // What the first reading was still to tell, the second will.
  dropObservations(state.ledger, sub.replica.channel.name)
  // Ids of the first reading must not swallow the second.
  state.channels.recent = newRecentIds()
  sub.lastToken = save(state.ledger, turn, emptyReplica(sub.replica))
  if (sub.link.kind === 'loading') sub.link = { kind: 'apart' }
  else end(state, turn, sub)
}

export function hostUnsubscribes(state: EngineState, name: string): void {
  const channel = parseChannel(name)
  if (channel === null) return
  state.channels.hostWants.delete(channel.name)
  state.channels.dirty = true
  const sub = state.channels.subscriptions.get(channel.name)
  if (sub === undefined) return
  sub.host = 'absent'
  // Whoever else wants it: what is being written is not told any more to a host that has left.
  dropObservations(state.ledger, channel.name)
}

// ------------------------------------------------------------------------------------------- wanted and allowed

/** Brings every subscription in line with who wants it and who may read it. Called at the end of a step when dirty. */
export function reconcile(state: EngineState, turn: Turn): void {
  const { channels } = state
  channels.dirty = false
  const wanted = wantedChannels(state)
  for (const channel of wanted.values()) take(state, turn, channel)
  // `alerts/urgent` was taken first and map order is kept: it is asked for first after every reconnect (P3).
  for (const sub of channels.subscriptions.values()) {
    sub.isWanted = wanted.has(sub.replica.channel.name)
    if (!sub.isWanted || !isReadable(state, sub.replica.channel)) leave(state, turn, sub)
    else join(state, turn, sub)
  }
}

function wantedChannels(state: EngineState): Map<ChannelName, Channel> {
  const wanted = new Map<ChannelName, Channel>()
  const want = (name: string) => {
    const channel = parseChannel(name)
    if (channel !== null && wanted.size < LIMITS.maxSubscriptions) wanted.set(channel.name, channel)
  }
  want(URGENT_CHANNEL)
  for (const name of state.channels.hostWants) want(name)
  for (const window of state.windows.ports.values()) for (const name of window.shows) want(name)
  return wanted
}

function take(state: EngineState, turn: Turn, channel: Channel): Subscription {
  const { subscriptions, stored } = state.channels
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
    renews: false,
    host: state.channels.hostWants.has(channel.name) ? 'awaiting' : 'absent',
    live: new Map(),
    durable: cursor === null ? null : { epoch: cursor.epoch, offset: cursor.offset },
    lastToken: 0,
    storedConfirmedAt: replica.confirmedAt,
    unnamed: 0,
  }
  subscriptions.set(channel.name, sub)
  if (load !== null) read(turn, { kind: 'channel', channel: channel.name }, load)
  return sub
}

export function channelLoaded(state: EngineState, turn: Turn, name: ChannelName, rows: readonly Row[]): void {
  const sub = state.channels.subscriptions.get(name)
  if (sub === undefined || sub.link.kind !== 'loading') return
  fillReplica(sub.replica, rows)
  sub.link = { kind: 'apart' }
  state.channels.dirty = true
  announce(state.bus, turn, { t: 'replaced', channel: name })
}

function join(state: EngineState, turn: Turn, sub: Subscription): void {
  if (sub.refused !== null || sub.link.kind === 'loading') return
  if (sub.host === 'awaiting' && sub.replica.cursor !== null) tellSnapshot(state, turn, sub, sub.replica.cursor)
  if (sub.link.kind === 'apart') ask(state, turn, sub)
}

/** The host begins here: what it was still to be told is in the snapshot, which waits until all it shows is durable. */
function tellSnapshot(state: EngineState, turn: Turn, sub: Subscription, { epoch, offset }: Cursor): void {
  const channel = sub.replica.channel.name
  sub.host = 'following'
  dropObservations(state.ledger, channel)
  const observation = { kind: 'snapshot', view: channelView(state, sub) } as const
  if (sub.lastToken <= state.ledger.durable) {
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
  sub.lastToken = save(state.ledger, turn, [], then)
}

function ask(state: EngineState, turn: Turn, sub: Subscription): void {
  const { channel, cursor } = sub.replica
  // As a person only once this connection knows the person: `auth` goes before `subscribe`.
  const reader = { deviceAreas: state.site.deviceAreas, author: boundAuthor(state) }
  if (!isUp(state.connection) || !canRead(reader, channel)) return
  sub.link = { kind: 'asked', at: turn.now }
  sub.unnamed = 0
  sendFrame(state, turn, {
    t: 'subscribe',
    channel: channel.name,
    ...(sub.fromStart
      ? { from: 'start' as const }
      : cursor !== null && channel.kind !== 'live' && !sub.renews && { cursor }),
    // Two keep the link busy while one is being stored.
    credit: 2,
  })
}

function leave(state: EngineState, turn: Turn, sub: Subscription): void {
  // Who may not read it any more is not told what was just being written; whoever reads next begins with a snapshot (R20).
  if (dropObservations(state.ledger, sub.replica.channel.name) && sub.host === 'following') sub.host = 'awaiting'
  end(state, turn, sub)
  if (!sub.isWanted || !isUp(state.connection) || !isReaderKnown(state)) return
  const code = state.sessions.current === null ? 'sign-in-needed' : 'forbidden'
  refuseTo(state, turn, sub, refuse(code))
}

/** Ends the subscription on this connection; it may be asked for again once the server said so. */
export function end(state: EngineState, turn: Turn, sub: Subscription): void {
  switch (sub.link.kind) {
    case 'asked':
    case 'assembling':
    case 'catching-up':
    case 'attached':
      sub.link = { kind: 'ending', at: turn.now }
      state.channels.fresh.add(sub.replica.channel.name)
      sendFrame(state, turn, { t: 'unsubscribe', channel: sub.replica.channel.name })
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
  state: EngineState,
  turn: Turn,
  sub: Subscription,
  why: { code: string; message: string },
): void {
  const { name } = sub.replica.channel
  sub.refused = { code: why.code, message: why.message }
  if (sub.toldRefusal === why.code) return
  sub.toldRefusal = why.code
  announce(state.bus, turn, { t: 'replaced', channel: name })
  if (sub.host !== 'absent') {
    turn.effects.push({ kind: 'observe', observation: { kind: 'refused', channel: name, ...sub.refused } })
  }
}

/** The person changed, or the server knows the person now: what was refused may be allowed. */
export function readerChanged(state: EngineState): void {
  for (const sub of state.channels.subscriptions.values()) sub.refused = null
  state.channels.dirty = true
}

// ------------------------------------------------------------------------------------------------- connection

export function channelsDisconnected(state: EngineState): void {
  for (const sub of state.channels.subscriptions.values()) {
    if (sub.link.kind === 'attached') state.channels.fresh.add(sub.replica.channel.name)
    if (sub.link.kind !== 'loading') sub.link = { kind: 'apart' }
  }
}

/** What private channels leave behind when their person goes: nothing (P9). Their rows are read only with that person. */
export function purgePrivate(state: EngineState, turn: Turn): void {
  const { subscriptions, stored } = state.channels
  for (const sub of subscriptions.values()) {
    if (isPrivate(sub.replica.channel)) sub.lastToken = save(state.ledger, turn, emptyReplica(sub.replica))
  }
  for (const name of stored.keys()) {
    const channel = parseChannel(name)
    if (channel === null || !isPrivate(channel)) continue
    save(state.ledger, turn, emptyReplica(newReplica(channel, undefined)))
    stored.delete(name)
  }
}

function isPrivate(channel: Channel): boolean {
  return channel.domain === 'prefs' || channel.domain === 'inbox'
}

/** Forgets the memory of channels nobody wants once all of it is on disk. Called every second. */
export function sweepChannels(state: EngineState): void {
  const { subscriptions, stored } = state.channels
  for (const [name, sub] of subscriptions) {
    if (sub.isWanted || sub.link.kind !== 'apart' || sub.lastToken > state.ledger.durable) continue
    subscriptions.delete(name)
    if (sub.replica.cursor !== null) stored.set(name, channelRow(sub.replica))
  }
}
