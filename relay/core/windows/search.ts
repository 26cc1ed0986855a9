/** Questions of windows for what was said and written, and for what was said before: the server answers them by HTTP, and the token for it stays here (R26). */
import { refuse } from '../../protocol/errors.ts'
import type { SessionId } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { WindowMessage } from '../../protocol/local.ts'
import type { Input } from '../step/inputs.ts'
import type { Turn } from '../step/turn.ts'
import { answer, noConnection } from '../tell/answers.ts'
import { boundAuthor } from '../tell/reading.ts'
import type { WindowsState } from './slice.ts'

export function askSearch(
  windows: WindowsState,
  turn: Turn,
  port: number,
  message: Extract<WindowMessage, { t: 'search' }>,
): void {
  const { t: _t, ref, ...query } = message
  const asker = askerOf(windows, turn, { port, ref, why: 'it is searched there.' })
  if (asker !== null) turn.effects.push({ kind: 'readSearch', port, ref, ...asker, query })
}

/** What was said in a line before what this device has of it. */
export function askPast(
  windows: WindowsState,
  turn: Turn,
  port: number,
  message: Extract<WindowMessage, { t: 'past' }>,
): void {
  const { t: _t, ref, ...query } = message
  const asker = askerOf(windows, turn, { port, ref, why: 'what was said before is there.' })
  if (asker !== null) turn.effects.push({ kind: 'readPast', port, ref, ...asker, query })
}

/** Whoever asked may have left meanwhile: what was found is for that person only. */
export function searchRead(windows: WindowsState, turn: Turn, input: Extract<Input, { kind: 'searchRead' }>): void {
  const { port, ref, result } = input
  if (isTheirs(windows, turn, input) && result.ok)
    turn.effects.push({ kind: 'postPort', port, message: { t: 'search', ref, found: result.value } })
}

export function pastRead(windows: WindowsState, turn: Turn, input: Extract<Input, { kind: 'pastRead' }>): void {
  const { port, ref, result } = input
  if (isTheirs(windows, turn, input) && result.ok)
    turn.effects.push({ kind: 'postPort', port, message: { t: 'past', ref, past: result.value } })
}

/** As whom the server is asked; null where it is not, which is answered. */
function askerOf(
  windows: WindowsState,
  turn: Turn,
  { port, ref, why }: { readonly port: number; readonly ref: string; readonly why: string },
): { readonly session: SessionId; readonly bearer: string } | null {
  const origin = { kind: 'window', port, ref } as const
  const refused = (result: Parameters<typeof answer>[2]): null => {
    answer(turn, origin, result)
    return null
  }
  if (turn.people.current === null) return refused(refuse('sign-in-needed'))
  const author = boundAuthor(turn)
  if (author === null || author.token === null) return refused(noConnection(why))
  if (windows.searches >= LIMITS.maxSearches) return refused(refuse('rate-limited'))
  windows.searches += 1
  return { session: author.id, bearer: author.token }
}

/** Whether the answer is for whoever is here; answers what is a refusal. */
function isTheirs(
  windows: WindowsState,
  turn: Turn,
  { port, ref, session, result }: Extract<Input, { kind: 'searchRead' | 'pastRead' }>,
): boolean {
  windows.searches -= 1
  const origin = { kind: 'window', port, ref } as const
  const isHere = turn.people.current?.id === session
  if (!result.ok) answer(turn, origin, result)
  else if (!isHere) answer(turn, origin, refuse('sign-in-needed'))
  return isHere
}
