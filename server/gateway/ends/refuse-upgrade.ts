import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ERRORS, type ErrorCode } from '../../../relay/protocol/errors.ts'
import { problemJson } from './answers.ts'

/** Time to read a refusal, milliseconds. A peer that keeps its half of the connection open longer is cut off. */
const READ_MS = 1_000

/** Answers an upgrade with a problem (RFC 9457) instead of a connection, and closes it whatever the peer does (V22). */
export function refuseUpgrade(socket: Duplex, code: ErrorCode, message: string = ERRORS[code].says): void {
  const { status } = ERRORS[code]
  const title = STATUS_CODES[status] ?? 'Error'
  const body = problemJson(code, message)
  const cut = setTimeout(() => socket.destroy(), READ_MS)
  socket.once('close', () => clearTimeout(cut))
  // What it still sends is read and dropped, so that its end of the connection is seen when it comes.
  socket.resume()
  socket.end(
    [
      `HTTP/1.1 ${status} ${title}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
