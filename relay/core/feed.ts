/** What the server says about a subscription: pages, events, resets, refusals, and the heartbeat's word on freshness. */
import { URGENT_CHANNEL, type ChannelName } from '../protocol/channels.ts'
import { ERRORS, isErrorCode } from '../protocol/errors.ts'
import type { StoredEvent } from '../protocol/events.ts'
import type { ServerFrameOf } from '../protocol/frames.ts'
import type { Epoch } from '../protocol/ids.ts'
import type { Observation, Write } from '../ports.ts'
import { announce } from './bus.ts'
import { end, refuseTo, type Link, type Subscription } from './channels.ts'
import { save, type AfterWrite } from './ledger.ts'
import { boundAuthor } from './reading.ts'
import { isNew } from './recent-ids.ts'
import { addPage, applyEvents, emptyReplica, isOvergrown, rowWrite, swapIn } from './replica.ts'
import { sendFrame, type EngineState } from './state.ts'
import type { Turn } from './turn.ts'
import { channelView } from './view.ts'

/** A link that should move and does not for this long is rebuilt. */
export const LINK_STALL_MS = 30_000
/** Pause after a refusal that passes by itself. */
const PAUSE_MS = 5_000
/** How much older the stored confirmation may be than the one in memory: it costs a write. */
const CONFIRM_STORE_MS = 60_000
/** How much older the stored time at which somebody wanted a channel may be. */
const WANTED_STORE_MS = 24 * 3_600_000

export function subscribedReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'subscribed'>): void {
  const sub = find(state, frame.channel, 'asked')
  if (sub === null) return
  const { replica } = sub
  if (replica.channel.kind === 'live') {
    sub.toldRefusal = null
    return confirmLive(state, turn, sub)
  }
  if (sub.fromStart) replica.cursor = { epoch: frame.epoch, offset: frame.offset, id: frame.id }
  // Without a cursor a snapshot follows; its pages say where they stand.
  if (replica.cursor === null || sub.renews) return
  if (replica.cursor.epoch !== frame.epoch || replica.cursor.offset !== frame.offset) {
    return gap(state, turn, sub, 'subscribed elsewhere')
  }
  reached(state, turn, sub, frame.top)
}

export function resetReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'reset'>): void {
  const sub = find(state, frame.channel, 'asked', 'assembling', 'catching-up', 'attached')
  if (sub === null) return
  const { channel, reason, lost } = frame
  sub.link = { kind: 'assembling', at: turn.now, assembly: null, reset: { kind: 'reset', channel, reason, lost } }
  sub.fromStart = false
  state.channels.fresh.add(channel)
  turn.effects.push({ kind: 'log', level: 'warn', event: 'channel-reset', fields: { channel, reason, lost } })
}

export function snapshotReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'snapshot'>): void {
  const sub = find(state, frame.channel, 'asked', 'assembling')
  if (sub === null) return
  const before = sub.link.kind === 'assembling' ? sub.link : null
  const assembly = addPage(before?.assembly ?? null, frame)
  if (assembly === null) return gap(state, turn, sub, 'page out of order')
  const reset = before?.reset ?? null
  sub.link = { kind: 'assembling', at: turn.now, assembly, reset }
  if (!frame.last) return sendFrame(state, turn, { t: 'credit', channel: frame.channel, pages: 1 })
  const writes = swapIn(sub.replica, assembly)
  sub.fromStart = false
  sub.renews = false
  reached(state, turn, sub, frame.offset)
  announce(state.bus, turn, { t: 'replaced', channel: frame.channel })
  const observations: Observation[] = []
  if (sub.host !== 'absent') {
    if (reset !== null) observations.push(reset)
    observations.push({ kind: 'snapshot', view: channelView(state, sub) })
    sub.host = 'following'
  }
  store(state, turn, sub, { writes: [...writes, rowWrite(sub.replica)], observations, pages: 1 })
}

export function pageReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'page'>): void {
  const sub = find(state, frame.channel, 'catching-up', 'attached')
  if (sub === null) return
  arrive(state, turn, sub, { epoch: frame.epoch, events: frame.events, pages: 1, top: frame.top })
}

export function eventReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'event'>): void {
  const sub = find(state, frame.channel, 'catching-up', 'attached')
  if (sub === null) return
  const { t: _t, channel: _channel, epoch, ...event } = frame
  arrive(state, turn, sub, { epoch, events: [event], pages: 0, top: null })
}

interface Arrival {
  readonly epoch: Epoch
  readonly events: readonly StoredEvent[]
  /** Pages this was: credit to give back. */
  readonly pages: number
  /** The store's top, where it is named. */
  readonly top: number | null
}

