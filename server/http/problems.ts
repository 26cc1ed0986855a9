import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ERRORS, refuse, type ErrorCode, type Refusal } from '../../relay/protocol/errors.ts'
import { StoreUnavailable } from '../ports/store-errors.ts'
import { HTTP_LIMITS } from './limits.ts'

/** When to come back while the disk does not take a write, milliseconds. */
const UNAVAILABLE_MS = 2_000
const MEDIA_TYPE = 'application/problem+json; charset=utf-8'

/** RFC 9457; `code` is the stable name programs decide on, `data` what they need to go on. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly detail: string
  readonly data?: unknown
}

export function problemOf({ code, message, data }: Refusal): Problem {
  const { status } = ERRORS[code]
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: message,
  }
  return data === undefined || data === null ? problem : { ...problem, data }
}

/** Answers with a refusal of the code table. `afterMs`: when to come back, as `Retry-After`. */
export function sendProblem(reply: FastifyReply, refusal: Refusal, afterMs?: number): FastifyReply {
  if (afterMs !== undefined) void reply.header('retry-after', Math.max(1, Math.ceil(afterMs / 1000)))
  const problem = problemOf(refusal)
  return reply.code(problem.status).type(MEDIA_TYPE).send(JSON.stringify(problem))
}

/** A refusal on its way out of a library that can only throw. */
export class Refused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

/** Everything that is thrown, by a route or by Fastify itself, becomes a problem; what nobody expected is logged. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply))
}

export function answerError(
  error: FastifyError | Refused | StoreUnavailable,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const refusal = refusalOf(error, request.routeOptions.bodyLimit ?? HTTP_LIMITS.maxSmallBytes)
  if (refusal.code === 'internal')
    request.log.error({ event: 'http-failed', err: error, route: request.routeOptions.url })
  return sendProblem(reply, refusal, refusal.code === 'unavailable' ? UNAVAILABLE_MS : undefined)
}

function refusalOf(error: FastifyError | Refused | StoreUnavailable, maxBytes: number): Refusal {
  if (error instanceof Refused) return error.refusal
  if (error instanceof StoreUnavailable) return refuse('unavailable', 'The server could not write to its disk.')
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refuse('frame-too-large', `A request body may have ${maxBytes} bytes here.`)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse('bad-request', 'Send the body as JSON, with "Content-Type: application/json".')
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return refuse('not-found')
    default:
      // Whatever else Fastify blames on the client is a request it could not take apart.
      return (error.statusCode ?? 500) < 500 ? refuse('bad-request') : refuse('internal')
  }
}

/**
 * Bytes that are not even HTTP, or that did not all come in time: there is no request yet, so the answer is written by hand
 * and the socket closed.
 */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (socket.writable && error.code !== 'ECONNRESET') {
    const isLate = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    const problem = problemOf(
      isLate ? refuse('request-timeout') : refuse('bad-request', 'This is not a well-formed HTTP request.'),
    )
    const body = JSON.stringify(problem)
    const head = [
      `HTTP/1.1 ${problem.status} ${problem.title}`,
      'Connection: close',
      `Content-Type: ${MEDIA_TYPE}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
    ]
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  }
  socket.destroy()
}
