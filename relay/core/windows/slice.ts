/** What windows said that is still on its way. */
import type { RecentIds } from '../../domain/recent.ts'
import type { ReceiptRow } from '../disk/rows.ts'
import type { PeopleReach } from '../people/slice.ts'
import type { RoomsState } from '../rooms/slice.ts'
import type { Sealed } from '../step/sealed.ts'

export interface ReceiptsState {
  /** Waiting, oldest first, by store key. */
  readonly rows: Map<string, ReceiptRow>
  /** Keys that are on disk. */
  readonly durable: Set<string>
  /** What was already reported in this life of the relay: a window that opens again shows the same alert again. */
  readonly reported: RecentIds
  /** The batch without an answer, and the connection it went out on. */
  sent: { readonly ref: number; readonly generation: number; readonly keys: readonly string[] } | null
  nextRef: number
}

export interface WindowsState {
  readonly receipts: ReceiptsState
  /** Pages of history asked for and not answered. */
  seriesReads: number
  /** Searches, and pages of what was said, asked for and not answered. */
  searches: number
}

export interface WindowsAfter {
  readonly kind: 'receiptStored'
  readonly key: string
}

/** What windows reach: their own slice, and those they hand to functions of all the others. */
export interface WindowsReach extends Sealed<PeopleReach> {
  readonly windows: WindowsState
  readonly rooms: Sealed<RoomsState>
}
