/** What the server says about a subscription: pages, events, resets, refusals. */
import { isNew } from '../../domain/recent.ts'
import type { ChannelName } from '../../protocol/channels.ts'
import { ERRORS, isErrorCode } from '../../protocol/errors.ts'
import type { StoredEvent } from '../../protocol/events.ts'
import type { ServerFrameOf } from '../../protocol/frames.ts'
import type { Epoch } from '../../protocol/ids.ts'
import type { Observation, Write } from '../../ports.ts'
import { save } from '../disk/ledger.ts'
import { sendFrame } from '../link/link.ts'
import type { AfterWrite } from '../step/from-disk.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { boundAuthor } from '../tell/reading.ts'
import { gap, reached } from './freshness.ts'
import { beginLive } from './live.ts'
import { addPage, applyEvents, emptyReplica, replaceBySnapshot, rowWrite } from './replica.ts'
import type { ChannelsState, Link, Subscription } from './slice.ts'
import { end, refuseTo } from './subscriptions.ts'
import { channelView } from './view.ts'

/** Pause after a refusal that passes by itself. */
const PAUSE_MS = 5_000

export function subscribedReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'subscribed'>): void {
  const sub = find(channels, frame.channel, 'asked')
  if (sub === null) return
  const { replica } = sub
  if (replica.channel.kind === 'live') {
    sub.toldRefusal = null
    return beginLive(channels, turn, sub, frame.values ?? 0)
  }
  if (sub.fromStart) replica.cursor = { epoch: frame.epoch, offset: frame.offset, id: frame.id }
  // Without a cursor a snapshot follows; its pages say where they stand.
  if (replica.cursor === null) return
  if (replica.cursor.epoch !== frame.epoch || replica.cursor.offset !== frame.offset) {
    return gap(channels, turn, sub, 'subscribed elsewhere')
  }
  reached(channels, turn, sub, frame.top)
}

export function resetReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'reset'>): void {
  const sub = find(channels, frame.channel, 'asked', 'assembling', 'catching-up', 'attached')
  if (sub === null) return
  const { channel, reason, lost } = frame
  sub.link = { kind: 'assembling', at: turn.now, assembly: null, reset: { kind: 'reset', channel, reason, lost } }
  sub.fromStart = false
  channels.fresh.add(channel)
  turn.effects.push({ kind: 'log', level: 'warn', event: 'channel-reset', fields: { channel, reason, lost } })
}

export function snapshotReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'snapshot'>): void {
  const sub = find(channels, frame.channel, 'asked', 'assembling')
  if (sub === null) return
  const before = sub.link.kind === 'assembling' ? sub.link : null
  const assembly = addPage(before?.assembly ?? null, frame)
  if (assembly === null) return gap(channels, turn, sub, 'page out of order')
  const reset = before?.reset ?? null
  sub.link = { kind: 'assembling', at: turn.now, assembly, reset }
  if (!frame.last) return sendFrame(turn, { t: 'credit', channel: frame.channel, pages: 1 })
  const writes = replaceBySnapshot(sub.replica, assembly)
  sub.fromStart = false
  reached(channels, turn, sub, frame.offset)
  announce(turn, { t: 'replaced', channel: frame.channel })
  const observations: Observation[] = []
  if (sub.host !== 'absent') {
    if (reset !== null) observations.push(reset)
    observations.push({ kind: 'snapshot', view: channelView(turn, sub) })
    sub.host = 'following'
  }
  store(turn, sub, { writes: [...writes, rowWrite(sub.replica)], observations, pages: 1 })
}

export function pageReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'page'>): void {
  const sub = find(channels, frame.channel, 'catching-up', 'attached')
  if (sub === null) return
  takeEvents(channels, turn, sub, { epoch: frame.epoch, events: frame.events, pages: 1, top: frame.top })
}

export function eventReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'event'>): void {
  const sub = find(channels, frame.channel, 'catching-up', 'attached')
  if (sub === null) return
  const { t: _t, channel: _channel, epoch, ...event } = frame
  takeEvents(channels, turn, sub, { epoch, events: [event], pages: 0, top: null })
}

interface Received {
  readonly epoch: Epoch
  readonly events: readonly StoredEvent[]
  /** Pages this was: credit to give back. */
  readonly pages: number
  /** The store's top, where it is named. */
  readonly top: number | null
}

