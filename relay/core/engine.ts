/**
 * The relay as a value: everything that happens comes in as an `Input` with its `Moment`, everything to be done comes out
 * as an `Effect`. Composes the parts; decides nothing that a part could decide. The rules are in `SPEC.md`.
 *
 * `step` owns the state it is given and changes it in place (`state.ts` says why); use only what it returns.
 */
import type { OutboxView } from '../protocol/local.ts'
import { unreachable } from '../protocol/rights.ts'
import type { Row, Write } from '../ports.ts'
import { answer } from './answers.ts'
import { readHorizon } from './arrivals.ts'
import { announce, newBus } from './bus.ts'
import {
  channelLoaded,
  hostSubscribes,
  hostUnsubscribes,
  newChannels,
  purgePrivate,
  reconcile,
  sweepChannels,
} from './channels.ts'
import { connectionDeadline, INITIAL_CONNECTION, isUp } from './connection-state.ts'
import { openGate, pumpOutbox, watchOutbox } from './delivery.ts'
import type { Effect } from './effects.ts'
import { channelStored, isUrgentComplete, watchChannels } from './feed.ts'
import { frameReceived } from './frames-in.ts'
import { seriesRead } from './history.ts'
import type { Input, Start } from './inputs.ts'
import { newLedger, save, takeDurable, type AfterWrite } from './ledger.ts'
import { newLive, tellLive } from './live.ts'
import { outboxRestarted, pageReviewed, review, reviewRead } from './outbox-restart.ts'
import {
  isEmpty,
  laneLoaded,
  loadHeads,
  metaWrite,
  newOutbox,
  outboxDeadline,
  outboxView,
  resultStored,
} from './outbox.ts'
import type { Query } from './query.ts'
import { isCurrent } from './reading.ts'
import { newReceipts, pumpReceipts, receiptStored } from './receipts.ts'
import { forgetRefs } from './refs.ts'
import { refsRead, walkRefs } from './refs-walk.ts'
import { pruneReplicas } from './replica-pruning.ts'
import { LAYOUT, type OutboxMeta, type SessionRow, type SiteRow } from './rows.ts'
import { markDismissed, markSeen, resultSeen } from './seen.ts'
import {
  newSessions,
  refreshed,
  restoreEndings,
  sessionsDeadline,
  signedIn,
  signIn,
  signOut,
  watchSessions,
} from './sessions.ts'
import type { EngineState, Identity } from './state.ts'
import { arrivalRead, commandSaved, refuseUnsaved, submit } from './submit.ts'
import type { Moment, Turn } from './turn.ts'
import { drive } from './uplink.ts'
import { sessionView, statusView } from './view.ts'
import { newWindows, sendTops, windowAttached, windowDetached, windowSpoke } from './windows.ts'

export interface EngineStep {
  readonly state: EngineState
  readonly effects: readonly Effect[]
}

/** A wall clock that moves this much between two ticks, or apart from the other clock: the machine slept, or was set. */
const JUMP_MS = 5_000
/**
 * Consequences that may wait for a failing disk. Beyond it the link is dropped and retried slowly: what is not read yet
 * waits on the server, and nothing is dropped here.
 */
export const MAX_UNWRITTEN = 20_000

