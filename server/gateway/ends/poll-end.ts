import type { ServerResponse } from 'node:http'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { CLOSE_MS, type FrameTaker } from '../frame-end.ts'
import type { SharedBytes } from '../shared-bytes.ts'
import { answer, answerNothing, answerProblem, takesGzip } from './answers.ts'
import { BatchIntake, type BatchUp, type IntakeHost } from './batch-intake.ts'
import { DownBatches } from './batches.ts'
import { BREACH_ROWS, type Breach, type LinkEnd } from './link-end.ts'
import { batchBytes, packedBatch, type BatchEnd } from './poll-framing.ts'

/** What a question is held for at least, milliseconds: what its own frames bring about comes with its answer, however it asks (N6). */
const MIN_HOLD_MS = 20
/** Of one batch down, bytes of its frames: a slow way is not asked to carry more before anything of it counts as taken. */
const MAX_ANSWER_BYTES = LIMITS.maxFrameBytes
/** Beyond this nothing more is wanted, so that who holds back below `LIMITS.softBufferBytes` always hears of room. */
const ENOUGH_BYTES = LIMITS.softBufferBytes
/** In place of the number of a batch that was not read. */
const UNREAD = 0

export interface PollUp extends BatchUp {
  readonly ack: number
  readonly holdMs: number
}

export interface PollEndOptions {
  /** The longest that a question is held until `holdAtMost` says otherwise, milliseconds. */
  readonly maxHoldMs: number
  /** The link is over, and its id means nothing any more. */
  readonly over: () => void
}

/** The question that the next batch down answers. */
interface Question {
  readonly batch: number
  readonly response: ServerResponse
  /** Set once it waits for something to say. */
  timer: NodeJS.Timeout | null
  /** It is answered even if there is nothing to say. */
  isDue: boolean
  /** The answer of the one before may be lost, so the oldest that is kept goes again. */
  readonly isRepeat: boolean
}

/**
 * Frames both ways in requests, each a batch up that asks for a batch down (PROTOCOL N6, N7). A peer that falls silent is not
 * noticed here: between two questions nobody is there.
 *
 * What is written waits for a question, and is kept from its answer on until an `ack` covers it; both count as not written.
 */
export class PollEnd implements LinkEnd<PollUp>, IntakeHost {
  readonly #options: PollEndOptions
  #maxHoldMs: number
  readonly #intake = new BatchIntake(this)
  readonly #down = new DownBatches<SharedBytes, BatchEnd>()
  #waiting: SharedBytes[] = []
  #waitingBytes = 0
  #taker: FrameTaker | null = null
  #state: 'open' | 'closing' | 'over' = 'open'
  /** Behind everything that waits; null while nobody closes, or once it is in a batch. */
  #row: BatchEnd | null = null
  #question: Question | null = null
  /** Of older batches whose frames were not all taken: their answers acknowledge them. */
  readonly #older = new Map<number, ServerResponse>()
  /** Came ahead of the batch before it. */
  #ahead: { readonly batch: PollUp; readonly response: ServerResponse } | null = null
  /** Up to which batch down was told to requests of which nothing is read any more. Whoever asks again has it, or is in doubt. */
  #told = 0
  #isBlocked = false
  #isAnswering = false
  #patience: NodeJS.Timeout | null = null
  #cause: Error | null = null

  constructor(options: PollEndOptions) {
    this.#options = options
    this.#maxHoldMs = options.maxHoldMs
  }

  start(taker: FrameTaker): void {
    this.#taker = taker
    this.#intake.start(taker)
  }

  get unwrittenBytes(): number {
    return this.#waitingBytes + this.#down.bytes
  }

  write(bytes: SharedBytes): boolean {
    return this.writeAll([bytes])
  }

  writeAll(parts: readonly SharedBytes[]): boolean {
    if (this.#state !== 'open') return true
    for (const bytes of parts) {
      this.#waiting.push(bytes)
      this.#waitingBytes += bytes.length
    }
    this.#answerSoon()
    const hasRoom = this.unwrittenBytes <= ENOUGH_BYTES
    if (!hasRoom) this.#isBlocked = true
    return hasRoom
  }

  pause(): void {
    this.#intake.pause()
  }

  resume(): void {
    this.#intake.resume()
  }

  holdAtMost(ms: number): void {
    this.#maxHoldMs = ms
  }

  close(row: BatchEnd): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#intake.stop()
    this.#row = { code: row.code, says: row.says }
    this.#patience = setTimeout(() => this.#over(), CLOSE_MS)
    this.#answerSoon()
  }

