import { LIMITS } from '../../protocol/limits.ts'

/** A piece may be on a slow link for about so long, milliseconds: then the next word of a lane waits no longer behind it. */
const PIECE_MS = 250
export const MIN_PIECE_BYTES = 8 * 1024
/** Of the first piece: a quarter of a second at one megabit. */
export const FIRST_PIECE_BYTES = 32 * 1024

/** How large the next piece is after one of `bytes` took `ms`: what the link carries in that time, at most twice as much. */
export function nextPiece(before: number, { bytes, ms }: { readonly bytes: number; readonly ms: number }): number {
  const carried = Math.floor((bytes * PIECE_MS) / Math.max(ms, 1))
  return Math.min(LIMITS.maxPieceBytes, before * 2, Math.max(MIN_PIECE_BYTES, carried))
}

/** And after one that did not arrive. */
export function smallerPiece(before: number): number {
  return Math.max(MIN_PIECE_BYTES, Math.floor(before / 2))
}
