import { refuse } from '../../relay/protocol/errors.ts'
import type { ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { DeviceId, OutboxEpoch } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { StoreWriter } from '../ports/store-writer.ts'
import type { Greeted, Submission, SubmitResult, Verdict } from '../ports/submission.ts'
import { fitsCommand } from './command-data.ts'

export interface CommandLanesOptions {
  readonly device: DeviceId
  readonly epoch: OutboxEpoch
  readonly store: Pick<StoreWriter, 'confirm'>
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  /** A command took effect, and with it the device is used. */
  readonly used: () => void
  /** How long this command has to wait, milliseconds; 0 takes it. */
  readonly pace: (command: ClientFrameOf<'command'>) => number
  readonly send: (frame: ServerFrame, lane: Lane) => void
  /** More than a pipeline's worth is with the store: stop reading, or go on. */
  readonly crowded: (isCrowded: boolean) => void
  /** Up to where there may be results of this outbox, as its greeting was told. */
  readonly marks: Readonly<Record<Lane, number>>
  /** The greeting of this connection. */
  readonly greeted: Greeted
  /** The number of the link that commands come by now (N11). */
  readonly link: () => number
  /** A later link of the device took the place of this one. */
  readonly stale: () => void
  /** Nothing is decided on this connection any more before its device has greeted again. */
  readonly outdated: () => void
  /** A command was refused that its device sends again: where more are than of any relay, it is not read for a while. */
  readonly refused: () => void
  readonly failed: (cause: unknown) => void
}

/** Commands of both lanes with the store at once: twice what one lane may have in flight. */
const MAX_WITH_STORE = 2 * LIMITS.maxInFlight
/** The way up of one connection: commands to the store in the order they came, answers back in the same order. */
export class CommandLanes {
  readonly #options: CommandLanesOptions
  #withStore = 0
  readonly #idle: (() => void)[] = []
  /** Up to where this device can have results, and up to where it confirmed them on this connection. */
  readonly #answered: Record<Lane, number>
  readonly #confirmed: Record<Lane, number> = { urgent: 0, normal: 0 }
  /** Up to where the store is being told to forget results; null while it is not. */
  readonly #confirming: Record<Lane, number | null> = { urgent: null, normal: null }
  /** What each lane was last told to send from, so that a burst behind a hole is answered once. */
  readonly #expected: Record<Lane, number | null> = { urgent: null, normal: null }
  /** What came last in each lane, whatever became of it: the store compares it with what it has there (W3). */
  readonly #last: Record<Lane, Pick<ClientFrameOf<'command'>, 'seq' | 'id'> | null> = { urgent: null, normal: null }
  /** This outbox is not the one the store knows: its device gives it up, so nothing more of it may take effect. */
  #isForked = false

  constructor(options: CommandLanesOptions) {
    this.#options = options
    this.#answered = { ...options.marks }
  }

  take(frame: ClientFrameOf<'command'>): void {
    const { device, epoch, submit, failed, crowded, greeted } = this.#options
    const { lane, seq, id } = frame
    const before = this.#last[lane]
    this.#last[lane] = { seq, id }
    if (this.#isForked) {
      this.#options.refused()
      return this.#answer(frame, { kind: 'forked', seq })
    }
    const afterMs = this.#options.pace(frame)
    if (afterMs > 0) return this.#slowDown(frame, afterMs)
    if (!fitsCommand(frame.data)) {
      // The device refuses such a command before it saves it; one that got here is rejected in order like any other.
      frame = { ...frame, data: null }
    }
    this.#withStore += 1
    if (this.#withStore === MAX_WITH_STORE) crowded(true)
    const after = before !== null && before.seq === seq - 1 ? { after: before.id } : {}
    const { session = null, urgentUpTo } = frame
    const last = urgentUpTo === undefined ? {} : { urgentUpTo }
    submit({
      source: {
        kind: 'outbox',
        device,
        epoch,
        lane,
        seq,
        session,
        link: this.#options.link(),
        ...after,
        greeted,
        ...last,
      },
      id,
      type: frame.type,
      data: frame.data,
    })
      .then(({ verdict, isUsed }) => {
        if (isUsed === true) this.#options.used()
        this.#answer(frame, verdict)
      })
      .catch(failed)
      .finally(() => this.#returned())
  }

  #returned(): void {
    if (this.#withStore === MAX_WITH_STORE) this.#options.crowded(false)
    this.#withStore -= 1
    if (this.#withStore === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** Too fast: nothing is refused for good, the lane waits. What is in flight behind it is answered by `expect`. */
  #slowDown({ lane, seq, id }: ClientFrameOf<'command'>, afterMs: number): void {
    const { code, message } = refuse(
      'rate-limited',
      'More comes from this device or person than may at once; it goes on by itself.',
    )
    this.#options.send({ t: 'retry-later', lane, seq, id, code, message, afterMs }, lane)
    this.#options.refused()
  }

  /** Resolves when no command is with the store. */
  idle(): Promise<void> {
    return this.#withStore === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  /**
   * One at a time of each lane: what comes meanwhile goes with the next. Nothing waits for it (W7). The store hears of results
   * that there are and that were not confirmed yet, so that confirmations cost no more than the commands they are of (V8).
   */
  confirm({ lane, upTo: claimed }: ClientFrameOf<'confirm'>): void {
    const upTo = Math.min(claimed, this.#answered[lane])
    if (upTo <= this.#confirmed[lane]) return
    this.#confirmed[lane] = upTo
    const underWay = this.#confirming[lane]
    this.#confirming[lane] = Math.max(upTo, underWay ?? 0)
    if (underWay === null) this.#forget(lane, upTo)
  }

  #forget(lane: Lane, upTo: number): void {
    const { device, epoch, store, failed } = this.#options
    const link = this.#options.link()
    store.confirm({ device, epoch, lane, upTo, link }).then((stale) => {
      // Where the device moved meanwhile, it is only this question that is stale (N14).
      const hasMoved = link !== this.#options.link()
      if (stale !== undefined && !hasMoved) return this.#options.stale()
      const next = this.#confirming[lane] ?? upTo
      if (stale !== undefined || next > upTo) this.#forget(lane, next)
      else this.#confirming[lane] = null
      return undefined
    }, failed)
  }

  #answer({ lane, seq, id }: ClientFrameOf<'command'>, verdict: Verdict): void {
    const { send } = this.#options
    switch (verdict.kind) {
      case 'done': {
        const { outcome, code, message, data, offsets } = verdict.outcome
        this.#expected[lane] = null
        this.#answered[lane] = Math.max(this.#answered[lane], seq)
        return send(
          {
            t: 'result',
            lane,
            seq,
            id,
            outcome,
            ...(code === null ? {} : { code }),
            ...(message === null ? {} : { message }),
            ...(data === null ? {} : { data }),
            offsets: { ...offsets },
          },
          lane,
        )
      }
      case 'expect':
        if (this.#expected[lane] === verdict.seq) return undefined
        this.#expected[lane] = verdict.seq
        return send({ t: 'expect', lane, seq: verdict.seq }, lane)
      case 'forked':
        this.#isForked = true
        return send({ t: 'outbox-forked', lane, seq, message: refuse('outbox-forked').message }, lane)
      case 'retry-later':
        return send(
          { t: 'retry-later', lane, seq, id, code: verdict.code, message: verdict.message, afterMs: verdict.afterMs },
          lane,
        )
      case 'greet-again':
        return this.#options.outdated()
      case 'stale-link':
        return this.#options.stale()
      case 'conflict':
      case 'spent':
        throw new Error('an outbox has no Idempotency-Key and no timer')
    }
  }
}