/** The engine as the disk left it. A new device writes its name first; it connects when that is durable. */
export function createEngine(identity: Identity, start: Start, moment: Moment): EngineStep {
  const meta = new Map(start.tables.meta.map((row) => [row.key, row.value]))
  const known = meta.get('outbox') as OutboxMeta | undefined
  const fresh: OutboxMeta = {
    epoch: start.outboxEpoch as OutboxMeta['epoch'],
    incarnation: null,
    next: { urgent: 1, normal: 1 },
  }
  const state: EngineState = {
    identity,
    paging: start.paging,
    connection: INITIAL_CONNECTION,
    ledger: newLedger(),
    bus: newBus(start.life),
    outbox: newOutbox(known ?? fresh, start.tables.outbox, start.paging),
    channels: newChannels(start.tables.channels),
    sessions: newSessions((meta.get('session') as SessionRow | undefined) ?? null),
    receipts: newReceipts(start.tables.receipts),
    windows: newWindows(),
    live: newLive(),
    seriesReads: 0,
    site: (meta.get('site') as SiteRow | undefined) ?? { areas: [], deviceAreas: [] },
    deviceToken: null,
    fresh: start.life,
    serverTime: null,
    storage: 'working',
    isReviewing: false,
    lastTick: null,
    notLiveSince: moment.wall,
    told: { status: null, outbox: null, connection: null, storage: 'working' },
  }
  const highest = meta.get('server-time') as string | undefined
  if (highest !== undefined) state.serverTime = { iso: highest, at: moment.now, storedAt: moment.now }
  const turn: Turn = { ...moment, effects: [] }
  const session = sessionView(state.sessions.current)
  turn.effects.push({ kind: 'observe', observation: { kind: 'session', session } })
  walkRefs(state, turn, 'start')
  if (session === null) purgePrivate(state, turn)
  pruneReplicas(state, turn)
  // Before anything else of this life: an older program must not take what this one writes for its own.
  const layout: Write[] =
    meta.get('layout') === LAYOUT ? [] : [{ op: 'put', table: 'meta', key: 'layout', value: LAYOUT }]
  if (known === undefined) {
    save(state.ledger, turn, [metaWrite(state.outbox, turn.now), ...layout], { kind: 'engineReady' })
  } else {
    if (layout.length > 0) save(state.ledger, turn, layout)
    drive(state, turn, { kind: 'start' })
  }
  restoreEndings(state, turn, start)
  review(state, turn)
  finish(state, turn)
  return { state, effects: turn.effects }
}

/** One input. Deterministic: the same state, input and moment give the same state and effects. */
export function step(state: EngineState, input: Input, moment: Moment): EngineStep {
  const turn: Turn = { ...moment, effects: [] }
  take(state, turn, input)
  finish(state, turn)
  return { state, effects: turn.effects }
}

/** When `timeReached` is due (monotonic), whatever else happens; null when nothing waits for time. */
export function deadline(state: EngineState): number | null {
  const times = [
    connectionDeadline(state.connection),
    outboxDeadline(state.outbox),
    sessionsDeadline(state),
    state.live.due,
    tellOutboxAt(state),
  ]
  return times.reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null)
}

/** Nothing is on its way to the server or to this disk, as far as the engine knows, and the host was told every result. */
export function isIdle({ outbox }: EngineState): boolean {
  return isEmpty(outbox) && outbox.refs.walk === null
}

function take(state: EngineState, turn: Turn, input: Input): void {
  switch (input.kind) {
    case 'stopped':
      return drive(state, turn, { kind: 'stop' })
    case 'rowsRead':
      return rowsRead(state, turn, input.query, input.rows)
    case 'readFailed':
      // Only of a command that arrives is it told: everything else is read again until it succeeds.
      return input.query.kind === 'arrival' ? arrivalRead(state, turn, input.query, null) : undefined
    case 'socketOpened':
      if (input.generation === state.connection.generation) state.fresh = input.fresh
      return drive(state, turn, { kind: 'socketOpened', generation: input.generation, name: input.fresh })
    case 'socketClosed':
    case 'proved':
    case 'proofFailed':
      return drive(state, turn, input)
    case 'frameReceived':
      return frameReceived(state, turn, input.generation, input.frame)
    case 'written':
      state.storage = 'working'
      for (const done of takeDurable(state.ledger, input.upTo)) carryOn(state, turn, done)
      return
    case 'writeFailed':
      state.storage = 'failing'
      return refuseUnsaved(state, turn)
    case 'ticked':
      return tick(state, turn)
    case 'timeReached':
      return watch(state, turn)
    case 'hinted':
      return drive(state, turn, { kind: input.hint === 'offline' ? 'wentOffline' : 'woke' })
    case 'signedIn':
      return signedIn(state, turn, input)
    case 'refreshed':
      return refreshed(state, turn, input.attempt, input.result)
    case 'submitted':
      return submit(state, turn, input)
    case 'subscribed':
      return hostSubscribes(state, turn, input.channel, input.from)
    case 'unsubscribed':
      return hostUnsubscribes(state, input.channel)
    case 'resultSeen':
      return resultSeen(state, turn, input.ref, input.origin)
    case 'signInAsked':
      return signIn(state, turn, input)
    case 'signOutAsked':
      return signOut(state, turn, input)
    case 'retryPressed':
      return drive(state, turn, { kind: 'retryPressed' })
    case 'seriesRead':
      return seriesRead(state, turn, input)
    case 'windowAttached':
      return windowAttached(state, input.port)
    case 'windowDetached':
      return windowDetached(state, input.port)
    case 'windowSpoke':
      if (input.message.t === 'retry') return drive(state, turn, { kind: 'retryPressed' })
      return windowSpoke(state, turn, input)
    default:
      return unreachable(input)
  }
}

