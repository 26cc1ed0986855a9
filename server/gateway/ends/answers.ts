import { STATUS_CODES, type ServerResponse } from 'node:http'
import { ERRORS, type ErrorCode } from '../../../relay/protocol/errors.ts'

/** Time to read a refusal while the rest of a body still comes, milliseconds. A peer that goes on longer is cut off. */
const READ_MS = 1_000

/** Nothing on the way keeps, changes or gathers what is of one link (PROTOCOL N2). */
export const LINK_HEADERS = {
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** A problem (RFC 9457) as its bytes. */
export function problemJson(code: ErrorCode, message: string = ERRORS[code].says): string {
  const { status } = ERRORS[code]
  return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, code, detail: message })
}

/** Answers in one write, whoever still listens. Pieces stay what they are. */
export function answer(
  response: ServerResponse,
  pieces: readonly Buffer[],
  headers: Readonly<Record<string, string>> = {},
): void {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  write(response, 200, { 'content-type': 'application/json', ...headers }, length, pieces)
}

/** Whether a body in gzip is understood there (RFC 9110 §12.5.3). */
export function takesGzip(response: ServerResponse): boolean {
  const accepted = [response.req.headers['accept-encoding'] ?? []].flat().join(',').toLowerCase().split(',')
  return accepted.some((coding) => {
    const [name, weight = 'q=1'] = coding.split(';').map((part) => part.trim())
    return name === 'gzip' && Number(weight.slice(2)) > 0
  })
}

export function answerProblem(response: ServerResponse, code: ErrorCode, message?: string): void {
  const body = Buffer.from(problemJson(code, message))
  write(response, ERRORS[code].status, { 'content-type': 'application/problem+json' }, body.length, [body])
}

/** There is nothing to say to this request (any more). */
export function answerNothing(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(204, LINK_HEADERS).end()
}

function write(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  length: number,
  pieces: readonly Buffer[],
): void {
  if (response.headersSent || response.destroyed) return
  response.cork()
  response.writeHead(status, { ...LINK_HEADERS, ...headers, 'content-length': String(length) })
  for (const piece of pieces) response.write(piece)
  if (response.req.complete) response.end()
  else endRead(response)
  response.uncork()
}

/**
 * Its request has a body that nobody reads. The answer is whole, but ends when the body does: closed before, the connection
 * would be reset, and the peer would not read it.
 */
function endRead(response: ServerResponse): void {
  const { req: request } = response
  const cut = setTimeout(() => request.destroy(), READ_MS)
  request.once('close', () => {
    clearTimeout(cut)
    response.end()
  })
  request.resume()
}
