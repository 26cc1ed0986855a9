/**
 * Who is signed in. Times run on the monotonic clock by lifetimes, never by `exp` (P7).
 *
 * Invariants
 *   1. The access token is in this state and in `auth` frames; it is never written, posted or logged.
 *   2. At most one sign-in or refresh is under way; the answer to an older `attempt` changes nothing.
 *   3. Signing out ends reading and new authorship in the same step, whatever network and disk do (P9).
 */
import { ERRORS, refuse } from '../protocol/errors.ts'
import type { ServerFrameOf } from '../protocol/frames.ts'
import type { CommandId, SessionId } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { SessionFailure, SessionGrant, Write } from '../ports.ts'
import { answer } from './answers.ts'
import { backoffMs } from './backoff.ts'
import { announce } from './bus.ts'
import { purgePrivate, readerChanged, reconcile } from './channels.ts'
import { isUp } from './connection-state.ts'
import type { Input, Origin, Start } from './inputs.ts'
import { save } from './ledger.ts'
import { boundAuthor } from './reading.ts'
import { endingKey, endingRows, type EndingRow, type SessionRow } from './rows.ts'
import { sendFrame, type EngineState } from './state.ts'
import { arrive } from './submit.ts'
import type { Turn } from './turn.ts'
import { sessionView } from './view.ts'

export interface Session extends SessionRow {
  readonly token: string | null
  readonly confirmed: boolean
  /** Monotonic; when the token is renewed, and when it is of no use any more. */
  readonly refreshAt: number
  readonly expiresAt: number
}

type Job =
  /** Signing in needs the device token of a `welcome`; right after the start it is a moment away. */
  | {
      readonly kind: 'waiting'
      readonly origin: Origin
      readonly operator: string
      readonly pin: string
      readonly until: number
    }
  | { readonly kind: 'signing-in'; readonly origin: Origin; readonly attempt: number }
  | { readonly kind: 'refreshing'; readonly attempt: number }

export interface SessionsState {
  current: Session | null
  job: Job | null
  attempt: number
  /** Refreshes in a row that did not lead to `authed`. */
  failures: number
  /** Generation of the connection on which `auth` was sent for `current`. */
  boundOn: number | null
  /** The session that `hello` of this connection named: `welcome.session` speaks of that one. */
  named: SessionId | null
  /** `deauth` frames whose `deauthed` may still come. */
  deauths: number
}

/** Refreshes that may fail with a bad token before the session is given up: a device token can be outrun by a reconnect. */
const MAX_BAD_TOKENS = 5

const UNREACHABLE = {
  ok: false,
  code: 'unreachable',
  message: 'There is no connection to the server; signing in needs one.',
} as const

export function newSessions(row: SessionRow | null): SessionsState {
  const current = row === null ? null : { ...row, token: null, confirmed: false, refreshAt: 0, expiresAt: 0 }
  return { current, job: null, attempt: 0, failures: 0, boundOn: null, named: null, deauths: 0 }
}

export function sessionsDeadline(state: EngineState): number | null {
  const { current, job } = state.sessions
  if (job?.kind === 'waiting') return job.until
  return job === null && current !== null && state.deviceToken !== null ? current.refreshAt : null
}

// ---------------------------------------------------------------------------------------------------- asked for

export function signIn(state: EngineState, turn: Turn, input: Extract<Input, { kind: 'signInAsked' }>): void {
  const { sessions } = state
  const { origin, operator, pin } = input
  if (sessions.job !== null && sessions.job.kind !== 'refreshing') {
    return answer(turn, origin, refuse('rate-limited', 'Somebody is already being signed in on this device.'))
  }
  sessions.job = { kind: 'waiting', origin, operator, pin, until: turn.now + LIMITS.greetingMs }
  startSignIn(state, turn)
}

function startSignIn(state: EngineState, turn: Turn): void {
  const { sessions, deviceToken } = state
  if (sessions.job?.kind !== 'waiting' || deviceToken === null) return
  const { origin, operator, pin } = sessions.job
  sessions.attempt += 1
  sessions.job = { kind: 'signing-in', origin, attempt: sessions.attempt }
  turn.effects.push({ kind: 'signIn', attempt: sessions.attempt, operator, pin, deviceToken })
}

export function signedIn(state: EngineState, turn: Turn, input: Extract<Input, { kind: 'signedIn' }>): void {
  const { sessions } = state
  const { job } = sessions
  if (job?.kind !== 'signing-in' || job.attempt !== input.attempt) return
  sessions.job = null
  const { result } = input
  // Who is renewed or refused may change with the end of the attempt.
  state.channels.dirty = true
  if (!result.ok) return answer(turn, job.origin, result)
  const before = sessions.current
  if (before !== null) queueEnd(state, turn, before, input)
  if (before?.operator !== result.operator) purgePrivate(state, turn)
  sessions.boundOn = null
  adopt(state, turn, result)
  tellSession(state, turn)
  readerChanged(state)
  answer(turn, job.origin, { ok: true, value: sessionView(sessions.current) })
}

