import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import { ERRORS, type ErrorCode } from '../../relay/protocol/errors.ts'

/** Answers an upgrade with a problem (RFC 9457) instead of a connection. */
export function refuseUpgrade(socket: Duplex, code: ErrorCode): void {
  const { status, says } = ERRORS[code]
  const title = STATUS_CODES[status] ?? 'Error'
  const body = JSON.stringify({ type: 'about:blank', title, status, code, detail: says })
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

/** Sends a device that came to a full door back with its own delay (L1), instead of letting it guess. */
export function turnAway(ws: WebSocket, retryAfterMs: number): void {
  ws.on('error', () => ws.terminate())
  ws.send(JSON.stringify({ t: 'bye', retryAfterMs }))
  ws.close(CLOSE.overloaded.code, CLOSE.overloaded.says)
}
