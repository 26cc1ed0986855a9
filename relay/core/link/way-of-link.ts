/** What the connection and its ladder say to each other: how an attempt failed, and which socket comes next. */
import { isCloseCode } from '../../protocol/close-codes.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { WayReason } from '../../protocol/way-reasons.ts'
import { goesOnAtOnce, patienceMs, type Failure, type LadderInput } from './ladder.ts'
import {
  isSilent,
  isUp,
  type ConnectionInput,
  type ConnectionState,
  type InputOf,
  type Ladder,
  type Next,
  type Timed,
} from './slice.ts'

/** Refusals that say that the way is blocked; a server from before a way has nothing at its address. */
const BLOCKINGS: Readonly<Partial<Record<ErrorCode, WayReason>>> = {
  'upgrade-missing': 'upgrade-missing',
  'upgrade-blocked': 'upgrade-blocked',
  'foreign-answer': 'foreign-answer',
  'not-found': 'foreign-answer',
}

type Untimed<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
export type LadderHeard = Untimed<LadderInput, 'now' | 'chance'>

/** What follows for the ladder from an input of the connection in this state; null where nothing does. */
export function ladderHears(
  state: ConnectionState,
  input: Untimed<ConnectionInput, keyof Timed>,
  { now, linkedAt }: { readonly now: number; readonly linkedAt: number | null },
): LadderHeard | null {
  if ('generation' in input && input.generation !== state.generation) return null
  if (isUp(state)) return fromLink(state, input, { now, lifeMs: now - (linkedAt ?? now) })
  if (state.kind !== 'connecting' && state.kind !== 'greeting') return null
  if (input.kind === 'challenged') return { kind: 'cameThrough' }
  if (input.kind === 'socketClosed') return { kind: 'attemptFailed', ...failureOf(state, input) }
  const isTooLate = input.kind === 'timeReached' && now >= state.deadline
  return isTooLate ? { kind: 'attemptFailed', by: 'silent' } : null
}

/** The socket that comes next, should one come. */
export function nextSocket(ladder: Ladder): Next {
  return { way: ladder.way, patienceMs: patienceMs(ladder), isAtOnce: goesOnAtOnce(ladder) }
}

function fromLink(
  { beat }: Extract<ConnectionState, { kind: 'live' | 'resuming' }>,
  input: Untimed<ConnectionInput, keyof Timed>,
  { now, lifeMs }: { readonly now: number; readonly lifeMs: number },
): LadderHeard | null {
  if (input.kind === 'pongReceived') return beat.unanswered.includes(input.nonce) ? { kind: 'proved' } : null
  // What never answered a ping was no link.
  if (beat.unanswered.length === beat.count) return null
  if (input.kind === 'socketClosed')
    return { kind: 'linkEnded', by: isCloseCode(input.code) ? 'server' : 'cut', lifeMs }
  // A probe is sent because the network is said to be gone: its failing says nothing of the way.
  const isDead = input.kind === 'timeReached' && beat.deadAt === null && isSilent(beat, now)
  return isDead ? { kind: 'linkEnded', by: 'cut', lifeMs } : null
}

/** What a refusal says of the way; null where it is no word about that. */
export function blockingOf(refusal: ErrorCode | undefined): WayReason | null {
  return refusal === undefined ? null : (BLOCKINGS[refusal] ?? null)
}

/** Why a socket closed before `welcome`. */
function failureOf(
  state: Extract<ConnectionState, { kind: 'connecting' | 'greeting' }>,
  { code, refusal }: Untimed<InputOf<'socketClosed'>, keyof Timed>,
): Failure {
  if (isCloseCode(code) || (state.kind === 'greeting' && state.refusal !== null)) return { by: 'refused' }
  const reason = blockingOf(refusal)
  if (reason !== null) return { by: 'blocked', reason }
  if (refusal !== undefined) return { by: 'refused' }
  // Who opened it was there; that nobody opened it may be anything.
  return { by: state.kind === 'greeting' ? 'silent' : 'unanswered' }
}
