import type { BatchClose, BatchedFrame } from '../../../relay/protocol/way-batches.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { WAY_LIMITS } from '../../../relay/protocol/ways.ts'
import type { FrameTaker } from '../frame-end.ts'
import { UpBatches, type Arrival } from './batches.ts'

/** A batch up as it came in one body. */
export interface BatchUp {
  readonly batch: number
  readonly frames: readonly BatchedFrame[]
  readonly close?: BatchClose | undefined
  /** Of its body, which is what it costs until it was taken. */
  readonly bytes: number
}

/** Who is told what becomes of the batches; their frames go to who takes them. */
export interface IntakeHost {
  /** All frames of this batch were taken. */
  tookBatch(batch: number): void
  /** The peer closes; nothing follows. */
  peerClosed(close: BatchClose): void
  /** A frame is longer than anybody answers, or what should have come before a batch did not. */
  broken(why: 'frame-too-large' | 'bad-batch'): void
}

/**
 * The way up of a link that goes by requests: frame by frame out of batches, in order and once (N4). What the taker does not
 * want yet waits here, with what acknowledges it: two batches and one ahead, at most.
 */
export class BatchIntake {
  readonly #host: IntakeHost
  readonly #numbers = new UpBatches<BatchUp>()
  /** Taken by their number, and not handed over whole. */
  readonly #waiting: BatchUp[] = []
  /** Of the first of them, the frame that is next. */
  #at = 0
  #bytes = 0
  /** Nobody takes anything before `start`. */
  #state: 'waiting' | 'open' | 'paused' | 'stopped' = 'waiting'
  #taker: FrameTaker | null = null
  #isHanding = false
  #aheadOver: NodeJS.Timeout | null = null

  constructor(host: IntakeHost) {
    this.#host = host
  }

  /** The last batch whose frames were all taken. */
  get ack(): number {
    return this.#numbers.ack
  }

  start(taker: FrameTaker): void {
    if (this.#state !== 'waiting') return
    this.#taker = taker
    this.#state = 'open'
    this.#goOn()
  }

  /** So many bytes more, or less, are held of bodies that are not whole. False once nothing is held any more. */
  grew(bytes: number): boolean {
    if (this.#state === 'stopped') return false
    this.#hold(bytes)
    return !this.#isStopped()
  }

  /** Puts it in its place; `handOver` then hands on what may go. */
  place(batch: BatchUp): Arrival<BatchUp>['kind'] {
    if (this.#state === 'stopped') return 'again'
    const arrival = this.#numbers.came(batch)
    if (arrival.kind === 'ahead') {
      this.#hold(batch.bytes)
      this.#aheadOver = setTimeout(() => this.#host.broken('bad-batch'), WAY_LIMITS.aheadMs)
    }
    if (arrival.kind !== 'next') return arrival.kind
    if (this.#aheadOver !== null) clearTimeout(this.#aheadOver)
    this.#aheadOver = null
    this.#waiting.push(...arrival.batches)
    this.#hold(batch.bytes)
    return 'next'
  }

  handOver(): void {
    if (this.#isHanding) return
    this.#isHanding = true
    while (this.#state === 'open' && this.#next()) {
      // Frame by frame: any of them may make the taker pause, or close.
    }
    this.#isHanding = false
  }

  pause(): void {
    if (this.#state === 'open') this.#state = 'paused'
  }

  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'open'
    this.#goOn()
  }

  /** Nothing is taken or held any more. */
  stop(): void {
    this.#state = 'stopped'
    this.#waiting.length = 0
    this.#bytes = 0
    if (this.#aheadOver !== null) clearTimeout(this.#aheadOver)
  }

  /** Behind the call: who resumes is in the middle of making room. */
  #goOn(): void {
    queueMicrotask(() => this.handOver())
  }

  /** False when there was nothing. */
  #next(): boolean {
    const [batch] = this.#waiting
    if (batch === undefined) return false
    const frame = batch.frames[this.#at]
    if (frame === undefined) this.#whole(batch)
    else this.#hand(frame)
    return true
  }

  #hand(frame: BatchedFrame): void {
    this.#at += 1
    const payload = payloadOf(frame)
    if (payload === null || payload.length > 2 * LIMITS.maxFrameBytes) return this.#host.broken('frame-too-large')
    this.#taker?.took(payload, typeof frame === 'string' ? 'binary' : 'text')
  }

  #whole({ batch, bytes, close }: BatchUp): void {
    this.#waiting.shift()
    this.#at = 0
    this.#numbers.handedOver()
    this.#hold(-bytes)
    this.#host.tookBatch(batch)
    if (close !== undefined && !this.#isStopped()) this.#host.peerClosed(close)
  }

  #hold(bytes: number): void {
    this.#bytes += bytes
    this.#taker?.holding(this.#bytes)
  }

  /** The host may have stopped it within a call. */
  #isStopped(): boolean {
    return this.#state === 'stopped'
  }
}

/** Null for what is nested deeper than can be written again. */
function payloadOf(frame: BatchedFrame): Buffer | null {
  if (typeof frame === 'string') return Buffer.from(frame, 'base64')
  try {
    return Buffer.from(JSON.stringify(frame))
  } catch {
    return null
  }
}
