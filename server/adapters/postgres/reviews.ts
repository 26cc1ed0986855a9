import { LIMITS } from '../../../relay/protocol/limits.ts'
import { reviewsOver } from '../../ports/review-room.ts'
import type { ReviewRow } from '../../ports/site.ts'
import type { WorkingSet } from './working-set.ts'

const REVIEW_ROOM = { all: LIMITS.maxReviews, ofDevice: LIMITS.maxReviewsPerDevice }

/** Writes down what a person should look at, the same thing once, and makes room for it (T13). */
export function addReview(set: WorkingSet, row: ReviewRow): void {
  set.needsRegister('reviews')
  const held = set.get('reviews', '')
  const detail = JSON.stringify(row.detail)
  if (held.some((each) => each.kind === row.kind && each.device === row.device && each.detail === detail)) return
  // The newest row never goes, so its id is the last that was given.
  const id = (held.at(-1)?.id ?? 0) + 1
  const isUsed = set.get('device', row.device)?.usedAt !== undefined && set.get('device', row.device)?.usedAt !== null
  const all = [...held, { id, kind: row.kind, device: row.device, detail, isUsed }]
  const used = new Set(all.filter((each) => each.isUsed).map(({ device }) => device))
  const going = new Set(
    reviewsOver(new Map(all.map((each) => [each.id, each.device])), REVIEW_ROOM, (device) => !used.has(device)),
  )
  set.write('reviews', { id, row })
  for (const each of going) set.write('reviewsGone', each)
  set.set(
    'reviews',
    [''],
    all.filter((each) => !going.has(each.id)),
  )
}
