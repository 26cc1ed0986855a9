import type { IncomingMessage } from 'node:http'

export interface BodyBounds {
  readonly maxBytes: number
  /** So many bytes more are held of it; false stops it. */
  readonly grew: (bytes: number) => boolean
}

/**
 * Reads a body of at most so many bytes; `heard` gets it, or null where it was longer, was stopped, or broke off. Of what is
 * longer nothing is held, and where it says so itself nothing is read.
 */
export function readBody(request: IncomingMessage, { maxBytes, grew }: BodyBounds, heard: Heard): void {
  const pieces: Buffer[] = []
  let bytes = 0
  let isOver = false
  const over = (body: Buffer | null, why: 'whole' | 'too-large' | 'stopped' | 'gone'): void => {
    if (isOver) return
    isOver = true
    request.removeListener('data', came)
    if (why !== 'whole') pieces.length = 0
    heard(body, why)
  }
  const came = (piece: Buffer): void => {
    bytes += piece.length
    if (bytes > maxBytes) return over(null, 'too-large')
    pieces.push(piece)
    if (!grew(piece.length)) over(null, 'stopped')
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return over(null, 'too-large')
  request.on('data', came)
  request.once('end', () => over(Buffer.concat(pieces), 'whole'))
  request.once('close', () => over(null, 'gone'))
  request.on('error', () => {}) // Its close follows.
}

type Heard = (body: Buffer | null, why: 'whole' | 'too-large' | 'stopped' | 'gone') => void
