import { crc32 } from 'node:zlib'
import { inBase64, type Framing, type SharedBytes } from '../shared-bytes.ts'
import type { DownBatch } from './batches.ts'

/** Frames as elements of the list `frames` of a batch (PROTOCOL N3), with commas between them and none around them. */
export const POLL_FRAMING: Framing = {
  frame: (messages) =>
    Buffer.from(
      messages.map((message) => (typeof message === 'string' ? message : `"${inBase64(message)}"`)).join(','),
    ),
}

export interface BatchEnd {
  readonly code: number
  readonly says: string
}

/** A batch down as it is written, in pieces: what is shared stays shared. `ack` is of this moment, everything else as it was made. */
export function batchBytes({ batch, parts, close }: DownBatch<SharedBytes, BatchEnd>, ack: number): readonly Buffer[] {
  const pieces: Buffer[] = [Buffer.from(`{"batch":${batch},"ack":${ack},"frames":[`)]
  for (const [at, part] of parts.entries()) {
    if (at > 0) pieces.push(COMMA)
    pieces.push(part.framedBy(POLL_FRAMING))
  }
  pieces.push(close === null ? END : Buffer.from(`],"close":${JSON.stringify(close)}}`))
  return pieces
}

/**
 * The same in gzip (RFC 1952), of the deflated frames that everybody gets; null where not all of them are such, for what is of
 * one reader is in no body that is compressed (PROTOCOL Z4). What stands between them is in blocks that are stored.
 *
 *   header │ stored `{"batch":…[` │ deflated │ stored `,` │ deflated │ … │ last, stored `]}` │ CRC-32 │ length
 */
export function packedBatch(batch: DownBatch<SharedBytes, BatchEnd>, ack: number): readonly Buffer[] | null {
  const { parts } = batch
  if (parts.length === 0 || parts.some(({ deflated }) => deflated === null || deflated.includes(null))) return null
  const plain = batchBytes(batch, ack)
  const pieces: Buffer[] = [GZIP_HEADER]
  // Frames stand between head, commas and end: at every second place.
  for (const [at, piece] of plain.entries()) {
    const deflated = at % 2 === 1 ? (parts[(at - 1) / 2]?.deflated ?? []) : []
    for (const [nth, form] of deflated.entries())
      if (form !== null) pieces.push(...(nth === 0 ? [form] : [stored(COMMA, false), form]))
    if (deflated.length === 0) pieces.push(stored(piece, at === plain.length - 1))
  }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(plain.reduce((sum, piece) => crc32(piece, sum), 0))
  trailer.writeUInt32LE(
    plain.reduce((sum, piece) => sum + piece.length, 0),
    4,
  )
  return [...pieces, trailer]
}

/** Magic, deflate, no flags, no time, nothing about how, and an unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])

/** Up to 64 KB as a block that is not compressed (RFC 1951 §3.2.4); it begins on a byte. */
function stored(bytes: Buffer, isLast: boolean): Buffer {
  const block = Buffer.allocUnsafe(5 + bytes.length)
  block[0] = isLast ? 1 : 0
  block.writeUInt16LE(bytes.length, 1)
  block.writeUInt16LE(0xffff - bytes.length, 3)
  bytes.copy(block, 5)
  return block
}

const COMMA = Buffer.from(',')
const END = Buffer.from(']}')
