/** Bits of the first two bytes of a frame (RFC 6455 §5.2). */
const FINAL = 0x80
const OPCODE = 0x0f
const CONTROL = 0x08
const MASKED = 0x80
const LENGTH = 0x7f
/** What a header may have at most: two bytes, eight of length, four of mask. */
const MAX_HEADER = 14

/**
 * How many bytes of a message that is not whole have come on a WebSocket: what `ws` holds until it is. It tells a message when
 * it ends and no sooner, so this reads along, headers only; whether they keep the rules is the business of `ws`.
 *
 * The bytes of a message are all that came since the one before it ended, headers and its fragments included. A control frame
 * between two fragments counts as long as the message lasts: it is less than there was to say for the message itself.
 */
export class MessageMeter {
  /** Of a frame whose header is being read; none lies about while nothing comes. */
  #header: Buffer | null = null
  #headerBytes = 0
  /** Of the payload of the frame that is being read. */
  #missing = 0
  /** A fragment came whose message goes on. */
  #goesOn = false
  /** Whether the frame that is being read ends what it belongs to. */
  #ends = false
  #bytes = 0

  get unfinishedBytes(): number {
    return this.#bytes
  }

  add(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#missing > 0) {
        const step = Math.min(this.#missing, chunk.length - at)
        this.#missing -= step
        this.#bytes += step
        at += step
      } else {
        const header = (this.#header ??= Buffer.allocUnsafe(MAX_HEADER))
        header[this.#headerBytes] = chunk[at] ?? 0
        this.#headerBytes += 1
        this.#bytes += 1
        at += 1
        if (!this.#readHeader(header)) continue
        this.#header = null
      }
      if (this.#missing === 0 && this.#ends) this.#bytes = 0
    }
  }

  /** False while some of it is still to come. */
  #readHeader(header: Buffer): boolean {
    if (this.#headerBytes < 2) return false
    const [first = 0, second = 0] = header
    const short = second & LENGTH
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0
    if (this.#headerBytes < 2 + lengthBytes + ((second & MASKED) === 0 ? 0 : 4)) return false
    this.#headerBytes = 0
    this.#missing = short === 127 ? Number(header.readBigUInt64BE(2)) : short === 126 ? header.readUInt16BE(2) : short
    const isControl = (first & OPCODE & CONTROL) !== 0
    if (!isControl) this.#goesOn = (first & FINAL) === 0
    this.#ends = !this.#goesOn
    return true
  }
}
