import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { PinBudget } from './pin-budget.ts'
import type { SessionEnd } from './sessions.ts'

/** How long news is kept, milliseconds: a node that did not look for so long may have missed some. */
export const NEWS_KEPT_MS = 10 * 60_000

/** What a node has to hear of soon, and no channel says. Early, late or twice it is harmless. */
export type FloorNews =
  /** By whichever node: any link of a lower number is over (N11). */
  | { readonly kind: 'greeted'; readonly device: DeviceId; readonly link: number }
  /** Otherwise than by a command of its person: it ran out, or a token was used twice. */
  | { readonly kind: 'session'; readonly session: SessionId; readonly end: SessionEnd }
  /** Its role, areas or status may be others. */
  | { readonly kind: 'operator'; readonly operator: string }

export interface HeardNews {
  /** To go on from. */
  readonly position: string
  readonly news: readonly FloorNews[]
}

/** What the nodes of one floor have in common beside the store; a server that is alone has it in memory. */
export interface SharedFloor {
  /** Server time, which all nodes have from the same clock, epoch milliseconds; it never goes back in one process (P7). */
  nowMs(): number
  /** Name of the last greeting of this device, by whichever node (A8); null where none is known. */
  lastGreeting(device: DeviceId): Promise<string | null>
  /** What was said behind this position, by this node as well; null begins now. */
  news(after: string | null): Promise<HeardNews>
  /** How fast PINs may be tried (X4). */
  readonly pins: PinBudget
}
