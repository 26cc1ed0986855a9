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

const COMMA = Buffer.from(',')
const END = Buffer.from(']}')
