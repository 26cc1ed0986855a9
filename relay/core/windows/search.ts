/** Questions of windows for what was said and written: the server answers them by HTTP, and the token for it stays here (R26). */
import { refuse } from '../../protocol/errors.ts'
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
  const origin = { kind: 'window', port, ref } as const
  if (turn.people.current === null) return answer(turn, origin, refuse('sign-in-needed', 'Sign in to search.'))
  const author = boundAuthor(turn)
  if (author === null || author.token === null) return answer(turn, origin, noConnection('it is searched there.'))
  if (windows.searches >= LIMITS.maxSearches) return answer(turn, origin, refuse('rate-limited'))
  windows.searches += 1
  turn.effects.push({ kind: 'readSearch', port, ref, session: author.id, query, bearer: author.token })
}

/** Whoever asked may have left meanwhile: what was found is for that person only. */
export function searchRead(windows: WindowsState, turn: Turn, input: Extract<Input, { kind: 'searchRead' }>): void {
  const { port, ref, session, result } = input
  windows.searches -= 1
  const origin = { kind: 'window', port, ref } as const
  if (!result.ok) return answer(turn, origin, result)
  if (turn.people.current?.id !== session) return answer(turn, origin, refuse('sign-in-needed'))
  turn.effects.push({ kind: 'postPort', port, message: { t: 'search', ref, found: result.value } })
}