/** What the disk holds, for whoever asked. */
function rowsRead(state: EngineState, turn: Turn, query: Query, rows: readonly Row[]): void {
  switch (query.kind) {
    case 'channel':
      return channelLoaded(state, turn, query.channel, rows)
    case 'lane':
      return laneLoaded(state.outbox, query, rows)
    case 'arrival':
      return arrivalRead(state, turn, query, rows)
    case 'seen':
      return markSeen(state, turn, query, rows)
    case 'dismissed':
      return markDismissed(state, turn, query.ref, rows)
    case 'review':
      return reviewRead(state, turn, query, rows)
    case 'refs':
      return refsRead(state, turn, rows)
    default:
      return unreachable(query)
  }
}

/** What had to wait for the disk. */
function carryOn(state: EngineState, turn: Turn, done: AfterWrite): void {
  switch (done.kind) {
    case 'engineReady':
      return drive(state, turn, { kind: 'start' })
    case 'commandSaved':
      return commandSaved(state, turn, done.id)
    case 'resultStored':
      return resultStored(state, turn, done)
    case 'outboxReady':
      if (done.generation === state.connection.generation && isUp(state.connection)) openGate(state, turn)
      return
    case 'outboxRestarted': {
      outboxRestarted(state, turn)
      const trouble = { code: done.code, says: done.says }
      return drive(state, turn, { kind: 'dropped', trouble, retry: 'soon' })
    }
    case 'reviewed':
      return pageReviewed(state, turn, done)
    case 'channelStored':
      return channelStored(state, turn, done)
    case 'receiptStored':
      return receiptStored(state, done.key)
    case 'answer':
      return answer(turn, done.origin, { ok: true, value: null })
    default:
      return unreachable(done)
  }
}

// ----------------------------------------------------------------------------------------------------------- time

function tick(state: EngineState, turn: Turn): void {
  const last = state.lastTick
  state.lastTick = { now: turn.now, wall: turn.wall }
  const moved = last === null ? 0 : turn.wall - last.wall
  const elapsed = last === null ? 0 : turn.now - last.now
  // Asleep, both clocks may have stood still or gone on; set, only one of them moved.
  if (moved > JUMP_MS || Math.abs(moved - elapsed) > JUMP_MS) drive(state, turn, { kind: 'woke' })
  watch(state, turn)
  sweepChannels(state)
  sendTops(state, turn)
  const isHour = last !== null && Math.floor(last.wall / 3_600_000) !== Math.floor(turn.wall / 3_600_000)
  if (!isHour) return
  walkRefs(state, turn, 'prune')
  pruneReplicas(state, turn)
}

/** Everything that has a deadline looks at the clock: no queue depends on new input to move (pitfall 19). */
function watch(state: EngineState, turn: Turn): void {
  drive(state, turn, { kind: 'timeReached' })
  watchSessions(state, turn)
  watchOutbox(state, turn)
  tellLive(state, turn)
  if (watchChannels(state, turn)) {
    drive(state, turn, { kind: 'dropped', trouble: STALLED, retry: 'backoff' })
  }
}

