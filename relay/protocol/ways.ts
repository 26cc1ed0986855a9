/** What travels around the frames where they go by HTTP requests (PROTOCOL, "Other ways"): paths, header, batches, bounds. */
import * as v from 'valibot'
import { LIMITS } from './limits.ts'

/** How the frames of a link come and go: a WebSocket, a stream down with requests up, or requests both ways. */
export const WAYS = ['ws', 'stream', 'poll'] as const
export type Way = (typeof WAYS)[number]

/** Names the link of a request; absent in the one that opens it (N2). Lower case, as Node and `fetch` hand headers over. */
export const LINK_HEADER = 'andon-link'

/** Of the requests, behind the server's base address. */
export const WAY_PATHS = { stream: '/sync/stream', frames: '/sync/frames', poll: '/sync/poll' } as const

export const WAY_LIMITS = {
  /** A body up: the longest frame that is answered with a sentence (C2), and the batch around it. */
  maxBatchBytes: 2 * LIMITS.maxFrameBytes + 1024,
  /** Frames of one batch up: more than a relay has in flight in both lanes, with what it subscribes to at once. */
  maxBatchFrames: 1_024,
  /** How long a batch waits for the one before it, which another connection may bring later, milliseconds (N4). */
  aheadMs: 2_000,
  /** Batches down that no `ack` covers (N7). */
  maxUnacked: 2,
  /** Characters of a close's sentence: what a WebSocket has room for (RFC 6455 §5.5.1). */
  maxSays: 123,
} as const

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
