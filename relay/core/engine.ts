/**
 * The relay as a value: everything that happens comes in as an `Input` with its `Moment`, everything to be done comes out
 * as an `Effect`. Composes the parts; decides nothing that a part could decide. The rules are in `SPEC.md`.
 *
 * `step` owns the state it is given and changes it in place (`state.ts` says why); use only what it returns.
 */
import { unreachable } from '../protocol/rights.ts'
import type { Row, Write } from '../ports.ts'
import { hostLags, hostSubscribes, hostUnsubscribes, windowCame, windowGone } from './channels/demand.ts'
import { channelStored } from './channels/frames.ts'
import { isUrgentComplete, tellFreshness, watchChannels } from './channels/freshness.ts'
import { tellLive } from './channels/live.ts'
import { pruneReplicas, purgePrivate, sweepChannels } from './channels/retention.ts'
import { channelLoaded, newChannels, reconcile } from './channels/subscriptions.ts'
import { newLedger, save, takeDurable } from './disk/ledger.ts'
import { LAYOUT, type OutboxMeta, type SessionRow, type SiteRow } from './disk/rows.ts'
import { expireFiles, fileKept, fileRowGone, giveFile, newFiles, sweepFiles } from './files/keeping.ts'
import { askFile, fileRead } from './files/reading.ts'
import { tellFiles, tellFilesAt } from './files/telling.ts'
import { pumpUploads, uploadAnswered, uploadsDeadline } from './files/uploads.ts'
import { socketSpoke, watchTrial } from './sockets-in.ts'
import { clocksTicked } from './link/clocks.ts'
import { attentionHinted, networkHinted, newLink, sendFrame } from './link/link.ts'
import { connectionDeadline, isUp, type Identity, type NetworkMemory } from './link/slice.ts'
import { tellStatus } from './link/status.ts'
import { readHorizon } from './outbox/arrivals.ts'
import { arrivalRead, submit } from './outbox/arrive.ts'
import { isEmpty, isUrgentWaiting, tellOutbox, tellOutboxAt } from './outbox/counts.ts'
import { hasToGreetAgain, outboxReady, pumpOutbox, watchOutbox } from './outbox/delivery.ts'
import { resultStored } from './outbox/ends.ts'
import { laneLoaded, loadHeads } from './outbox/heads.ts'
import { commandSaved } from './outbox/number.ts'
import { metaWrite, newOutbox, outboxDeadline } from './outbox/outbox.ts'
import { refsRead, walkRefs } from './outbox/refs-walk.ts'
import { forgetRefs } from './outbox/refs.ts'
import { refuseUnsaved } from './outbox/refuse.ts'
import { outboxRestarted, pageReviewed, review, reviewRead } from './outbox/restart.ts'
import { markDismissed, markSeen, resultSeen } from './outbox/seen.ts'
import { restoreEndings } from './people/ending.ts'
import { newPeople } from './people/session.ts'
import { signedIn, signIn } from './people/sign-in.ts'
import { signOut } from './people/sign-out.ts'
import { refreshed, sessionsDeadline, watchSessions } from './people/tokens.ts'
import { sessionView } from './people/view.ts'
import { hostTracks, newRooms, pumpRooms, roomsAwake, roomsDeadline, roomsSleep, windowLeft } from './rooms/rooms.ts'
import { pumpSignals, signal } from './rooms/signals.ts'
import type { EngineState } from './state.ts'
import type { Effect } from './step/effects.ts'
import type { AfterWrite, Query } from './step/from-disk.ts'
import type { Input, Start } from './step/inputs.ts'
import { seal } from './step/sealed.ts'
import type { Moment, Turn } from './step/turn.ts'
import { answer } from './tell/answers.ts'
import { newBus } from './tell/bus.ts'
import { drive, greetAgain } from './uplink.ts'
import { seriesRead } from './windows/history.ts'
import { pastRead, searchRead } from './windows/search.ts'
import { pumpReceipts, receiptStored } from './windows/receipts.ts'
import { newWindows, sendTops, windowSpoke } from './windows/windows.ts'

