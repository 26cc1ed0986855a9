/** What was said in a line before what a snapshot brings, as people scroll back to it (`GET /api/chat/{line}`, K5). */
import * as v from 'valibot'
import { Epoch, Offset, Segment } from './ids.ts'
import { LIMITS } from './limits.ts'
import { StoredEvent } from './stored-event.ts'

/** The events in front of this offset. */
export const PastQuery = v.strictObject({ line: Segment, before: Offset })
export type PastQuery = v.InferOutput<typeof PastQuery>

/** `events`: oldest first, without a gap up to the asked offset. `first`: the offset of the oldest event that is kept. */
export const PastPage = v.strictObject({
  epoch: Epoch,
  events: v.pipe(v.array(StoredEvent), v.maxLength(LIMITS.logSnapshotEvents)),
  first: Offset,
})
export type PastPage = v.InferOutput<typeof PastPage>