export function signOut(state: EngineState, turn: Turn, input: Extract<Input, { kind: 'signOutAsked' }>): void {
  const { sessions, ledger } = state
  const { current } = sessions
  if (current !== null) {
    queueEnd(state, turn, current, input)
    const wasBound = boundAuthor(state) !== null
    dropSession(state, turn)
    // Subscriptions are ended by us before the server would: so its answers cannot be taken for later ones.
    reconcile(state, turn)
    if (wasBound) {
      sessions.deauths += 1
      sendFrame(state, turn, { t: 'deauth' })
    }
  }
  save(ledger, turn, [], { kind: 'answer', origin: input.origin })
}

/**
 * The command that ends the session at the server, or all of the person's: authored by that session, in the lane behind what it queued before. If
 * something of that has no number yet, a row of its own keeps the intention until it has one itself.
 */
function queueEnd(
  state: EngineState,
  turn: Turn,
  { id: session, operator }: Session,
  { fresh, everywhere }: { readonly fresh: string; readonly everywhere?: true },
): void {
  const id = fresh as CommandId
  const made: EndingRow = { session, operator, madeAt: turn.wall }
  const row: EndingRow = everywhere === true ? { ...made, everywhere } : made
  const isNext = state.outbox.arriving.normal.size === 0
  if (isNext) return arriveEnd(state, turn, { id, ...row }, { op: 'delete', table: 'meta', key: 'session' })
  const key = endingKey(session)
  save(state.ledger, turn, [{ op: 'put', table: 'meta', key, value: row }])
  arriveEnd(state, turn, { id, ...row }, { op: 'delete', table: 'meta', key })
}

function arriveEnd(state: EngineState, turn: Turn, ending: EndingRow & { readonly id: CommandId }, also: Write): void {
  const { id, session, operator: by, madeAt, everywhere } = ending
  const ref = `relay:${id}`
  const lane = 'normal'
  const from = 'relay'
  const what =
    everywhere === true
      ? ({ type: 'session.revoke', data: { operator: by } } as const)
      : ({ type: 'session.end', data: { session } } as const)
  const made = { id, ref, lane, ...what, session, by, madeAt, from } as const
  const asOf = state.ledger.durable
  arrive(state, turn, { ref, lane, from, made, origins: [], also: [also], early: null, answer: 'unknown', asOf })
}

/** At start: people who signed out in the life before, and whose end was not queued when it broke off. */
export function restoreEndings(state: EngineState, turn: Turn, { tables, endingIds }: Start): void {
  for (const [index, { key, value }] of endingRows(tables.meta).entries()) {
    const id = endingIds[index] as CommandId
    arriveEnd(state, turn, { ...(value as EndingRow), id }, { op: 'delete', table: 'meta', key })
  }
}

function dropSession(state: EngineState, turn: Turn): void {
  const { sessions } = state
  sessions.current = null
  sessions.boundOn = null
  sessions.failures = 0
  if (sessions.job?.kind === 'refreshing') sessions.job = null
  save(state.ledger, turn, [{ op: 'delete', table: 'meta', key: 'session' }])
  turn.effects.push({ kind: 'forgetSession' })
  purgePrivate(state, turn)
  tellSession(state, turn)
  readerChanged(state)
}

// ------------------------------------------------------------------------------------------------------- tokens

/** What the server makes of the session that `hello` named. Anything but active ends it before the next frame is taken (A6). */
export function sessionReported(state: EngineState, turn: Turn, reported: ServerFrameOf<'welcome'>['session']): void {
  const { current, named } = state.sessions
  if (reported === undefined || reported === 'active' || current === null || current.id !== named) return
  dropSession(state, turn)
}

/** `auth` goes out directly after `welcome`, before any `subscribe`. */
export function sessionsWelcomed(state: EngineState, turn: Turn): void {
  const { sessions } = state
  sessions.boundOn = null
  sessions.deauths = 0
  // What failed before did so on another connection, with a device token that is gone.
  sessions.failures = 0
  startSignIn(state, turn)
  if (sessions.current === null) return
  if (sessions.current.token !== null && turn.now < sessions.current.expiresAt) bind(state, turn)
  else refresh(state, turn)
}

export function sessionsDisconnected(state: EngineState, turn: Turn): void {
  const { sessions } = state
  sessions.boundOn = null
  if (sessions.current?.confirmed !== true) return
  sessions.current = { ...sessions.current, confirmed: false }
  tellSession(state, turn)
}

/** Looks at the clock: a refresh that is due, a sign-in that waited too long for a connection. */
export function watchSessions(state: EngineState, turn: Turn): void {
  const { sessions } = state
  if (sessions.job?.kind === 'waiting' && turn.now >= sessions.job.until) {
    const { origin } = sessions.job
    sessions.job = null
    state.channels.dirty = true
    answer(turn, origin, UNREACHABLE)
  }
  if (sessions.current !== null && turn.now >= sessions.current.refreshAt) refresh(state, turn)
}

