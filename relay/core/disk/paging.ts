import { LIMITS } from '../../protocol/limits.ts'

/** How much of what may be long is in memory at a time. The rest stays on disk and is read as it is needed. */
export interface Paging {
  /** Commands of one lane held to be sent; the next page is read when half of them are answered. At least 2. */
  readonly head: number
  /** Rows of one page of a walk through a table. */
  readonly page: number
}

/** Four full windows of a lane keep the link busy while a page is read. */
export const DEFAULT_PAGING: Paging = { head: 4 * LIMITS.maxInFlight, page: 500 }