function takeEvents(
  channels: ChannelsState,
  turn: Turn,
  sub: Subscription,
  { epoch, events, pages, top }: Received,
): void {
  const { channel } = sub.replica
  const applied = applyEvents(sub.replica, epoch, events)
  const observations: Observation[] = []
  for (const event of applied.events) {
    // An event can come a second time under another offset after a restore; it is told once.
    if (!isNew(channels.recent, `${channel.name} ${event.id}`)) continue
    announce(turn, { t: 'event', channel: channel.name, epoch, event })
    if (sub.host === 'following') observations.push({ kind: 'event', channel: channel.name, epoch, event })
  }
  if (applied.events.length > 0) sub.fromStart = false
  if (applied.events.length > 0 || pages > 0) store(turn, sub, { writes: applied.writes, observations, pages })
  if (applied.gap) return gap(channels, turn, sub, 'offset skipped')
  const target = top ?? (sub.link.kind === 'catching-up' ? sub.link.top : null)
  if (target !== null) reached(channels, turn, sub, target)
}

/** Puts rows and cursor on disk; credit and observations follow when they are. */
function store(
  turn: Turn,
  sub: Subscription,
  { writes, observations, pages }: { writes: readonly Write[]; observations: readonly Observation[]; pages: number },
): void {
  const { cursor, channel } = sub.replica
  if (cursor === null) return
  const { generation } = turn.link.connection
  const then: AfterWrite = {
    kind: 'channelStored',
    channel: channel.name,
    at: { epoch: cursor.epoch, offset: cursor.offset },
    credit: pages === 0 ? null : { generation, pages },
    observations,
  }
  sub.lastToken = save(turn, writes, then)
  sub.storedConfirmedAt = sub.replica.confirmedAt
}

export function channelStored(
  channels: ChannelsState,
  turn: Turn,
  done: Extract<AfterWrite, { kind: 'channelStored' }>,
): void {
  for (const observation of done.observations) turn.effects.push({ kind: 'observe', observation })
  const sub = channels.subscriptions.get(done.channel)
  if (sub === undefined) return
  sub.durable = done.at
  const { credit } = done
  const isActive = sub.link.kind === 'attached' || sub.link.kind === 'catching-up'
  if (credit === null || credit.generation !== turn.link.connection.generation || !isActive) return
  sendFrame(turn, { t: 'credit', channel: done.channel, pages: credit.pages })
}

export function unsubscribedReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'unsubscribed'>): void {
  const sub = channels.subscriptions.get(frame.channel as ChannelName)
  if (sub === undefined || sub.link.kind === 'loading' || sub.link.kind === 'apart') return
  const wasEnding = sub.link.kind === 'ending'
  channels.dirty = true
  channels.fresh.add(sub.replica.channel.name)
  sub.link = { kind: 'apart' }
  // The token ran out while the person is still signed in: it is asked for again when the server knows them again. It may
  // by now, for what it sends of other lanes overtakes this; but asked at once, one that never will would be asked in a loop.
  const isInterlude = frame.code === 'sign-in-needed' && turn.people.current !== null
  if (isInterlude && boundAuthor(turn) !== null) sub.link = { kind: 'paused', until: turn.now + PAUSE_MS }
  if (!wasEnding && !isInterlude && frame.code !== undefined)
    refused(turn, sub, { code: frame.code, message: frame.message })
}

/** An `error` frame about a channel. */
export function channelErrorReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'error'>): void {
  const sub = channels.subscriptions.get((frame.channel ?? '') as ChannelName)
  // `not-subscribed` answers an `unsubscribe` that crossed the server's own end.
  if (sub === undefined) return
  if (frame.code === 'not-subscribed') {
    if (sub.link.kind === 'ending') sub.link = { kind: 'apart' }
    channels.dirty = true
  } else if (frame.code === 'already-subscribed') end(channels, turn, sub)
  else if (sub.link.kind === 'asked') {
    sub.link = { kind: 'apart' }
    channels.dirty = true
    refused(turn, sub, frame)
  }
}

function refused(turn: Turn, sub: Subscription, why: { code: string; message: string | undefined }): void {
  const { code } = why
  // What passes by itself is asked again; what does not, when the person or the connection changes.
  if (!isErrorCode(code) || ERRORS[code].who === 'nobody' || ERRORS[code].who === 'admin') {
    sub.link = { kind: 'paused', until: turn.now + PAUSE_MS }
    return
  }
  if (code === 'forbidden' || code === 'unknown-channel') {
    sub.lastToken = save(turn, emptyReplica(sub.replica))
  }
  refuseTo(turn, sub, { code, message: why.message ?? ERRORS[code].says })
}

/** The subscription, if its link is in one of these states; what comes in another belongs to a subscription that is over. */
function find(channels: ChannelsState, name: ChannelName, ...kinds: readonly Link['kind'][]): Subscription | null {
  const sub = channels.subscriptions.get(name)
  return sub !== undefined && kinds.includes(sub.link.kind) ? sub : null
}