function refresh(state: EngineState, turn: Turn): void {
  const { sessions, deviceToken } = state
  if (sessions.current === null || sessions.job !== null || deviceToken === null) return
  sessions.attempt += 1
  sessions.job = { kind: 'refreshing', attempt: sessions.attempt }
  const { id } = sessions.current
  turn.effects.push({ kind: 'refreshSession', attempt: sessions.attempt, session: id, deviceToken })
}

export function refreshed(
  state: EngineState,
  turn: Turn,
  attempt: number,
  result: SessionGrant | SessionFailure,
): void {
  const { sessions } = state
  const { current } = sessions
  if (sessions.job?.kind !== 'refreshing' || sessions.job.attempt !== attempt || current === null) return
  sessions.job = null
  if (!result.ok) {
    if (isFinal(result.code, sessions.failures)) return dropSession(state, turn)
    return tryLater(state, turn)
  }
  if (result.session !== current.id || result.generation <= current.generation) return tryLater(state, turn)
  adopt(state, turn, result)
  const { generation, expiresInMs } = result
  announce(state.bus, turn, { t: 'token-refreshed', generation, lifetimeMs: expiresInMs })
  tellSession(state, turn)
  state.channels.dirty = true
}

/** Takes over a grant: in memory with its token, on disk without. */
function adopt(state: EngineState, turn: Turn, grant: SessionGrant): void {
  const { sessions } = state
  const { session: id, operator, role, areas, generation, accessToken, expiresInMs } = grant
  sessions.current = {
    id,
    operator,
    role,
    areas,
    generation,
    token: accessToken,
    confirmed: true,
    // Two thirds of its life: a third is left for a network that is away for a while.
    refreshAt: turn.now + Math.floor((expiresInMs * 2) / 3),
    expiresAt: turn.now + expiresInMs,
  }
  storeSession(state, turn, sessions.current)
  bind(state, turn)
}

function storeSession(state: EngineState, turn: Turn, { id, operator, role, areas, generation }: SessionRow): void {
  const value: SessionRow = { id, operator, role, areas, generation }
  save(state.ledger, turn, [{ op: 'put', table: 'meta', key: 'session', value }])
}

function bind(state: EngineState, turn: Turn): void {
  const { sessions, connection } = state
  const { current } = sessions
  if (!isUp(connection) || current === null || current.token === null) return
  sessions.boundOn = connection.generation
  sendFrame(state, turn, { t: 'auth', token: current.token, generation: current.generation })
}

function tryLater(state: EngineState, turn: Turn): void {
  const { sessions } = state
  if (sessions.current === null) return
  // Never below a tenth of a second: full jitter may be zero, and this is a request to a server that said no.
  const delay = Math.max(backoffMs(sessions.failures, turn.chance), 100)
  sessions.failures += 1
  sessions.current = { ...sessions.current, refreshAt: turn.now + delay }
}

/** Whether a refusal ends the session: what passes by itself, or is the site's to repair, does not. */
function isFinal(code: SessionFailure['code'], failures: number): boolean {
  if (code === 'unreachable') return false
  if (code === 'bad-token' || code === 'token-expired') return failures >= MAX_BAD_TOKENS
  return ERRORS[code].who === 'person' || ERRORS[code].who === 'device'
}

// ---------------------------------------------------------------------------------------------- the server's word

export function authedReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'authed'>): void {
  const { sessions } = state
  const { current } = sessions
  sessions.deauths = 0
  if (current === null || current.id !== frame.session || boundAuthor(state) === null) return
  sessions.failures = 0
  const { operator, role, areas } = frame
  const isSame = role === current.role && areas.join() === current.areas.join()
  sessions.current = { ...current, operator, role, areas, confirmed: true }
  if (!isSame) {
    storeSession(state, turn, sessions.current)
    readerChanged(state)
  }
  if (!isSame || !current.confirmed) tellSession(state, turn)
}

export function deauthedReceived(state: EngineState, turn: Turn, frame: ServerFrameOf<'deauthed'>): void {
  const { sessions } = state
  if (sessions.deauths > 0) {
    sessions.deauths -= 1
    return
  }
  const { current } = sessions
  if (current === null) return
  if (ENDED.has(frame.code)) return dropSession(state, turn)
  sessions.boundOn = null
  sessions.current = { ...current, token: null, confirmed: false, refreshAt: turn.now }
  tellSession(state, turn)
  if (sessions.failures > 0) tryLater(state, turn)
  else {
    sessions.failures = 1
    refresh(state, turn)
  }
}

const ENDED: ReadonlySet<string> = new Set(['session-ended', 'session-revoked', 'session-unknown'])

/** Tells windows and host who is signed in, and windows which areas there are. */
export function tellSession(state: EngineState, turn: Turn): void {
  const session = sessionView(state.sessions.current)
  announce(state.bus, turn, { t: 'session', session, areas: state.site.areas })
  turn.effects.push({ kind: 'observe', observation: { kind: 'session', session } })
}
