import type { Message } from '../../relay/protocol/binary.ts'
import { encodeFrame } from '../../relay/protocol/codec.ts'
import type { ServerFrame } from '../../relay/protocol/frames.ts'
import type { CommittedEvent } from '../ports/submission.ts'

/**
 * How one kind of end puts frames on its wire, one value for all ends of that kind: `SharedBytes` remembers by it what was
 * made. Pure, and it knows nothing of a connection, so that everybody can be given the same bytes.
 */
export interface Framing {
  /**
   * These frames in this order, as one piece. `deflated`: as `SharedBytes` has it, for framings that are asked for where some of
   * them are.
   */
  frame(messages: readonly Message[], deflated?: DeflatedForms): Buffer
}

/** Of each message the form that `Deflater` made of it, or null where nobody did; null for all of them where there is none. */
export type DeflatedForms = readonly (Buffer | null)[] | null

/**
 * Frames that leave in one piece, as they are before anybody framed them. Each kind of end frames them once, when the first
 * of its connections needs them, and every further connection gets the same bytes (U2): that is what makes fan-out cheap.
 * Never changed after it was made.
 */
export class SharedBytes {
  /** In the order in which they leave. */
  readonly messages: readonly Message[]
  /** Bytes of the messages, texts in UTF-8, without any framing. */
  readonly length: number
  /** Of frames that are everybody's only (PROTOCOL Z1). */
  readonly deflated: DeflatedForms
  // Nearly always there is one kind of end: looking it up is a comparison then.
  #framing: Framing | null = null
  #framed: Buffer | null = null
  #others: Map<Framing, Buffer> | null = null

  constructor(messages: readonly Message[], deflated: DeflatedForms = null) {
    this.messages = messages
    this.deflated = deflated
    let length = 0
    for (const message of messages) length += Buffer.byteLength(message)
    this.length = length
  }

  /** The same frame, deflated as well. */
  withDeflated(deflated: Buffer): SharedBytes {
    return new SharedBytes(this.messages, [deflated])
  }

  framedBy(framing: Framing): Buffer {
    if (this.#framing === framing && this.#framed !== null) return this.#framed
    return this.#make(framing)
  }

  #make(framing: Framing): Buffer {
    const known = this.#others?.get(framing)
    if (known !== undefined) return known
    const framed = framing.frame(this.messages, this.deflated)
    if (this.#framing === null) {
      this.#framing = framing
      this.#framed = framed
    } else (this.#others ??= new Map()).set(framing, framed)
    return framed
  }
}

/** Who deflates what everybody gets the same (PROTOCOL Z1). */
export interface Deflates {
  /** Whether it is one frame, and long enough. */
  isWorthwhile(bytes: SharedBytes): boolean
  /** The same frame with its deflated form; unchanged where that is not worth it, or nobody has time for it. Never rejects. */
  deflated(bytes: SharedBytes): Promise<SharedBytes>
}

export function frameBytes(frame: ServerFrame): SharedBytes {
  return new SharedBytes([encodeFrame(frame)])
}

/** One live event, the same for every connection. */
export function eventBytes({ channel, epoch, event }: CommittedEvent): SharedBytes {
  return frameBytes({ t: 'event', channel, epoch, ...event })
}

/** A binary message on the ways that are text. */
export function inBase64({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('base64')
}

/** All of them in one piece; one alone stays what it is, with what was framed of it. */
export function joinBytes(parts: readonly SharedBytes[]): SharedBytes {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const isPlain = parts.every(({ deflated }) => deflated === null)
  return new SharedBytes(
    parts.flatMap(({ messages }) => messages),
    isPlain ? null : parts.flatMap(({ messages, deflated }) => deflated ?? messages.map(() => null)),
  )
}
