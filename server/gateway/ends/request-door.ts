import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type * as v from 'valibot'
import { check, type Checked } from '../../../relay/protocol/check.ts'
import { ERRORS, refuse, type ErrorCode } from '../../../relay/protocol/errors.ts'
import { PollBatch, StreamBatch } from '../../../relay/protocol/way-batches.ts'
import { LINK_HEADER, WAY_LIMITS, type Way } from '../../../relay/protocol/ways.ts'
import { answerProblem, LINK_HEADERS, takesGzip } from './answers.ts'
import type { BatchUp } from './batch-intake.ts'
import { sayRefused, SocketOrigin, type DoorOptions } from './door.ts'
import type { LinkEnd } from './link-end.ts'
import { PollEnd, type PollUp } from './poll-end.ts'
import { readBody } from './request-body.ts'
import { StreamEnd } from './stream-end.ts'

/** Bits of a link's id: whoever guesses one is that link (N2). */
const ID_BYTES = 32
/** A question that opens a link has no frames: nobody was challenged yet. */
const MAX_OPENING_BYTES = 1_024
/** Requests of one link whose bodies are under way at once: two, and again two that a broken connection had them send again. */
const MAX_READING = 4
/** Of bytes that are no UTF-8 nobody can say what was meant. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true })

export interface RequestDoorOptions extends DoorOptions {
  /** The longest that a question is held, milliseconds (N6). */
  readonly heartbeatMs: number
  /** Before the id of each link, for whoever stands before several nodes and has to find this one again (N2). */
  readonly node?: string | null
  /** A stream of whoever accepts it is gzip (PROTOCOL Z4). */
  readonly isDeflating?: boolean
}

interface Link<B extends BatchUp> {
  readonly end: LinkEnd<B>
  readonly origin: SocketOrigin
  /** Bodies under way. */
  reading: number
}

/**
 * The requests of `/sync`: who may come in becomes a `StreamEnd` or a `PollEnd`, and the requests of a link find it by the id
 * in their header. Node's requests, before anybody has looked at their bodies.
 */
export class RequestDoor {
  readonly #options: RequestDoorOptions
  readonly #streams = new Map<string, Link<BatchUp>>()
  readonly #polls = new Map<string, Link<PollUp>>()
  #refused = 0

  constructor(options: RequestDoorOptions) {
    this.#options = options
  }

  /** Links that were refused with a problem, since the start. */
  get refused(): number {
    return this.#refused
  }

