/** The session on a connection: bound, renewed, confirmed or ended by the server's word. */
import { ERRORS } from '../../protocol/errors.ts'
import type { ServerFrameOf } from '../../protocol/frames.ts'
import type { SessionFailure, SessionGrant } from '../../ports.ts'
import { readerChanged, reconcileLater } from '../channels/subscriptions.ts'
import { backoffMs } from '../link/backoff.ts'
import { isUp } from '../link/slice.ts'
import type { Reader, Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { boundAuthor } from '../tell/reading.ts'
import { adopt, bind, dropSession, storeSession } from './session.ts'
import { startSignIn, watchSignIn } from './sign-in.ts'
import type { PeopleReach, PeopleState } from './slice.ts'
import { tellSession } from './view.ts'

/** Bad tokens on one connection before the session is given up: a device token can be outrun by a reconnect. */
const MAX_BAD_TOKENS = 5

export function sessionsDeadline({ people, link }: Reader): number | null {
  const { current, job } = people
  if (job?.kind === 'waiting') return job.until
  return job === null && current !== null && link.deviceToken !== null ? current.refreshAt : null
}

/** What the server makes of the session that `hello` named. Anything but active ends it before the next frame is taken (A6). */
export function sessionReported(state: PeopleReach, turn: Turn, reported: ServerFrameOf<'welcome'>['session']): void {
  const { current, named } = state.people
  if (reported === undefined || reported === 'active' || current === null || current.id !== named) return
  dropSession(state, turn)
}

/** `auth` goes out directly after `welcome`, before any `subscribe`. */
export function sessionsWelcomed(people: PeopleState, turn: Turn): void {
  people.boundOn = null
  people.deauths = 0
  // What failed before did so on another connection, with a device token that is gone.
  people.failures = 0
  people.badTokens = 0
  startSignIn(people, turn)
  if (people.current === null) return
  if (people.current.token !== null && turn.now < people.current.expiresAt) bind(people, turn)
  else refresh(people, turn)
}

export function sessionsDisconnected(people: PeopleState, turn: Turn): void {
  people.boundOn = null
  if (people.current?.confirmed !== true) return
  people.current = { ...people.current, confirmed: false }
  tellSession(turn)
}

/** Looks at the clock: a refresh that is due, a sign-in that waited too long for a connection. */
export function watchSessions(state: PeopleReach, turn: Turn): void {
  const { people } = state
  watchSignIn(state, turn)
  if (people.current !== null && turn.now >= people.current.refreshAt) refresh(people, turn)
}

function refresh(people: PeopleState, turn: Turn): void {
  const { deviceToken } = turn.link
  if (people.current === null || people.job !== null || deviceToken === null) return
  people.attempt += 1
  people.job = { kind: 'refreshing', attempt: people.attempt }
  const { id } = people.current
  turn.effects.push({ kind: 'refreshSession', attempt: people.attempt, session: id, deviceToken })
}

export function refreshed(
  state: PeopleReach,
  turn: Turn,
  attempt: number,
  result: SessionGrant | SessionFailure,
): void {
  const { people, channels } = state
  const { current } = people
  if (people.job?.kind !== 'refreshing' || people.job.attempt !== attempt || current === null) return
  people.job = null
  if (!result.ok) {
    if (isFinal(people, turn, result.code)) return dropSession(state, turn)
    return tryLater(people, turn)
  }
  if (result.session !== current.id || result.generation <= current.generation) return tryLater(people, turn)
  people.badTokens = 0
  adopt(people, turn, result)
  const { generation, expiresInMs } = result
  announce(turn, { t: 'token-refreshed', generation, lifetimeMs: expiresInMs })
  tellSession(turn)
  reconcileLater(channels)
}

function tryLater(people: PeopleState, turn: Turn): void {
  if (people.current === null) return
  // Never below a tenth of a second: full jitter may be zero, and this is a request to a server that said no.
  const delay = Math.max(backoffMs(people.failures, turn.chance), 100)
  people.failures += 1
  people.current = { ...people.current, refreshAt: turn.now + delay }
}

/** Whether a refusal ends the session: what passes by itself, or is the site's to repair, does not. */
function isFinal(people: PeopleState, { link }: Turn, code: SessionFailure['code']): boolean {
  if (code === 'unreachable') return false
  if (code === 'bad-token' || code === 'token-expired') {
    // While no connection is up, it says only that the next greeting brings another token.
    if (isUp(link.connection)) people.badTokens += 1
    return people.badTokens > MAX_BAD_TOKENS
  }
  return ERRORS[code].who === 'person' || ERRORS[code].who === 'device'
}

export function authedReceived({ people, channels }: PeopleReach, turn: Turn, frame: ServerFrameOf<'authed'>): void {
  const { current } = people
  people.deauths = 0
  if (current === null || current.id !== frame.session || boundAuthor(turn) === null) return
  people.failures = 0
  const { operator, role, areas } = frame
  const isSame = role === current.role && areas.join() === current.areas.join()
  people.current = { ...current, operator, role, areas, confirmed: true }
  if (!isSame) {
    storeSession(turn, people.current)
    readerChanged(channels)
  }
  if (!isSame || !current.confirmed) tellSession(turn)
}

export function deauthedReceived(state: PeopleReach, turn: Turn, frame: ServerFrameOf<'deauthed'>): void {
  const { people } = state
  if (people.deauths > 0) {
    people.deauths -= 1
    return
  }
  const { current } = people
  if (current === null) return
  if (ENDED.has(frame.code)) return dropSession(state, turn)
  people.boundOn = null
  people.current = { ...current, token: null, confirmed: false, refreshAt: turn.now }
  tellSession(turn)
  if (people.failures > 0) tryLater(people, turn)
  else {
    people.failures = 1
    refresh(people, turn)
  }
}

const ENDED: ReadonlySet<string> = new Set(['session-ended', 'session-revoked', 'session-unknown'])
