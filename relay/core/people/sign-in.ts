/** Signing in: asked for, carried out by the shell, taken over. */
import { refuse } from '../../protocol/errors.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { purgePrivate } from '../channels/retention.ts'
import { readerChanged, reconcileLater } from '../channels/subscriptions.ts'
import type { Input } from '../step/inputs.ts'
import type { Turn } from '../step/turn.ts'
import { answer, noConnection } from '../tell/answers.ts'
import { queueEnd } from './ending.ts'
import { adopt } from './session.ts'
import type { PeopleReach, PeopleState } from './slice.ts'
import { sessionView, tellSession } from './view.ts'

export function signIn(people: PeopleState, turn: Turn, input: Extract<Input, { kind: 'signInAsked' }>): void {
  const { origin, operator, pin } = input
  if (people.job !== null && people.job.kind !== 'refreshing') {
    return answer(turn, origin, refuse('rate-limited', 'Somebody is already being signed in on this device.'))
  }
  people.job = { kind: 'waiting', origin, operator, pin, until: turn.now + LIMITS.greetingMs }
  startSignIn(people, turn)
}

/** Asks the shell, once there is a device token. */
export function startSignIn(people: PeopleState, turn: Turn): void {
  const { deviceToken } = turn.link
  if (people.job?.kind !== 'waiting' || deviceToken === null) return
  const { operator, pin } = people.job
  people.attempt += 1
  people.job = { ...people.job, kind: 'signing-in', attempt: people.attempt, deviceToken }
  turn.effects.push({ kind: 'signIn', attempt: people.attempt, operator, pin, deviceToken })
}

export function signedIn(state: PeopleReach, turn: Turn, input: Extract<Input, { kind: 'signedIn' }>): void {
  const { people, outbox, channels } = state
  const { job } = people
  if (job?.kind !== 'signing-in' || job.attempt !== input.attempt) return
  const { result } = input
  if (!result.ok && result.code === 'bad-token' && turn.now < job.until) {
    // It was the device that was not believed, because its token ended with a reconnect: the next one is that of a `welcome`.
    const { origin, operator, pin, until } = job
    people.job = { kind: 'waiting', origin, operator, pin, until }
    if (turn.link.deviceToken !== job.deviceToken) startSignIn(people, turn)
    return undefined
  }
  people.job = null
  // Who is renewed or refused may change with the end of the attempt.
  reconcileLater(channels)
  if (!result.ok) return answer(turn, job.origin, result)
  const before = people.current
  if (before !== null) queueEnd(outbox, turn, before, input)
  if (before?.operator !== result.operator) purgePrivate(channels, turn)
  people.boundOn = null
  adopt(people, turn, result)
  tellSession(turn)
  readerChanged(channels)
  answer(turn, job.origin, { ok: true, value: sessionView(people.current) })
}

/** Looks at the clock: longer than `until` nobody waits for a connection. */
export function watchSignIn({ people, channels }: PeopleReach, turn: Turn): void {
  const { job } = people
  if (job?.kind !== 'waiting' || turn.now < job.until) return
  people.job = null
  reconcileLater(channels)
  answer(turn, job.origin, noConnection('signing in needs one.'))
}
