import type { Way } from '../../relay/protocol/ways.ts'
import type { Visitor } from './visitor.ts'

/** One observation of a server, from outside. */
export interface Case {
  /** Ids of PROTOCOL.md that this shows, in whole or in part. */
  readonly rules: readonly string[]
  /** What is seen when the rule is kept, as a sentence. */
  readonly says: string
  /** Rejects with `Mismatch` or `WireError` when it is not; with `CannotSee` when this target does not let it be seen. */
  readonly run: (visitor: Visitor) => Promise<void>
  /** Only on these ways; absent on all. */
  readonly ways?: readonly Way[]
  /** Waits for patience of the server to end: such cases run beside the others. The most it may take, milliseconds. */
  readonly waitsMs?: number
  /** Ends the server's connections, so nothing may run beside it or after it. */
  readonly isLast?: true
}
