/** The ways that a link takes, and where they go by HTTP requests (PROTOCOL, "Other ways"): paths, header, bounds. */
import { LIMITS } from './limits.ts'

/** How the frames of a link come and go, best first: a WebSocket, a stream down with requests up, or requests both ways. */
export const WAYS = ['ws', 'stream', 'poll'] as const
export type Way = (typeof WAYS)[number]

/** The same value for each way, to count from or to replace. */
export function ofEachWay<T>(value: T): Record<Way, T> {
  return Object.fromEntries(WAYS.map((way) => [way, value])) as Record<Way, T>
}

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