  cut(): void {
    if (this.#state === 'over') return
    this.#state = 'closing'
    this.#intake.stop()
    for (const response of [this.#question?.response, this.#ahead?.response, ...this.#older.values()])
      response?.destroy()
    setImmediate(() => this.#over())
  }

  // --------------------------------------------------------------------------------------------- what the door says

  grew(bytes: number): boolean {
    return this.#intake.grew(bytes)
  }

  came(batch: PollUp, response: ServerResponse): void {
    if (this.#state === 'over') return answerProblem(response, 'unknown-link')
    const kind = this.#intake.place(batch)
    switch (kind) {
      case 'wrong':
        answerProblem(response, 'bad-batch')
        return this.breached('bad-batch')
      case 'older':
        return this.#acknowledge(batch.batch, response)
      case 'ahead':
        this.#ahead = { batch, response }
        return undefined
      case 'next':
      case 'again':
        if (!this.#ask(batch, response, kind === 'again')) return undefined
        if (kind === 'next') this.#askAhead()
        this.#intake.handOver()
        return this.#answerSoon()
    }
  }

  /** What came of its batch says nothing; it is a question all the same, and hears how the link ends. */
  interrupted(response: ServerResponse): void {
    if (this.#state === 'over') return answerProblem(response, 'unknown-link')
    this.#ask({ batch: UNREAD, ack: this.#told, holdMs: 0 }, response, false)
    this.#answerSoon()
  }

  breached(why: Breach): void {
    this.#cause ??= new Error(why)
    this.close(BREACH_ROWS[why])
  }

  // ------------------------------------------------------------------------------------------- what the intake says

  tookBatch(batch: number): void {
    const older = this.#older.get(batch)
    this.#older.delete(batch)
    if (older !== undefined) answerNothing(older)
  }

  peerClosed(row: BatchEnd): void {
    // What was on its way down is not for it any more.
    this.#waiting = []
    this.#waitingBytes = 0
    this.close(row)
  }

  broken(why: Breach): void {
    const ahead = this.#ahead
    this.#ahead = null
    if (ahead !== null) answerProblem(ahead.response, why)
    this.breached(why)
  }

  // ------------------------------------------------------------------------------------------------------- questions

  /** False when it was none, and the link is over. */
  #ask({ batch, ack, holdMs }: Omit<PollUp, 'frames' | 'bytes'>, response: ServerResponse, isRepeat: boolean): boolean {
    if (!this.#down.acked(ack)) {
      answerProblem(response, 'bad-batch')
      this.breached('bad-batch')
      return false
    }
    this.#roomAgain()
    if (this.#question !== null) this.#supersede(this.#question)
    const question: Question = { batch, response, timer: null, isDue: false, isRepeat }
    this.#question = question
    const ms = Math.max(MIN_HOLD_MS, Math.min(holdMs, this.#maxHoldMs))
    question.timer = setTimeout(() => this.#due(question), ms)
    response.once('close', () => this.#gaveUp(question))
    return true
  }

  #askAhead(): void {
    const ahead = this.#ahead
    this.#ahead = null
    if (ahead !== null) this.#ask(ahead.batch, ahead.response, false)
  }

  #due(question: Question): void {
    question.isDue = true
    this.#answer()
  }

  /** Its answer, had there been one, would be kept: nothing is lost with it. */
  #gaveUp(question: Question): void {
    if (question.timer !== null) clearTimeout(question.timer)
    if (this.#question === question) this.#question = null
  }

  #supersede({ batch, response, timer }: Question): void {
    if (timer !== null) clearTimeout(timer)
    this.#acknowledge(batch, response)
  }

  /** Its answer says that all its frames were taken, and nothing else; that may take a while. */
  #acknowledge(batch: number, response: ServerResponse): void {
    if (batch <= this.#intake.ack || this.#state !== 'open') return answerNothing(response)
    // Of one batch the last request counts: the peer has given up the others.
    this.#older.get(batch)?.destroy()
    this.#older.set(batch, response)
  }

  /** Behind the call that wrote, so that all of it, and a close behind it, leave in one batch. */
  #answerSoon(): void {
    if (this.#isAnswering || this.#question === null) return
    this.#isAnswering = true
    queueMicrotask(() => {
      this.#isAnswering = false
      this.#answer()
    })
  }

  #answer(): void {
    const question = this.#question
    if (question === null || this.#state === 'over') return
    const { oldest, isFull } = this.#down
    const isLost = oldest !== null && (question.isRepeat || isFull)
    const hasNews = this.#waiting.length > 0 || this.#row !== null
    if (!isLost && !hasNews && !question.isDue) return
    this.#question = null
    if (question.timer !== null) clearTimeout(question.timer)
    const batch = isLost ? oldest : this.#make()
    if (question.batch === UNREAD) this.#told = batch.batch
    const packed = takesGzip(question.response) ? packedBatch(batch, this.#intake.ack) : null
    if (packed === null) answer(question.response, batchBytes(batch, this.#intake.ack))
    else answer(question.response, packed, { 'content-encoding': 'gzip' })
    if (batch.close !== null) question.response.once('close', () => this.#over())
  }

  #make() {
    let bytes = 0
    let count = 0
    for (const part of this.#waiting) {
      if (count > 0 && bytes + part.length > MAX_ANSWER_BYTES) break
      bytes += part.length
      count += 1
    }
    const parts = this.#waiting.splice(0, count)
    this.#waitingBytes -= bytes
    const close = this.#waiting.length === 0 ? this.#row : null
    if (close !== null) this.#row = null
    return this.#down.make(parts, close)
  }

  // ------------------------------------------------------------------------------------------------------------------

  #roomAgain(): void {
    if (!this.#isBlocked || this.#state !== 'open' || this.unwrittenBytes > ENOUGH_BYTES) return
    this.#isBlocked = false
    const taker = this.#taker
    setImmediate(() => {
      if (this.#state === 'open') taker?.drained()
    })
  }

  #over(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#intake.stop()
    if (this.#patience !== null) clearTimeout(this.#patience)
    for (const response of [this.#question?.response, this.#ahead?.response, ...this.#older.values()])
      if (response !== undefined) answerProblem(response, 'unknown-link')
    this.#older.clear()
    this.#question = null
    this.#ahead = null
    this.#options.over()
    this.#taker?.ended(this.#cause)
  }
}
