import type { CloseRow } from '../../relay/protocol/close-codes.ts'
import type { Way } from '../../relay/protocol/ways.ts'
import type { SharedBytes } from './shared-bytes.ts'

/** Patience of an end with a peer that does not let it close, milliseconds. A dead link answers no handshake. */
export const CLOSE_MS = 2_000

/** The form in which a frame came. Who may send bytes is the connection's to say (B2). */
export type FrameForm = 'text' | 'binary'

/**
 * One way that frames of one connection come and go: a WebSocket, and whatever else may carry them. The connection above it
 * knows frames, lanes and rows of the close table; the end knows sockets and how frames are told apart on them.
 *
 * 1. `took` brings frames in the order in which they were sent, each once and whole. Rates, rights and sizes are the
 *    connection's: an end hands over frames of up to `2 * LIMITS.maxFrameBytes`, so that the connection can say what was
 *    wrong, and ends by itself on what is longer, and on what is no frame of its way.
 * 2. After `pause` comes at most what was read before it; nothing is lost, and `resume` goes on behind it: never within the
 *    call, because whoever calls it is in the middle of making room.
 * 3. What is written arrives in the order of the calls, every frame once and unchanged. One call is one write to the system.
 * 4. `close` comes behind everything that was written. From the call on nothing is taken, and nothing written any more:
 *    both are ignored. So it is when the peer closes first.
 * 5. `ended` comes once: when the peer has gone, within `CLOSE_MS` of `close` whatever the peer does, and after `cut`; never
 *    within a call of ours. Nothing comes behind it. A peer that only falls silent is not noticed here, but by its heartbeat.
 *
 * 6. `holding` tells what has to be held of a frame that is not whole: each time it grew, and once it is whole. From `close` on
 *    no more is held.
 *
 * No method throws, in whatever state.
 */
export interface FrameEnd {
  /** From here on the taker hears what comes; called once. An end that is never started takes nothing, but writes and closes. */
  start(taker: FrameTaker): void
  /** Hands these frames to the system. False when it has enough for now: `drained` says when it has room again. */
  write(bytes: SharedBytes): boolean
  /** Several, in this order, in one write. */
  writeAll(parts: readonly SharedBytes[]): boolean
  /** Bytes that were written and that the system has not taken. */
  readonly unwrittenBytes: number
  /** Stops reading, which the peer feels when the way is full. */
  pause(): void
  resume(): void
  /** How long a request of the peer may wait for something to say, milliseconds. Only where frames come in requests. */
  holdAtMost?(ms: number): void
  /** Closes in the manner of this way, so that the peer learns code and sentence of the row. */
  close(row: CloseRow): void
  /** Ends it without a word. */
  cut(): void
}

/** Who is behind an end. */
export interface FrameTaker {
  /** One frame, up to twice `LIMITS.maxFrameBytes` long. Its bytes are the taker's from here on. */
  took(payload: Buffer, form: FrameForm): void
  /** So many bytes of a frame that is not whole are held now; 0 when it came. */
  holding(bytes: number): void
  /** After a `write` that said no: so much was taken that there is room again. */
  drained(): void
  /** Nothing follows. `cause`: what broke it, null when nothing did. */
  ended(cause: Error | null): void
}

/** Where an end comes from, for the bounds that are counted by that. */
export interface FrameOrigin {
  /** As limits count it: an address, or of IPv6 its network. */
  readonly source: string
  readonly way: Way
  /** What is at the other end has shown to be a device that this server knows (V21). */
  belongsToDevice(): void
}
