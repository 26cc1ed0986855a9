import type { CommandId } from '../../relay/protocol/ids.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import type { Submission, Verdict } from '../ports/submission.ts'
import type { Timer } from '../ports/timers.ts'

/**
 * The command of a timer that is due. Its id follows from the timer as it was read, so that every node makes the same one, and
 * one that is set again makes another. `idOf`: the same id for the same name, and for no other.
 */
export function commandOf({ id, due, type, data }: Timer, idOf: (name: string) => CommandId): Submission {
  return { source: { kind: 'system', timer: { id, due } }, id: idOf(`${id} ${due}`), type, data }
}

/** `given`: by this process and now. `spent`: by another, or nobody any more. `waiting`: the disk did not take it. */
export type Fate = 'given' | 'rejected' | 'spent' | 'waiting'

export function fateOf(verdict: Verdict): Fate {
  switch (verdict.kind) {
    case 'done':
      return verdict.outcome.outcome === 'applied' ? 'given' : 'rejected'
    case 'spent':
      return 'spent'
    case 'retry-later':
      return 'waiting'
    case 'conflict':
    case 'expect':
    case 'forked':
    case 'greet-again':
    case 'stale-link':
      throw new Error(`a timer has no key, no sequence and no link, yet the store answered ${verdict.kind}`)
    default:
      return unreachable(verdict)
  }
}
