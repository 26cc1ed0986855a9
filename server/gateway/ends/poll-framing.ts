import { inBase64, type Framing, type SharedBytes } from '../shared-bytes.ts'
import type { DownBatch } from './batches.ts'
import { GZIP_HEADER, GzipSum, stored } from './gzip.ts'

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
      if (form !== null) pieces.push(...(nth === 0 ? [form] : [stored(COMMA), form]))
    if (deflated.length === 0) pieces.push(stored(piece, at === plain.length - 1))
  }
  const sum = new GzipSum()
  for (const piece of plain) sum.addPlain(piece)
  return [...pieces, sum.trailer()]
}

const COMMA = Buffer.from(',')
const END = Buffer.from(']}')
