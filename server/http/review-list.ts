import * as v from 'valibot'

/** Oldest first. `message` says of this device what `kind` stands for, `detail` the same in numbers. */
export const ReviewList = v.object({
  reviews: v.array(
    v.object({
      kind: v.string(),
      /** Its id, and what it last called itself. */
      device: v.string(),
      name: v.string(),
      at: v.string(),
      message: v.string(),
      detail: v.unknown(),
    }),
  ),
  /** Older ones that are gone because there were too many. */
  dropped: v.number(),
})
export type ReviewList = v.InferOutput<typeof ReviewList>
