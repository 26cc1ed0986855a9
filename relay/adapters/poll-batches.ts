import type { DownBatch } from '../protocol/way-batches.ts'
import type { UpBatch } from './up-frames.ts'

/** Batches that the server has not acknowledged: one that is asked with, and one that overtakes its answer (PROTOCOL N4). */
const MAX_UNACKED = 2

/**
 * The numbers of one poll link, as values (PROTOCOL N4, N7).
 *
 * 1. A batch up is sent under its number until it is acknowledged; two at most are not.
 * 2. A batch down is taken once, m + 1 after m, whatever was sent twice or overtook another.
 * 3. What does not fit ends the link: the cursors know what is missing, and nobody else does.
 */
export interface PollBatches {
  /** Sent and not acknowledged, oldest first. */
  readonly unacked: readonly UpBatch[]
  /** The last one that was sent. */
  readonly newest: UpBatch | null
  /** The last batch down that was taken. */
  readonly taken: number
  /** Came before the one that it follows. */
  readonly early: DownBatch | null
}

export const NO_BATCHES: PollBatches = { unacked: [], newest: null, taken: 0, early: null }

/** What came out of an answer, in order; `doubt`: the link is to be ended. */
export type Arrived =
  | { readonly kind: 'taken'; readonly state: PollBatches; readonly batches: readonly DownBatch[] }
  | { readonly kind: 'doubt' }

export function maySend({ unacked }: PollBatches): boolean {
  return unacked.length < MAX_UNACKED
}

export function sent(state: PollBatches, batch: UpBatch): PollBatches {
  return { ...state, unacked: [...state.unacked, batch], newest: batch }
}

export function isUnacked({ unacked }: PollBatches, batch: UpBatch): boolean {
  return unacked.includes(batch)
}

/** The one to ask with again. */
export function newest({ newest: batch }: PollBatches): UpBatch {
  if (batch === null) throw new Error('nothing was sent')
  return batch
}

/** A batch down, as an answer brought it. One that is known already still acknowledges. */
export function arrived(state: PollBatches, down: DownBatch): Arrived {
  if (down.ack > (state.newest?.batch ?? 0)) return { kind: 'doubt' }
  const unacked = state.unacked.filter(({ batch }) => batch > down.ack)
  const { taken, early } = state
  switch (down.batch - taken) {
    case 1: {
      const batches = early === null ? [down] : [down, early]
      return { kind: 'taken', state: { ...state, unacked, taken: taken + batches.length, early: null }, batches }
    }
    case 2:
      return { kind: 'taken', state: { ...state, unacked, early: down }, batches: [] }
    default:
      return down.batch <= taken ? { kind: 'taken', state: { ...state, unacked }, batches: [] } : { kind: 'doubt' }
  }
}
