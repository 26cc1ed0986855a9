import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { CLOSE, type CloseRow } from '../../../relay/protocol/close-codes.ts'
import { CLOSE_MS, type FrameTaker } from '../frame-end.ts'
import type { Framing, SharedBytes } from '../shared-bytes.ts'
import { answer, answerProblem } from './answers.ts'
import { BatchIntake, type BatchUp, type IntakeHost } from './batch-intake.ts'
import { BREACH_ROWS, type Breach, type LinkEnd } from './link-end.ts'
import { GZIP_HEADER, GzipSum, stored } from './gzip.ts'
import {
  CHUNKED_FRAMING,
  CHUNKED_GZIP_FRAMING,
  closeEvent,
  GZIP_STREAM_FRAMING,
  GZIP_STREAM_SUM,
  inChunk,
  readSum,
  STREAM_FRAMING,
} from './stream-framing.ts'

/**
 * Frames down in one response that does not end, frames up in requests beside it (PROTOCOL N5, N8). Its end is the link's.
 *
 * The events that everybody gets go past Node's own writer, straight to the socket, in the same bytes for all. They are chunks
 * where HTTP has any: a response without is a tunnel to some proxies, which end those early.
 */
export class StreamEnd implements LinkEnd<BatchUp>, IntakeHost {
  readonly #response: ServerResponse
  readonly #socket: Socket
  readonly #framing: Framing
  /** Of a stream that is gzip, so that its end is one as well. */
  readonly #sum: GzipSum | null
  readonly #intake = new BatchIntake(this)
  /** Requests whose frames were not all taken, by the number of their batch. */
  readonly #unanswered = new Map<number, ServerResponse>()
  #taker: FrameTaker | null = null
  #state: 'open' | 'closing' | 'over' = 'open'
  /** The system has enough, and the taker was told so. */
  #isBlocked = false
  #closedWith: Pick<CloseRow, 'code'> | null = null
  #patience: NodeJS.Timeout | null = null
  #cause: Error | null = null

  /** `response`: its head was sent, which says whether it is gzip, and nothing else; nobody but this end writes to it. `socket`: its own. */
  constructor(response: ServerResponse, socket: Socket) {
    this.#response = response
    this.#socket = socket
    const isGzip = response.getHeader('content-encoding') === 'gzip'
    this.#sum = isGzip ? new GzipSum() : null
    if (response.chunkedEncoding) this.#framing = isGzip ? CHUNKED_GZIP_FRAMING : CHUNKED_FRAMING
    else this.#framing = isGzip ? GZIP_STREAM_FRAMING : STREAM_FRAMING
    if (isGzip) this.#socket.write(this.#inChunk(GZIP_HEADER))
    response.on('close', () => this.#over())
    socket.on('drain', () => this.#drained())
  }

  start(taker: FrameTaker): void {
    this.#taker = taker
    this.#intake.start(taker)
  }

  get unwrittenBytes(): number {
    return this.#socket.writableLength
  }

  write(bytes: SharedBytes): boolean {
    if (!this.#isWritable()) return true
    return this.#wrote(this.#writeOne(bytes))
  }

  writeAll(parts: readonly SharedBytes[]): boolean {
    if (!this.#isWritable()) return true
    let hasRoom = true
    this.#socket.cork()
    for (const bytes of parts) hasRoom = this.#writeOne(bytes)
    this.#socket.uncork()
    return this.#wrote(hasRoom)
  }

  pause(): void {
    this.#intake.pause()
  }

  resume(): void {
    this.#intake.resume()
  }

  close(row: Pick<CloseRow, 'code' | 'says'>): void {
    if (this.#state !== 'open') return
    this.#state = 'closing'
    this.#closedWith = row
    this.#intake.stop()
    this.#patience = setTimeout(() => this.cut(), CLOSE_MS)
    if (this.#socket.writable) this.#socket.write(this.#inChunk(this.#last(closeEvent(row))))
    this.#response.end()
  }

  cut(): void {
    if (this.#state === 'over') return
    this.#state = 'closing'
    this.#intake.stop()
    this.#socket.destroy()
  }

  // --------------------------------------------------------------------------------------------- what the door says

  grew(bytes: number): boolean {
    return this.#intake.grew(bytes)
  }

  came(batch: BatchUp, response: ServerResponse): void {
    if (this.#state !== 'open') return answerProblem(response, 'unknown-link')
    const kind = this.#intake.place(batch)
    if (kind === 'wrong') {
      answerProblem(response, 'bad-batch')
      return this.breached('bad-batch')
    }
    if (batch.batch <= this.#intake.ack) return this.#acknowledge(response)
    // An older request of the same batch was given up by its peer, or is about to be.
    const older = this.#unanswered.get(batch.batch)
    if (older !== undefined) this.#acknowledge(older)
    this.#unanswered.set(batch.batch, response)
    this.#intake.handOver()
  }

  /** The stream says how it ends. */
  interrupted(response: ServerResponse): void {
    const isTooLong = this.#closedWith?.code === CLOSE.frameTooLarge.code
    answerProblem(response, isTooLong ? 'frame-too-large' : 'unknown-link')
  }

  breached(why: Breach): void {
    this.#cause ??= new Error(why)
    for (const response of this.#unanswered.values()) answerProblem(response, why)
    this.#unanswered.clear()
    this.close(BREACH_ROWS[why])
  }

  // ------------------------------------------------------------------------------------------- what the intake says

  tookBatch(batch: number): void {
    const response = this.#unanswered.get(batch)
    this.#unanswered.delete(batch)
    if (response !== undefined) this.#acknowledge(response)
  }

  peerClosed(row: Pick<CloseRow, 'code' | 'says'>): void {
    this.close(row)
  }

  broken(why: Breach): void {
    this.breached(why)
  }

  // ------------------------------------------------------------------------------------------------------------------

  #isWritable(): boolean {
    return this.#state === 'open' && this.#socket.writable
  }

  #writeOne(bytes: SharedBytes): boolean {
    this.#sum?.add(readSum(bytes.framedBy(GZIP_STREAM_SUM)))
    return this.#socket.write(bytes.framedBy(this.#framing))
  }

  #last(event: Buffer): Buffer {
    if (this.#sum === null) return event
    this.#sum.addPlain(event)
    return Buffer.concat([stored(event, true), this.#sum.trailer()])
  }

  #inChunk(bytes: Buffer): Buffer {
    return this.#response.chunkedEncoding ? inChunk(bytes) : bytes
  }

  #wrote(hasRoom: boolean): boolean {
    if (!hasRoom) this.#isBlocked = true
    return hasRoom
  }

  #drained(): void {
    if (!this.#isBlocked || this.#state !== 'open') return
    this.#isBlocked = false
    this.#taker?.drained()
  }

  #acknowledge(response: ServerResponse): void {
    answer(response, [Buffer.from(`{"ack":${this.#intake.ack}}`)])
  }

  #over(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#intake.stop()
    if (this.#patience !== null) clearTimeout(this.#patience)
    for (const response of this.#unanswered.values()) answerProblem(response, 'unknown-link')
    this.#unanswered.clear()
    this.#taker?.ended(this.#cause)
  }
}