export interface EngineStep {
  readonly state: EngineState
  readonly effects: readonly Effect[]
}

/**
 * Consequences that may wait for a failing disk. Beyond it the link is dropped and retried slowly: what is not read yet
 * waits on the server, and nothing is dropped here.
 */
export const MAX_UNWRITTEN = 20_000

/** The engine as the disk left it. A new device writes its name first; it connects when that is durable. */
export function createEngine(identity: Identity, start: Start, moment: Moment): EngineStep {
  const { tables } = start
  const meta = new Map(tables.meta.map((row) => [row.key, row.value]))
  const known = meta.get('outbox') as OutboxMeta | undefined
  const fresh: OutboxMeta = {
    epoch: start.outboxEpoch as OutboxMeta['epoch'],
    incarnation: null,
    next: { urgent: 1, normal: 1 },
  }
  const session = (meta.get('session') as SessionRow | undefined) ?? null
  const site = (meta.get('site') as SiteRow | undefined) ?? { areas: [], deviceAreas: [] }
  const state: EngineState = {
    ledger: seal(newLedger()),
    bus: seal(newBus(start.life)),
    link: seal(
      newLink(identity, moment, {
        life: start.life,
        network: start.network,
        serverTime: meta.get('server-time') as string | undefined,
        memory: meta.get('ways') as NetworkMemory | undefined,
      }),
    ),
    files: seal(newFiles(tables.meta, tables.files)),
    outbox: seal(newOutbox(known ?? fresh, tables.outbox, start.paging)),
    channels: seal(newChannels(tables.channels)),
    people: seal(newPeople(session, site)),
    rooms: seal(newRooms()),
    windows: seal(newWindows(tables.receipts)),
  }
  const { outbox, channels } = state
  const turn = newTurn(state, moment)
  turn.effects.push({ kind: 'observe', observation: { kind: 'session', session: sessionView(state.people.current) } })
  walkRefs(outbox, turn, 'start')
  if (session === null) purgePrivate(channels, turn)
  pruneReplicas(channels, turn)
  // Before anything else of this life: an older program must not take what this one writes for its own.
  const layout: Write[] =
    meta.get('layout') === LAYOUT ? [] : [{ op: 'put', table: 'meta', key: 'layout', value: LAYOUT }]
  if (known === undefined) {
    save(turn, [metaWrite(outbox, turn.now), ...layout], { kind: 'engineReady' })
  } else {
    if (layout.length > 0) save(turn, layout)
    drive(state, turn, { kind: 'start' })
  }
  restoreEndings(outbox, turn, start)
  review(outbox, turn)
  finish(state, turn)
  return { state, effects: turn.effects }
}

/** One input. Deterministic: the same state, input and moment give the same state and effects. */
export function step(state: EngineState, input: Input, moment: Moment): EngineStep {
  const turn = newTurn(state, moment)
  take(state, turn, input)
  finish(state, turn)
  return { state, effects: turn.effects }
}

function newTurn({ ledger, bus, files, link, people }: EngineState, { now, wall, chance }: Moment): Turn {
  return { now, wall, chance, effects: [], ledger, bus, files, link, people }
}

/** When `timeReached` is due (monotonic), whatever else happens; null when nothing waits for time. */
export function deadline(state: EngineState): number | null {
  const times = [
    connectionDeadline(state.link.connection),
    outboxDeadline(state.outbox),
    sessionsDeadline(state),
    state.channels.liveNews.due,
    tellOutboxAt(state.outbox),
    roomsDeadline(state.rooms),
    uploadsDeadline(state.files, state, isUrgentWaiting(state.outbox)),
    tellFilesAt(state.files, state),
  ]
  return times.reduce((a, b) => (a === null ? b : b === null ? a : Math.min(a, b)), null)
}

/** Nothing is on its way to the server or to this disk, as far as the engine knows, and the host was told every result. */
export function isIdle({ outbox }: EngineState): boolean {
  return isEmpty(outbox) && outbox.refs.walk === null
}

