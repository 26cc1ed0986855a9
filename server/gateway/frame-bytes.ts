import type { CommittedEvent } from '../ports/store.ts'
import type { ServerFrame } from '../../relay/protocol/frames.ts'

/**
 * A text frame as it goes on the wire, header and payload in one buffer (RFC 6455 §5.2: FIN, opcode 1, no mask from the
 * server). Framing once and writing the same bytes to everybody is what makes fan-out cheap (DESIGN §5 "Down").
 *
 *   0x81 | len ≤ 125          | payload
 *   0x81 | 126 | uint16 len   | payload
 *   0x81 | 127 | uint64 len   | payload
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const bytes = Buffer.allocUnsafe(header + length)
  bytes[0] = 0x81
  if (header === 2) bytes[1] = length
  else if (header === 4) {
    bytes[1] = 126
    bytes.writeUInt16BE(length, 2)
  } else {
    bytes[1] = 127
    bytes.writeBigUInt64BE(BigInt(length), 2)
  }
  bytes.write(text, header)
  return bytes
}

export function frameBytes(frame: ServerFrame): Buffer {
  return textFrame(JSON.stringify(frame))
}

/** The bytes of one live event, the same for every connection. */
export function eventBytes({ channel, epoch, event }: CommittedEvent): Buffer {
  return frameBytes({ t: 'event', channel, epoch, ...event })
}

/** Frames that leave in one piece; one alone is not copied. */
export function joinFrames(frames: readonly Buffer[]): Buffer {
  const [only] = frames
  return only !== undefined && frames.length === 1 ? only : Buffer.concat(frames)
}
