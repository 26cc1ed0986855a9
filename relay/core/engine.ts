/**
 * The relay as a value: everything that happens comes in as an `Input` with its `Moment`, everything to be done comes out
 * as an `Effect`. Composes the parts; decides nothing that a part could decide. The rules are in `SPEC.md`.
 *
 * `step` owns the state it is given and changes it in place (`state.ts` says why); use only what it returns.
 */
import { unreachable } from '../protocol/rights.ts'
import { answer } from './answers.ts'
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
import type { Input, Start } from './inputs.ts'
import { newLedger, save, takeDurable, type AfterWrite } from './ledger.ts'
import { outboxRestarted } from './outbox-restart.ts'
import { metaWrite, newOutbox, outboxDeadline, pendingCounts, resultStored } from './outbox.ts'
import { isCurrent } from './reading.ts'
import { newReceipts, pumpReceipts, receiptStored } from './receipts.ts'
import { markSeen, pruneRefs, unseenResults } from './refs.ts'
import type { OutboxMeta, SessionRow, SiteRow } from './rows.ts'
import { newSessions, refreshed, sessionsDeadline, signedIn, signIn, signOut, watchSessions } from './sessions.ts'
import type { EngineState, Identity } from './state.ts'
import { commandSaved, refuseUnsaved, submit } from './submit.ts'
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
    connection: INITIAL_CONNECTION,
    ledger: newLedger(),
    bus: newBus(start.life),
    outbox: newOutbox(known ?? fresh, start.tables.outbox, start.tables.refs),
    channels: newChannels(start.tables.channels),
    sessions: newSessions((meta.get('session') as SessionRow | undefined) ?? null),
    receipts: newReceipts(start.tables.receipts),
    windows: newWindows(),
    site: (meta.get('site') as SiteRow | undefined) ?? { areas: [], deviceAreas: [] },
    deviceToken: null,
    fresh: start.life,
    serverTime: null,
    storage: 'working',
    lastTick: null,
    notLiveSince: moment.wall,
    told: { status: null, pending: null, connection: null, storage: 'working' },
  }
  const highest = meta.get('server-time') as string | undefined
  if (highest !== undefined) state.serverTime = { iso: highest, at: moment.now, storedAt: moment.now }
  const turn: Turn = { ...moment, effects: [] }
  const session = sessionView(state.sessions.current)
  turn.effects.push({ kind: 'observe', observation: { kind: 'session', session } })
  for (const observation of unseenResults(state.outbox.refs)) turn.effects.push({ kind: 'observe', observation })
  if (session === null) purgePrivate(state, turn)
  const pruned = pruneRefs(state.outbox.refs, turn.wall)
  if (pruned.length > 0) save(state.ledger, turn, pruned)
  if (known === undefined) save(state.ledger, turn, [metaWrite(state.outbox)], { kind: 'engineReady' })
  else drive(state, turn, { kind: 'start' })
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
  const times = [connectionDeadline(state.connection), outboxDeadline(state.outbox), sessionsDeadline(state)]
  return times.reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null)
}

function take(state: EngineState, turn: Turn, input: Input): void {
  switch (input.kind) {
    case 'stopped':
      return drive(state, turn, { kind: 'stop' })
    case 'channelLoaded':
      return channelLoaded(state, turn, input.channel, input.rows)
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
    case 'resultSeen': {
      const write = markSeen(state.outbox.refs, input.ref, turn.wall)
      save(state.ledger, turn, write === null ? [] : [write], { kind: 'answer', origin: input.origin })
      return
    }
    case 'signInAsked':
      return signIn(state, turn, input)
    case 'signOutAsked':
      return signOut(state, turn, input)
    case 'retryPressed':
      return drive(state, turn, { kind: 'retryPressed' })
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

/** What had to wait for the disk. */
function carryOn(state: EngineState, turn: Turn, done: AfterWrite): void {
  switch (done.kind) {
    case 'engineReady':
      return drive(state, turn, { kind: 'start' })
    case 'commandSaved':
      return commandSaved(state, turn, done.id)
    case 'resultStored':
      return resultStored(state, turn, done.id)
    case 'outboxReady':
      if (done.generation === state.connection.generation && isUp(state.connection)) openGate(state, turn)
      return
    case 'outboxRestarted': {
      outboxRestarted(state, turn, done.rejected)
      const trouble = { code: done.code, says: done.says }
      return drive(state, turn, { kind: 'dropped', trouble, retry: 'soon' })
    }
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
  const pruned = isHour ? pruneRefs(state.outbox.refs, turn.wall) : []
  if (pruned.length > 0) save(state.ledger, turn, pruned)
}

/** Everything that has a deadline looks at the clock: no queue depends on new input to move (pitfall 19). */
function watch(state: EngineState, turn: Turn): void {
  drive(state, turn, { kind: 'timeReached' })
  watchSessions(state, turn)
  watchOutbox(state, turn)
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
  pumpReceipts(state, turn)
  tellFreshness(state, turn)
  tellStatus(state, turn)
  tellPending(state, turn)
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

function tellPending(state: EngineState, turn: Turn): void {
  const pending = pendingCounts(state.outbox)
  const before = state.told.pending
  if (before !== null && before.urgent === pending.urgent && before.normal === pending.normal) return
  state.told.pending = pending
  turn.effects.push({ kind: 'observe', observation: { kind: 'outbox', pending } })
}