function arrive(state: EngineState, turn: Turn, sub: Subscription, { epoch, events, pages, top }: Arrival): void {
  const { channel } = sub.replica
  const applied = applyEvents(sub.replica, epoch, events)
  const observations: Observation[] = []
  for (const event of applied.events) {
    // An event can come a second time under another offset after a restore; it is told once.
    if (!isNew(state.channels.recent, `${channel.name} ${event.id}`)) continue
    announce(state.bus, turn, { t: 'event', channel: channel.name, epoch, event })
    if (sub.host === 'following') observations.push({ kind: 'event', channel: channel.name, epoch, event })
  }
  if (applied.events.length > 0) sub.fromStart = false
  if (applied.events.length > 0 || pages > 0) store(state, turn, sub, { writes: applied.writes, observations, pages })
  if (applied.gap) return gap(state, turn, sub, 'offset skipped')
  if (isOvergrown(sub.replica)) {
    sub.renews = true
    return gap(state, turn, sub, 'document overgrown')
  }
  const target = top ?? (sub.link.kind === 'catching-up' ? sub.link.top : null)
  if (target !== null) reached(state, turn, sub, target)
}

/** Puts rows and cursor on disk; credit and observations follow when they are. */
function store(
  state: EngineState,
  turn: Turn,
  sub: Subscription,
  { writes, observations, pages }: { writes: readonly Write[]; observations: readonly Observation[]; pages: number },
): void {
  const { cursor, channel } = sub.replica
  if (cursor === null) return
  const { generation } = state.connection
  const then: AfterWrite = {
    kind: 'channelStored',
    channel: channel.name,
    at: { epoch: cursor.epoch, offset: cursor.offset },
    credit: pages === 0 ? null : { generation, pages },
    observations,
  }
  sub.lastToken = save(state.ledger, turn, writes, then)
  sub.storedConfirmedAt = sub.replica.confirmedAt
}

export function channelStored(
  state: EngineState,
  turn: Turn,
  done: Extract<AfterWrite, { kind: 'channelStored' }>,
): void {
  for (const observation of done.observations) turn.effects.push({ kind: 'observe', observation })
  const sub = state.channels.subscriptions.get(done.channel)
  if (sub === undefined) return
  sub.durable = done.at
  const { credit } = done
  const isActive = sub.link.kind === 'attached' || sub.link.kind === 'catching-up'
  if (credit === null || credit.generation !== state.connection.generation || !isActive) return
  sendFrame(state, turn, { t: 'credit', channel: done.channel, pages: credit.pages })
}

export function unsubscribedReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'unsubscribed'>): void {
  const sub = state.channels.subscriptions.get(frame.channel as ChannelName)
  if (sub === undefined || sub.link.kind === 'loading' || sub.link.kind === 'apart') return
  const wasEnding = sub.link.kind === 'ending'
  state.channels.dirty = true
  state.channels.fresh.add(sub.replica.channel.name)
  sub.link = { kind: 'apart' }
  // The token ran out while the person is still signed in: it is asked for again when the server knows them again. It may
  // by now, for what it sends of other lanes overtakes this; but asked at once, one that never will would be asked in a loop.
  const isInterlude = frame.code === 'sign-in-needed' && state.sessions.current !== null
  if (isInterlude && boundAuthor(state) !== null) sub.link = { kind: 'paused', until: turn.now + PAUSE_MS }
  if (!wasEnding && !isInterlude && frame.code !== undefined)
    refused(state, turn, sub, { code: frame.code, message: frame.message })
}

/** An `error` frame about a channel. */
export function channelErrorReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'error'>): void {
  const sub = state.channels.subscriptions.get((frame.channel ?? '') as ChannelName)
  // `not-subscribed` answers an `unsubscribe` that crossed the server's own end.
  if (sub === undefined) return
  if (frame.code === 'not-subscribed') {
    if (sub.link.kind === 'ending') sub.link = { kind: 'apart' }
    state.channels.dirty = true
  } else if (frame.code === 'already-subscribed') end(state, turn, sub)
  else if (sub.link.kind === 'asked') {
    sub.link = { kind: 'apart' }
    state.channels.dirty = true
    refused(state, turn, sub, frame)
  }
}

