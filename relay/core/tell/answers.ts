import type { Checked } from '../../protocol/check.ts'
import type { Refusal } from '../../protocol/errors.ts'
import type { Turn } from '../step/turn.ts'
import type { Origin } from './slice.ts'

/** A refusal to somebody who waits. `unreachable` is not in the table of the wire: it never crosses it. */
export type Refused = Refusal | { readonly ok: false; readonly code: 'unreachable'; readonly message: string }

/** What needs the server while there is no connection to it; `why` ends the sentence that people read. */
export function noConnection(why: string): Refused {
  return { ok: false, code: 'unreachable', message: `There is no connection to the server; ${why}` }
}

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
