import * as v from 'valibot'
import type { Message } from '../protocol/binary.ts'
import { CLOSE } from '../protocol/close-codes.ts'
import { LIMITS } from '../protocol/limits.ts'
import { DownBatch } from '../protocol/way-batches.ts'
import { fromBase64 } from './base64.ts'
import { arrived, isUnacked, maySend, newest, NO_BATCHES, sent, type PollBatches } from './poll-batches.ts'
import {
  ABNORMAL,
  answerMs,
  bodyOf,
  CLOSE_MS,
  endOf,
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

/** What a question is held for; the server holds it for one of its heartbeats at most, milliseconds. */
const HOLD_MS = LIMITS.maxHeartbeatMs
/** The same where its place is waited for. */
const PAUSED_HOLD_MS = 500
/** An answer that is later than that is lost, milliseconds. */
const LOST_MS = HOLD_MS + 10_000
/** The same once a newer question was answered: the server answered this one first, milliseconds. */
const OVERTAKEN_MS = 2_000

/** A request on its way, with the number of its batch. */
interface Question {
  readonly batch: number
  readonly givenUp: AbortController
  timer: ReturnType<typeof setTimeout> | null
}

/** The uplink over requests alone, in browsers and on Node (PROTOCOL N6, N7). `openLines`: of each link. */
export function pollSocket(openLines: () => Lines = sharedLines): WayPort {
  return { open: (base, events, near) => new PollLink(new Requests(base, openLines(), near), events) }
}

/**
 * One link. While nothing is to be said one question is held by the server; what is said goes with a second one, which is
 * answered within a moment, so that its frames never wait for a place.
 */
class PollLink implements SocketHandle {
  readonly #events: SocketEvents
  readonly #requests: Requests
  readonly #up = new UpFrames()
  #batches: PollBatches = NO_BATCHES
  #state: 'opening' | 'open' | 'closing' | 'over' = 'opening'
  /** Batches that have no answer yet, however often they were sent. */
  #asked = 0
  readonly #questions = new Set<Question>()
  #closedBy: End | null = null

  constructor(requests: Requests, events: SocketEvents) {
    this.#events = events
    this.#requests = requests
    this.#ask()
  }

  send(message: Message): void {
    if (this.#state !== 'open') return
    this.#up.add(message)
    this.#askSoon()
  }

  close(code: number, reason: string): void {
    if (this.#state === 'closing' || this.#state === 'over') return
    const allowed = closable(code, reason)
    this.#closedBy = { code: allowed.code, reason: allowed.reason }
    if (this.#state === 'opening') return this.#endSoon({ code: ABNORMAL, reason: allowed.reason })
    this.#state = 'closing'
    this.#up.close(allowed.code, allowed.reason)
    setTimeout(() => this.#end({ code: ABNORMAL, reason: allowed.reason }), CLOSE_MS)
    this.#askSoon()
  }

  node(): string | undefined {
    return this.#requests.node
  }

  bufferedBytes(): number {
    return this.#up.chars
  }

  // ------------------------------------------------------------------------------------------------------ questions

  /** Behind the step that sends: all its frames leave in one batch. */
  #askSoon(): void {
    queueMicrotask(() => {
      if (this.#state !== 'over' && !this.#up.isEmpty) this.#ask()
    })
  }

  #ask(): void {
    if (this.#state === 'over') return
    if (maySend(this.#batches)) {
      const batch = this.#up.take()
      this.#batches = sent(this.#batches, batch)
      // Frames are answered within a moment: the place is free again for what comes next.
      void this.#post(batch, batch.frames.length === 0 && batch.close === null ? HOLD_MS : 0)
    } else if (this.#asked === 0) {
      // The server reads nothing for now: it is asked with what it has.
      void this.#post(newest(this.#batches), PAUSED_HOLD_MS)
    }
  }

  /** Until it is answered. */
  async #post(batch: UpBatch, holdMs: number): Promise<void> {
    this.#asked += 1
    for (let tries = 1, next = batch; ; tries += 1) {
      const isAnswered = await this.#tryOnce(next, { holdMs, tries }).catch((error: unknown) =>
        this.#lost(error, tries),
      )
      if (isAnswered || this.#isOver()) break
      await pause(RETRY_MS * 2 ** (tries - 1))
      // Where it came and its answer was lost, the last one asks for that again.
      next = isUnacked(this.#batches, batch) ? batch : newest(this.#batches)
    }
    this.#asked -= 1
    if (this.#isOver()) return
    if (!this.#up.isEmpty || this.#asked === 0) this.#ask()
  }

  /** False when the answer may come another time. */
  async #tryOnce(
    batch: UpBatch,
    { holdMs, tries }: { readonly holdMs: number; readonly tries: number },
  ): Promise<boolean> {
    const question: Question = { batch: batch.batch, givenUp: new AbortController(), timer: null }
    this.#questions.add(question)
    try {
      const body = batchBody(batch, { ack: this.#batches.taken, holdMs })
      return await this.#answerTo(question, body, holdMs === 0 ? answerMs(tries, body) : undefined)
    } catch (error) {
      if (this.#isOver() || !question.givenUp.signal.aborted) throw error
      // No try that failed: others are answered. What its answer may have brought comes to a repeat of the last one.
      void this.#post(newest(this.#batches), holdMs)
      return true
    } finally {
      this.#questions.delete(question)
      if (question.timer !== null) clearTimeout(question.timer)
    }
  }

  async #answerTo({ batch, givenUp }: Question, body: string, firstMs: number | undefined): Promise<boolean> {
    const response = await (this.#state === 'opening'
      ? this.#requests.open('poll', body, { timeoutMs: LOST_MS })
      : this.#requests.send('poll', body, { timeoutMs: LOST_MS, answerMs: firstMs, until: givenUp.signal }))
    if (this.#isOver()) return true
    if (response.status === 204) {
      this.#overtake(batch)
      return true
    }
    if (response.status !== 200) return this.#refused(response)
    const text = await bodyOf(response)
    const down = readBatch(text)
    if (down === null || (this.#state === 'opening' && !this.#requests.opens(response))) {
      return this.#end({ code: ABNORMAL, reason: 'no batch of ours', refusal: 'foreign-answer' })
    }
    if (this.#state === 'opening') {
      this.#state = 'open'
      this.#events.opened()
    }
    this.#overtake(Math.min(batch, down.ack + 1))
    return this.#arrived(down)
  }

  /** Those below it were answered before. Where that does not come, its connection died without a word: it is asked again. */
  #overtake(batch: number): void {
    for (const each of this.#questions)
      if (each.batch < batch) each.timer ??= setTimeout(() => each.givenUp.abort(), OVERTAKEN_MS)
  }

  async #refused(response: Response): Promise<boolean> {
    const end = await endOf(response)
    // In the middle of a link somebody else's answer is a lost one: a proxy that was restarted, a server that is away.
    const isLost = this.#state !== 'opening' && (end.refusal === undefined || end.refusal === 'foreign-answer')
    if (isLost && end.code === ABNORMAL) throw new TypeError(end.reason)
    return this.#end(end)
  }

  #arrived(down: DownBatch): boolean {
    const arrival = arrived(this.#batches, down)
    if (arrival.kind === 'doubt') return this.#end({ code: ABNORMAL, reason: 'a batch is missing' })
    this.#batches = arrival.state
    for (const { frames, close } of arrival.batches) {
      for (const frame of frames) this.#received(frame)
      if (close !== undefined) return this.#end({ code: close.code, reason: close.says })
    }
    return true
  }

  #received(frame: DownBatch['frames'][number]): void {
    if (this.#state !== 'open') return
    const message = typeof frame === 'string' ? fromBase64(frame) : JSON.stringify(frame)
    if (message === null) this.close(CLOSE.badFrame.code, 'no base64')
    else this.#events.received(message)
  }

  #lost(error: unknown, tries: number): boolean {
    if (this.#isOver()) return true
    if (this.#state !== 'opening' && tries < MAX_TRIES) return false
    return this.#end({ code: ABNORMAL, reason: String(error) })
  }

  // ------------------------------------------------------------------------------------------------------------------

  /** Asked after an `await`, where the compiler still believes what was true before it. */
  #isOver(): boolean {
    return this.#state === 'over'
  }

  /** `closed` comes after `open` and `close` have returned. */
  #endSoon(end: End): void {
    queueMicrotask(() => this.#end(end))
  }

  /** Always true: there is nothing more to ask. What we closed ourselves ends with our word. */
  #end(end: End): true {
    if (this.#state === 'over') return true
    this.#state = 'over'
    this.#requests.abort()
    const { code, reason, refusal } = end.code === ABNORMAL || this.#closedBy === null ? end : this.#closedBy
    this.#events.closed(code, reason, refusal)
    return true
  }
}

function readBatch(text: string | null): DownBatch | null {
  try {
    const batch = v.safeParse(DownBatch, JSON.parse(text ?? ''))
    return batch.success ? batch.output : null
  } catch {
    return null // not JSON: somebody else's page
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
