import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ERRORS, type ErrorCode } from '../../../relay/protocol/errors.ts'
import { problemJson } from './answers.ts'

/** Time to read a refusal, milliseconds. A peer that keeps its half of the connection open longer is cut off. */
const READ_MS = 1_000

/** Answers an upgrade with a problem (RFC 9457) instead of a connection, and closes it whatever the peer does (V22). */
export function refuseUpgrade(socket: Duplex, code: ErrorCode, message: string = ERRORS[code].says): void {
  const body = problemJson(code, message)
  // Which version would do stands in every answer: it is a MUST where that was wrong (RFC 6455 §4.2.2).
  const lines = ['Content-Type: application/problem+json', 'Sec-WebSocket-Version: 13']
  answerAndClose(socket, ERRORS[code].status, { lines, body })
}

/** The same to an upgrade by a method that upgrades nothing. */
export function refuseMethod(socket: Duplex): void {
  answerAndClose(socket, 405, { lines: ['Allow: GET'], body: '' })
}

function answerAndClose(
  socket: Duplex,
  status: number,
  { lines, body }: { readonly lines: readonly string[]; readonly body: string },
): void {
  const cut = setTimeout(() => socket.destroy(), READ_MS)
  socket.once('close', () => clearTimeout(cut))
  // What it still sends is read and dropped, so that its end of the connection is seen when it comes.
  socket.resume()
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`,
      ...lines,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  )
}