function refused(
  state: EngineState,
  turn: Turn,
  sub: Subscription,
  why: { code: string; message: string | undefined },
): void {
  const { code } = why
  // What passes by itself is asked again; what does not, when the person or the connection changes.
  if (!isErrorCode(code) || ERRORS[code].who === 'nobody' || ERRORS[code].who === 'admin') {
    sub.link = { kind: 'paused', until: turn.now + PAUSE_MS }
    return
  }
  if (code === 'forbidden' || code === 'unknown-channel') {
    sub.lastToken = save(state.ledger, turn, emptyReplica(sub.replica))
  }
  refuseTo(state, turn, sub, { code, message: why.message ?? ERRORS[code].says })
}

/** The subscription, if its link is in one of these states; what comes in another belongs to a subscription that is over. */
function find(state: EngineState, name: ChannelName, ...kinds: readonly Link['kind'][]): Subscription | null {
  const sub = state.channels.subscriptions.get(name)
  return sub !== undefined && kinds.includes(sub.link.kind) ? sub : null
}

// -------------------------------------------------------------------------------------------------- freshness

/** The heartbeat compares what was written to us with what we have, and what exists with what we have (H3). */
export function freshnessReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'pong'>): void {
  for (const sub of state.channels.subscriptions.values()) {
    const { channel, cursor } = sub.replica
    const isActive = sub.link.kind === 'attached' || sub.link.kind === 'catching-up'
    if (isActive && channel.kind === 'live') confirmLive(state, turn, sub)
    if (!isActive || cursor === null || channel.kind === 'live') continue
    const said = frame.channels[channel.name]
    sub.unnamed = said === undefined ? sub.unnamed + 1 : 0
    if (said === undefined) {
      // Once may be a subscription that was just being made.
      if (sub.unnamed > 1) gap(state, turn, sub, 'not subscribed any more')
    } else if (said.epoch !== cursor.epoch) gap(state, turn, sub, 'another epoch')
    else if (said.written > cursor.offset) gap(state, turn, sub, 'written and not received')
    else reached(state, turn, sub, said.top)
  }
}

/** A live channel has nothing to miss: as long as the link is proved it is confirmed (M1). */
function confirmLive(state: EngineState, turn: Turn, sub: Subscription): void {
  sub.link = { kind: 'attached' }
  sub.replica.confirmedAt = turn.wall
  state.channels.fresh.add(sub.replica.channel.name)
}

/** Where the channel stands now that its top is known. */
function reached(state: EngineState, turn: Turn, sub: Subscription, top: number): void {
  const { channel, cursor } = sub.replica
  if (cursor === null) return
  sub.toldRefusal = null
  const since = sub.link.kind === 'catching-up' && sub.link.top === top ? sub.link.at : turn.now
  if (cursor.offset < top) sub.link = { kind: 'catching-up', at: since, top }
  else {
    sub.link = { kind: 'attached' }
    sub.replica.confirmedAt = turn.wall
  }
  state.channels.fresh.add(channel.name)
}

function gap(state: EngineState, turn: Turn, sub: Subscription, why: string): void {
  const { name } = sub.replica.channel
  turn.effects.push({ kind: 'log', level: 'warn', event: 'channel-gap', fields: { channel: name, why } })
  end(state, turn, sub)
}

/** Every second: ends pauses, stores confirmations. True when a link hangs and the connection has to be rebuilt. */
export function watchChannels(state: EngineState, turn: Turn): boolean {
  const writes: Write[] = []
  let hangs = false
  for (const sub of state.channels.subscriptions.values()) {
    const { link, replica } = sub
    if (link.kind === 'paused' && turn.now >= link.until) {
      sub.link = { kind: 'apart' }
      state.channels.dirty = true
    }
    const isStill = 'at' in link && turn.now - link.at > LINK_STALL_MS
    if (isStill && link.kind === 'catching-up') gap(state, turn, sub, 'no page')
    else if (isStill) hangs = true
    const isWantedNews = sub.isWanted && turn.wall - (replica.wantedAt ?? 0) >= WANTED_STORE_MS
    if (isWantedNews) replica.wantedAt = turn.wall
    const isConfirmedNews = (replica.confirmedAt ?? 0) - (sub.storedConfirmedAt ?? 0) >= CONFIRM_STORE_MS
    if (replica.cursor !== null && (isWantedNews || isConfirmedNews)) {
      sub.storedConfirmedAt = replica.confirmedAt
      writes.push(rowWrite(replica))
    }
  }
  if (writes.length > 0) save(state.ledger, turn, writes)
  return hangs
}

/** Whether the urgent channel is complete: what makes the connection `live`. */
export function isUrgentComplete(state: EngineState): boolean {
  return state.channels.subscriptions.get(URGENT_CHANNEL)?.link.kind === 'attached'
}
