import type { DeviceId } from '../../relay/protocol/ids.ts'
import type { PinBudget } from './pin-budget.ts'

/** What the nodes of one floor have in common beside the store; a server that is alone has it in memory. */
export interface SharedFloor {
  /** Name of the last greeting of this device, by whichever node (A8); null where none is known. */
  lastGreeting(device: DeviceId): Promise<string | null>
  /** How fast PINs may be tried (X4). */
  readonly pins: PinBudget
}