function take(state: EngineState, turn: Turn, input: Input): void {
  const { ledger, files, outbox, channels, people, windows } = state
  switch (input.kind) {
    case 'stopped':
      return drive(state, turn, { kind: 'stop' })
    case 'rowsRead':
      return rowsRead(state, turn, input.query, input.rows)
    case 'readFailed':
      // Only of a command that arrives is it told: everything else is read again until it succeeds.
      return input.query.kind === 'arrival' ? arrivalRead(outbox, turn, input.query, null) : undefined
    case 'socketOpened':
    case 'socketClosed':
    case 'proved':
    case 'proofFailed':
    case 'frameReceived':
      return socketSpoke(state, turn, input)
    case 'written':
      for (const done of takeDurable(ledger, input.upTo)) carryOn(state, turn, done)
      return
    case 'writeFailed':
      return refuseUnsaved(outbox, turn)
    case 'ticked':
      return tick(state, turn)
    case 'timeReached':
      return watch(state, turn)
    case 'hinted':
      return hinted(state, turn, input)
    case 'signedIn':
      return signedIn(state, turn, input)
    case 'refreshed':
      return refreshed(state, turn, input.attempt, input.result)
    case 'submitted':
      return submit(outbox, turn, input)
    case 'subscribed':
      return hostSubscribes(channels, turn, input.channel, input)
    case 'unsubscribed':
      return hostUnsubscribes(channels, turn, input.channel)
    case 'tracked':
      return hostTracks(state.rooms, turn, input)
    case 'signalled':
      return answer(turn, input.origin, signal(state.rooms, turn, input) ?? { ok: true, value: null })
    case 'hostLagged':
      return hostLags(channels, turn, input.isBehind)
    case 'resultSeen':
      return resultSeen(outbox, turn, input.ref, input.origin)
    case 'signInAsked':
      return signIn(people, turn, input)
    case 'signOutAsked':
      return signOut(state, turn, input)
    case 'retryPressed':
      return drive(state, turn, { kind: 'retryPressed' })
    case 'seriesRead':
      return seriesRead(windows, turn, input)
    case 'searchRead':
      return searchRead(windows, turn, input)
    case 'pastRead':
      return pastRead(windows, turn, input)
    case 'fileGiven':
      return giveFile(files, turn, input)
    case 'fileKept':
      return fileKept(files, turn, input)
    case 'uploadAnswered':
      return uploadAnswered(files, turn, input)
    case 'fileAsked':
      return askFile(files, turn, input)
    case 'fileRead':
      return fileRead(files, turn, input)
    case 'windowAttached':
      return windowCame(channels, input.port)
    case 'windowDetached':
      windowLeft(state.rooms, input.port)
      return windowGone(channels, input.port)
    case 'windowSpoke':
      if (input.message.t === 'retry') return drive(state, turn, { kind: 'retryPressed' })
      return windowSpoke(state, turn, input)
    default:
      return unreachable(input)
  }
}

function hinted(state: EngineState, turn: Turn, input: Extract<Input, { readonly kind: 'hinted' }>): void {
  switch (input.hint) {
    case 'watched':
      attentionHinted(state.link, 'watched')
      roomsAwake(state.rooms)
      return drive(state, turn, { kind: 'watched' })
    case 'unwatched':
      return attentionHinted(state.link, 'unwatched')
    case 'offline':
      return drive(state, turn, { kind: 'wentOffline' })
    case 'sleeps':
      // For those who see who is there (PROTOCOL M10). The link stays as it is: not every machine that is about to sleep does.
      sendFrame(turn, { t: 'bye', reason: 'suspending' })
      return roomsSleep(state.rooms, turn)
    case 'online':
    case 'woke':
      networkHinted(state.link, turn, input)
      return drive(state, turn, { kind: 'woke' })
    default:
      return unreachable(input.hint)
  }
}

