import type { Checked } from '../protocol/check.ts'
import type { Refusal } from '../protocol/errors.ts'
import type { Origin } from './inputs.ts'
import type { Turn } from './turn.ts'

/** A refusal to somebody who waits. `unreachable` is not in the table of the wire: it never crosses it. */
export type Refused = Refusal | { readonly ok: false; readonly code: 'unreachable'; readonly message: string }

/** Tells whoever asked how it went: the host by its promise, a window by a `reply`. */
export function answer(turn: Turn, origin: Origin, result: Checked<unknown> | Refused): void {
  if (origin.kind === 'host') {
    turn.effects.push({ kind: 'answer', request: origin.request, answer: result })
    return
  }
  const { port, ref } = origin
  turn.effects.push({
    kind: 'postPort',
    port,
    message: result.ok
      ? { t: 'reply', ref, ok: true }
      : { t: 'reply', ref, ok: false, code: result.code, message: result.message },
  })
}
