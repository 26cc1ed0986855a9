/**
 * What travels around the frames where they go by HTTP requests (PROTOCOL, "Other ways"). Apart from the names of the ways,
 * because these schemas are not for the first load of a page.
 */
import * as v from 'valibot'
import { WAY_LIMITS } from './ways.ts'

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const Ack = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** A text frame as the object it is, a binary one in base64. What the frame says is not looked at here. */
const Frame = v.union([
  v.custom<Readonly<Record<string, unknown>>>(
    (frame) => typeof frame === 'object' && frame !== null && !Array.isArray(frame),
  ),
  v.pipe(v.string(), v.base64()),
])
export type BatchedFrame = v.InferOutput<typeof Frame>

/** The end of a link: the row of the close table, or what a relay closes with (N9). */
export const BatchClose = v.strictObject({
  code: v.pipe(v.number(), v.safeInteger(), v.minValue(1000), v.maxValue(4999)),
  says: v.pipe(v.string(), v.maxLength(WAY_LIMITS.maxSays)),
})
export type BatchClose = v.InferOutput<typeof BatchClose>

const Frames = v.pipe(v.array(Frame), v.maxLength(WAY_LIMITS.maxBatchFrames))

/** Up, on stream: the body of `POST /sync/frames`. */
export const StreamBatch = v.strictObject({ batch: Count, frames: Frames, close: v.optional(BatchClose) })
export type StreamBatch = v.InferOutput<typeof StreamBatch>

/** Up, on poll. `ack`: the last batch down that was taken, 0 for none. `holdMs`: how long the answer may take. */
export const PollBatch = v.strictObject({
  ...StreamBatch.entries,
  ack: Ack,
  holdMs: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
})
export type PollBatch = v.InferOutput<typeof PollBatch>

/** Down, on poll. `ack`: the last batch up of which all frames were taken. Unknown fields pass (C4). */
export const DownBatch = v.object({
  batch: Count,
  ack: Ack,
  frames: v.array(Frame),
  close: v.optional(v.object({ code: v.number(), says: v.string() })),
})
export type DownBatch = v.InferOutput<typeof DownBatch>

/** Answer to `POST /sync/frames`. */
export const FramesTaken = v.object({ ack: Ack })