/** What the disk holds, for whoever asked. */
function rowsRead({ outbox, channels }: EngineState, turn: Turn, query: Query, rows: readonly Row[]): void {
  switch (query.kind) {
    case 'channel':
      return channelLoaded(channels, turn, query.channel, rows)
    case 'lane':
      return laneLoaded(outbox, query, rows)
    case 'arrival':
      return arrivalRead(outbox, turn, query, rows)
    case 'seen':
      return markSeen(outbox, turn, query, rows)
    case 'dismissed':
      return markDismissed(outbox, turn, query.ref, rows)
    case 'review':
      return reviewRead(outbox, turn, query, rows)
    case 'refs':
      return refsRead(outbox, turn, rows)
    default:
      return unreachable(query)
  }
}

/** What had to wait for the disk. */
function carryOn(state: EngineState, turn: Turn, done: AfterWrite): void {
  const { outbox, channels, windows } = state
  switch (done.kind) {
    case 'engineReady':
      return drive(state, turn, { kind: 'start' })
    case 'commandSaved':
      return commandSaved(outbox, turn, done.id)
    case 'resultStored':
      return resultStored(outbox, turn, done)
    case 'outboxReady':
      return outboxReady(outbox, turn, done.generation)
    case 'outboxRestarted': {
      outboxRestarted(outbox, turn)
      const trouble = { code: done.code, says: done.says }
      return drive(state, turn, { kind: 'dropped', trouble, retry: 'soon' })
    }
    case 'reviewed':
      return pageReviewed(outbox, turn, done)
    case 'channelStored':
      return channelStored(channels, turn, done)
    case 'receiptStored':
      return receiptStored(windows.receipts, done.key)
    case 'fileRowGone':
      return fileRowGone(state.files, done)
    case 'answer':
      return answer(turn, done.origin, { ok: true, value: null })
    default:
      return unreachable(done)
  }
}

// ----------------------------------------------------------------------------------------------------------- time

function tick(state: EngineState, turn: Turn): void {
  const { hasJumped, isNewHour } = clocksTicked(state.link, turn)
  if (hasJumped) drive(state, turn, { kind: 'woke' })
  watch(state, turn)
  sweepChannels(state.channels, turn)
  sendTops(state.channels, turn)
  if (!isNewHour) return
  walkRefs(state.outbox, turn, 'prune')
  pruneReplicas(state.channels, turn)
  expireFiles(state.files, turn)
}

/** Everything that has a deadline looks at the clock: no queue depends on new input to move (pitfall 19). */
function watch(state: EngineState, turn: Turn): void {
  drive(state, turn, { kind: 'timeReached' })
  watchTrial(state, turn)
  watchSessions(state, turn)
  watchOutbox(state.outbox, turn)
  tellLive(state.channels, turn)
  if (watchChannels(state.channels, turn)) {
    drive(state, turn, { kind: 'dropped', trouble: STALLED, retry: 'backoff' })
  }
}

const STALLED = { code: 'stalled', says: 'The server does not answer a subscription.' }
const DISK = { code: 'storage-failed', says: 'This device cannot write to its disk, so it reads no further.' }

// ------------------------------------------------------------------------------------------------ after each step

/** What follows from the new state, whichever part changed it. */
function finish(state: EngineState, turn: Turn): void {
  const { ledger, files, link, outbox, channels, windows } = state
  if (ledger.storage === 'failing' && ledger.waiting.length > MAX_UNWRITTEN && isUp(link.connection)) {
    drive(state, turn, { kind: 'dropped', trouble: DISK, retry: 'slow' })
  }
  if (hasToGreetAgain(outbox)) greetAgain(state, turn)
  if (channels.dirty) reconcile(channels, turn)
  if (link.connection.kind === 'resuming' && isUrgentComplete(channels)) drive(state, turn, { kind: 'caughtUp' })
  pumpOutbox(outbox, turn)
  loadHeads(outbox, turn)
  // Here and not where references change: a queue that drains changes them without anything new coming in.
  forgetRefs(outbox.refs, readHorizon(outbox, turn.ledger))
  pumpUploads(files, turn, isUrgentWaiting(outbox))
  sweepFiles(files, turn)
  pumpReceipts(windows.receipts, turn)
  pumpRooms(state.rooms, turn)
  pumpSignals(state.rooms, turn)
  tellFreshness(channels, turn)
  tellStatus(link, turn)
  tellOutbox(outbox, turn)
  tellFiles(files, turn)
}
