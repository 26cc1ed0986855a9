/** What the first reads of a life are, as values; `shell/start.ts` carries them out. */
import type { Lane } from '../../protocol/lanes.ts'
import { LOCAL_LIMITS } from '../../protocol/local.ts'
import type { Range, Row } from '../../ports.ts'
import type { Paging } from './paging.ts'
import { laneRange, LAYOUT, outboxKey, type OutboxMeta } from './rows.ts'

/** Why this program may not touch the disk, in words; null if it may. A disk without a layout is of the first one. */
export function refuseLayout(meta: readonly Row[]): string | null {
  const layout = meta.find((row) => row.key === 'layout')?.value ?? 1
  if (typeof layout === 'number' && layout <= LAYOUT) return null
  return 'The data of this device was written by a newer Andon. Install that version or a later one; nothing was changed.'
}

/** Of each lane its oldest commands, to be sent, and its newest, to be shown. */
export function startRanges(
  meta: readonly Row[],
  paging: Paging,
): Readonly<Record<Lane, { readonly head: Range; readonly tail: Range }>> {
  const outbox = meta.find((row) => row.key === 'outbox')?.value as OutboxMeta | undefined
  const volume = outbox?.volume ?? 0
  const ranges = (lane: Lane) => {
    const all = laneRange(lane, volume)
    const newest = Math.max((outbox?.next[lane] ?? 1) - LOCAL_LIMITS.shownPending, 0)
    return { head: { ...all, limit: paging.head }, tail: { ...all, from: outboxKey(lane, newest, volume) } }
  }
  return { urgent: ranges('urgent'), normal: ranges('normal') }
}
