import * as v from 'valibot'
import type { Message } from '../protocol/binary.ts'
import { CLOSE } from '../protocol/close-codes.ts'
import { LIMITS } from '../protocol/limits.ts'
import { FramesTaken } from '../protocol/way-batches.ts'
import { fromBase64 } from './base64.ts'
import { EventStream, type StreamEvent } from './event-stream.ts'
import {
  ABNORMAL,
  answerMs,
  bodyOf,
  chunksOf,
  CLOSE_MS,
  endOf,
  MAX_ANSWER_BYTES,
  MAX_TRIES,
  Requests,
  RETRY_MS,
  sharedLines,
  type End,
  type Lines,
} from './request-link.ts'
import { closable } from './sync-url.ts'
import { batchBody, UpFrames, type UpBatch } from './up-frames.ts'
import type { SocketEvents, SocketHandle, WayPort } from '../ports.ts'

/** An acknowledgement that is later than that is lost, milliseconds. */
const LOST_MS = LIMITS.maxHeartbeatMs
const Row = v.object({ code: v.number(), says: v.string() })

/** The uplink over a stream of events down and requests up, in browsers and on Node (PROTOCOL N5, N8). `openLines`: of each link. */
export function streamSocket(openLines: () => Lines = sharedLines): WayPort {
  return { open: (base, events, near) => new StreamLink(new Requests(base, openLines(), near), events) }
}

class StreamLink implements SocketHandle {
  readonly #events: SocketEvents
  readonly #requests: Requests
  readonly #up = new UpFrames()
  #state: 'opening' | 'open' | 'closing' | 'over' = 'opening'
  #isPosting = false
  /** The server has taken a batch. */
  #isHeard = false
  #closedBy: End | null = null

  constructor(requests: Requests, events: SocketEvents) {
    this.#events = events
    this.#requests = requests
    void this.#read()
  }

  send(message: Message): void {
    if (this.#state !== 'open') return
    this.#up.add(message)
    this.#postSoon()
  }

  close(code: number, reason: string): void {
    if (this.#state === 'closing' || this.#state === 'over') return
    const allowed = closable(code, reason)
    this.#closedBy = { code: allowed.code, reason: allowed.reason }
    const broken = { code: ABNORMAL, reason: allowed.reason }
    if (this.#state === 'opening') return queueMicrotask(() => this.#end(broken))
    this.#state = 'closing'
    this.#up.close(allowed.code, allowed.reason)
    setTimeout(() => this.#end(broken), CLOSE_MS)
    this.#postSoon()
  }

  node(): string | undefined {
    return this.#requests.node
  }

  bufferedBytes(): number {
    return this.#up.chars
  }

  // ------------------------------------------------------------------------------------------------------------ down

  async #read(): Promise<void> {
    try {
      const response = await this.#requests.open('stream', null)
      const isOurs = response.headers.get('content-type')?.startsWith('text/event-stream') === true
      if (response.status !== 200 || !isOurs || !this.#requests.opens(response)) {
        return this.#end(await endOf(response))
      }
      if (this.#isOver()) return
      this.#state = 'open'
      this.#events.opened()
      await this.#readEvents(response)
      this.#end({ code: ABNORMAL, reason: 'the stream ended' })
    } catch (error) {
      this.#end({ code: ABNORMAL, reason: String(error) })
    }
  }

  async #readEvents(response: Response): Promise<void> {
    const decoder = new TextDecoder()
    const stream = new EventStream()
    for await (const chunk of chunksOf(response)) {
      for (const event of stream.push(decoder.decode(chunk, { stream: true }))) this.#happened(event)
      if (this.#isOver()) return
      if (stream.pending > MAX_ANSWER_BYTES) return this.#end({ code: ABNORMAL, reason: 'an event has no end' })
    }
  }

  #happened({ name, data }: StreamEvent): void {
    if (name === 'close') return this.#end(rowOf(data))
    if (this.#state !== 'open') return
    if (name === 'message') this.#events.received(data)
    else if (name === 'bytes') this.#tookBytes(data)
  }

  #tookBytes(data: string): void {
    const bytes = fromBase64(data)
    if (bytes === null) this.close(CLOSE.badFrame.code, 'no base64')
    else this.#events.received(bytes)
  }

  // -------------------------------------------------------------------------------------------------------------- up

  /** Behind the step that sends: all its frames leave in one batch. */
  #postSoon(): void {
    queueMicrotask(() => {
      if (!this.#isPosting) void this.#post()
    })
  }

  /** One batch after the other, until nothing waits. */
  async #post(): Promise<void> {
    this.#isPosting = true
    while (this.#state !== 'over' && !this.#up.isEmpty) {
      const batch = this.#up.take()
      for (let tries = 1; ; tries += 1) {
        const isTaken = await this.#tryOnce(batch, tries).catch((error: unknown) => this.#lost(error, tries))
        if (isTaken || this.#isOver()) break
        await pause(RETRY_MS * 2 ** (tries - 1))
      }
    }
    this.#isPosting = false
  }

  /** False when it may be answered another time. */
  async #tryOnce(batch: UpBatch, tries: number): Promise<boolean> {
    const body = batchBody(batch)
    const patience = { timeoutMs: LOST_MS, answerMs: answerMs(tries, body) }
    const response = await this.#requests.send('frames', body, patience)
    if (this.#isOver()) return true
    if (response.status === 200) {
      if (!acknowledges(await bodyOf(response), batch)) throw new TypeError('something else answered')
      this.#isHeard = true
      return true
    }
    const end = await endOf(response)
    if (end.code !== ABNORMAL) {
      // The link is over, and the stream says why, if it still comes.
      setTimeout(() => this.#end(end), CLOSE_MS)
      return true
    }
    if (end.refusal === undefined || end.refusal === 'foreign-answer') throw new TypeError(end.reason)
    this.#end(end)
    return true
  }

  #lost(error: unknown, tries: number): boolean {
    if (tries < MAX_TRIES && !this.#isOver()) return false
    // Where a stream comes down and nothing goes up, something on the way takes the one and not the other.
    this.#end({ code: ABNORMAL, reason: String(error), refusal: this.#isHeard ? undefined : 'foreign-answer' })
    return true
  }

  // ------------------------------------------------------------------------------------------------------------------

  /** Asked after an `await`, where the compiler still believes what was true before it. */
  #isOver(): boolean {
    return this.#state === 'over'
  }

  /** What we closed ourselves ends with our word. */
  #end(end: End): void {
    if (this.#state === 'over') return
    const { code, reason, refusal } = end.code === ABNORMAL && this.#state !== 'closing' ? end : (this.#closedBy ?? end)
    this.#state = 'over'
    this.#requests.abort()
    this.#events.closed(code, reason, refusal)
  }
}

function rowOf(data: string): End {
  try {
    const row = v.safeParse(Row, JSON.parse(data))
    if (row.success) return { code: row.output.code, reason: row.output.says }
  } catch {
    // Not JSON: not of our server, either.
  }
  return { code: ABNORMAL, reason: 'a close that cannot be read' }
}

function acknowledges(text: string | null, { batch }: UpBatch): boolean {
  try {
    const answer = v.safeParse(FramesTaken, JSON.parse(text ?? ''))
    return answer.success && answer.output.ack >= batch
  } catch {
    return false
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