const STALLED = { code: 'stalled', says: 'The server does not answer a subscription.' }
const DISK = { code: 'storage-failed', says: 'This device cannot write to its disk, so it reads no further.' }

// ------------------------------------------------------------------------------------------------ after each step

/** What follows from the new state, whichever part changed it. */
function finish(state: EngineState, turn: Turn): void {
  if (state.storage === 'failing' && state.ledger.waiting.length > MAX_UNWRITTEN && isUp(state.connection)) {
    drive(state, turn, { kind: 'dropped', trouble: DISK, retry: 'slow' })
  }
  if (state.channels.dirty) reconcile(state, turn)
  if (state.connection.kind === 'resuming' && isUrgentComplete(state)) drive(state, turn, { kind: 'caughtUp' })
  pumpOutbox(state, turn)
  loadHeads(state, turn)
  // Here and not where references change: a queue that drains changes them without anything new coming in.
  forgetRefs(state.outbox.refs, readHorizon(state.outbox, state.ledger))
  pumpReceipts(state, turn)
  tellFreshness(state, turn)
  tellStatus(state, turn)
  tellOutbox(state, turn)
}

function tellFreshness(state: EngineState, turn: Turn): void {
  const { fresh, subscriptions } = state.channels
  if (fresh.size === 0) return
  const entries = [...fresh].flatMap((name) => {
    const sub = subscriptions.get(name)
    if (sub === undefined) return []
    return [[name, { confirmedAt: sub.replica.confirmedAt, current: isCurrent(state, sub) }] as const]
  })
  fresh.clear()
  announce(state.bus, turn, { t: 'freshness', channels: Object.fromEntries(entries) })
}

function tellStatus(state: EngineState, turn: Turn): void {
  const { told, connection, storage } = state
  if (told.connection === connection && told.storage === storage) return
  told.connection = connection
  told.storage = storage
  if (connection.kind === 'live') state.notLiveSince = null
  else state.notLiveSince ??= turn.wall
  const status = statusView(state, turn)
  const before = told.status
  told.status = status
  // Heartbeats change the connection and nothing that anybody sees.
  if (before !== null && JSON.stringify(before) === JSON.stringify(status)) return
  announce(state.bus, turn, { t: 'status', status })
  turn.effects.push({ kind: 'observe', observation: { kind: 'status', status } })
  if (before?.state === status.state) return
  const { state: name, code } = status
  turn.effects.push({ kind: 'log', level: 'info', event: 'connection', fields: { state: name, code } })
}

/** While many commands end or are saved, their number is told so often and no more: a person cannot read faster. */
export const TELL_OUTBOX_MS = 250

/** When a change that was held back is due; null when everything was told. */
function tellOutboxAt({ told, outbox }: EngineState): number | null {
  return told.outbox === null || isSameView(told.outbox.view, outboxView(outbox))
    ? null
    : told.outbox.at + TELL_OUTBOX_MS
}

function tellOutbox(state: EngineState, turn: Turn): void {
  const { told, outbox } = state
  const view = outboxView(outbox)
  const before = told.outbox
  const isEmptyNow = view.urgent + view.normal === 0
  if (isEmptyNow) outbox.ended = 0
  if (before !== null) {
    if (isSameView(before.view, view)) return
    // From nothing and to nothing at once: that is what people and programs wait for.
    const wasEmpty = before.view.urgent + before.view.normal === 0
    if (!isEmptyNow && !wasEmpty && turn.now < before.at + TELL_OUTBOX_MS) return
  }
  told.outbox = { view, at: turn.now }
  const { urgent, normal } = view
  announce(state.bus, turn, { t: 'outbox', outbox: view })
  if (before?.view.urgent === urgent && before.view.normal === normal) return
  turn.effects.push({ kind: 'observe', observation: { kind: 'outbox', pending: { urgent, normal } } })
}

function isSameView(a: OutboxView, b: OutboxView): boolean {
  return a.urgent === b.urgent && a.normal === b.normal && a.sending === b.sending
}