  /** `GET /sync/stream`: opens a stream, which this response is from here on. */
  stream(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = response
    // Its response waits behind another one of this connection, which may be a stream itself.
    if (socket === null) return answerProblem(response, 'bad-request', 'A stream needs a connection of its own.')
    if (request.headers[LINK_HEADER] !== undefined) return answerProblem(response, 'unknown-link')
    const refusal = this.#refusal(request)
    if (refusal !== null) return this.#refuse(request, response, refusal)
    const id = this.#newId()
    response.shouldKeepAlive = false
    response.setHeaders(
      new Map(Object.entries({ ...LINK_HEADERS, 'content-type': 'text/event-stream', [LINK_HEADER]: id })),
    )
    if (this.#options.isDeflating === true && takesGzip(response)) response.setHeader('content-encoding', 'gzip')
    response.flushHeaders()
    response.once('close', () => this.#streams.delete(id))
    const origin = this.#origin(request, 'stream')
    const end = new StreamEnd(response, socket)
    this.#streams.set(id, { end, origin, reading: 0 })
    this.#options.gateway.enter(end, origin)
  }

  /** `POST /sync/frames`: a batch up of a stream. */
  frames(request: IncomingMessage, response: ServerResponse): void {
    const link = this.#streams.get(idOf(request))
    if (link === undefined) return answerProblem(response, 'unknown-link')
    this.#batch(link, request, response, StreamBatch)
  }

  /** `POST /sync/poll`: a batch up that asks for one down, of a link that it names or opens. */
  poll(request: IncomingMessage, response: ServerResponse): void {
    if (request.headers[LINK_HEADER] === undefined) return this.#open(request, response)
    const link = this.#polls.get(idOf(request))
    if (link === undefined) return answerProblem(response, 'unknown-link')
    this.#batch(link, request, response, PollBatch)
  }

  #open(request: IncomingMessage, response: ServerResponse): void {
    const refusal = this.#refusal(request)
    if (refusal !== null) return this.#refuse(request, response, refusal)
    readBody(request, { maxBytes: MAX_OPENING_BYTES, grew: () => true }, (body, why) => {
      if (why === 'gone') return
      if (body === null) return answerProblem(response, 'frame-too-large')
      const batch = parsed(body, PollBatch)
      if (!batch.ok) return answerProblem(response, 'bad-batch', batch.message)
      const { frames, ...asked } = batch.value
      if (asked.batch !== 1 || asked.ack !== 0 || frames.length > 0 || asked.close !== undefined)
        return answerProblem(response, 'bad-batch', 'A link is opened by batch 1, with "ack" 0 and without frames.')
      this.#enter(request, response, { ...asked, frames, bytes: body.length })
    })
  }

  #enter(request: IncomingMessage, response: ServerResponse, batch: PollUp): void {
    const { gateway, heartbeatMs } = this.#options
    // The door may have closed while the body came.
    if (!gateway.isOpen) return answerProblem(response, 'unavailable')
    const id = this.#newId()
    const origin = this.#origin(request, 'poll')
    const end = new PollEnd({ maxHoldMs: heartbeatMs, over: () => this.#polls.delete(id) })
    this.#polls.set(id, { end, origin, reading: 0 })
    response.setHeader(LINK_HEADER, id)
    // Whoever opens it waits for the id: a moment, in which it is challenged, or sent away.
    end.came({ ...batch, holdMs: 0 }, response)
    gateway.enter(end, origin)
  }

  #batch<B extends BatchUp>(
    link: Link<B>,
    request: IncomingMessage,
    response: ServerResponse,
    schema: v.GenericSchema<unknown, Omit<B, 'bytes'>>,
  ): void {
    const { end, origin } = link
    origin.servedBy(request.socket)
    if (link.reading >= MAX_READING) {
      answerProblem(response, 'bad-batch', 'More requests of one link come at once than may.')
      return end.breached('bad-batch')
    }
    link.reading += 1
    let read = 0
    const grew = (bytes: number): boolean => {
      read += bytes
      return end.grew(bytes)
    }
    readBody(request, { maxBytes: WAY_LIMITS.maxBatchBytes, grew }, (body, why) => {
      link.reading -= 1
      end.grew(-read)
      if (why === 'gone') return
      if (why === 'stopped') return end.interrupted(response)
      if (body === null) {
        answerProblem(response, 'frame-too-large')
        return end.breached('frame-too-large')
      }
      const batch = parsed(body, schema)
      if (batch.ok) return end.came({ ...batch.value, bytes: body.length } as B, response)
      answerProblem(response, 'bad-batch', batch.message)
      end.breached('bad-batch')
    })
  }

  #newId(): string {
    const secret = randomBytes(ID_BYTES).toString('base64url')
    const { node = null } = this.#options
    return node === null ? secret : `${node}.${secret}`
  }

  #origin(request: IncomingMessage, way: Way): SocketOrigin {
    const { sourceOf, guard } = this.#options
    return new SocketOrigin(sourceOf(request), way, { guard, socket: request.socket })
  }

  #refusal(request: IncomingMessage): ErrorCode | null {
    return this.#options.gateway.isOpen ? this.#options.admit(request) : 'unavailable'
  }

  #refuse(request: IncomingMessage, response: ServerResponse, code: ErrorCode): void {
    this.#refused += 1
    sayRefused(this.#options.say, ERRORS[code].who === 'admin' ? 'warn' : 'info', 'link-refused', code, request)
    answerProblem(response, code)
  }
}

/** Of a header that came twice Node makes one text, which no link has. */
function idOf({ headers }: IncomingMessage): string {
  const id = headers[LINK_HEADER]
  return typeof id === 'string' ? id : ''
}

function parsed<T>(body: Buffer, schema: v.GenericSchema<unknown, T>): Checked<T> {
  try {
    return check(schema, JSON.parse(UTF_8.decode(body)), 'bad-batch')
  } catch {
    return refuse('bad-batch', 'A batch is JSON in UTF-8.')
  }
}
