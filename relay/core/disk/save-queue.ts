/**
 * Group commit as a value: what waits for the disk, what is being written, and what a failure leaves. Holds no promise
 * and no timer; the shell writes what `takeBatch` gives and says how it went.
 *
 *   resting ── takeBatch ──▶ writing ── batchWritten ──▶ resting
 *      ▲                        └────── batchFailed ───▶ pausing ── resume ──▶ resting
 *
 * Invariants
 *   1. At most one batch is being written; batches and the saves in them keep the order of `addSave`.
 *   2. A failure drops exactly the saves a person waits for; the others become one save with the same effect.
 */
import type { Write } from '../../ports.ts'
import { mergeWrites } from './merge-writes.ts'

export interface Save {
  readonly token: number
  readonly writes: readonly Write[]
  readonly onFailure: 'retry' | 'refuse'
}

export interface SaveQueue {
  waiting: Save[]
  phase: { readonly kind: 'resting' | 'pausing' } | { readonly kind: 'writing'; readonly batch: readonly Save[] }
}

export function newSaveQueue(): SaveQueue {
  return { waiting: [], phase: { kind: 'resting' } }
}

export function addSave(queue: SaveQueue, save: Save): void {
  queue.waiting.push(save)
  // A person waits for the answer: a disk that failed is tried again at once.
  if (save.onFailure === 'refuse') resume(queue)
}

/** Everything that waits, as one write; null while one is under way, after a failure, or when nothing waits. */
export function takeBatch(queue: SaveQueue): readonly Write[] | null {
  if (queue.phase.kind !== 'resting' || queue.waiting.length === 0) return null
  queue.phase = { kind: 'writing', batch: queue.waiting }
  const writes = queue.waiting.flatMap((each) => each.writes)
  queue.waiting = []
  return writes
}

/** The batch is durable. Returns its last token. */
export function batchWritten(queue: SaveQueue): number {
  const batch = queue.phase.kind === 'writing' ? queue.phase.batch : []
  queue.phase = { kind: 'resting' }
  return batch.at(-1)?.token ?? 0
}

/** The batch is not durable; what is kept of it is written after `resume`. */
export function batchFailed(queue: SaveQueue): void {
  const batch = queue.phase.kind === 'writing' ? queue.phase.batch : []
  const kept = [...batch, ...queue.waiting].filter((each) => each.onFailure === 'retry')
  const token = kept.at(-1)?.token
  const writes = mergeWrites(kept.flatMap((each) => each.writes))
  queue.waiting = token === undefined ? [] : [{ token, writes, onFailure: 'retry' }]
  queue.phase = { kind: 'pausing' }
}

/** The pause after a failure is over. */
export function resume(queue: SaveQueue): void {
  if (queue.phase.kind === 'pausing') queue.phase = { kind: 'resting' }
}

/** Nothing waits and nothing is being written. */
export function isDrained(queue: SaveQueue): boolean {
  return queue.phase.kind !== 'writing' && queue.waiting.length === 0
}
