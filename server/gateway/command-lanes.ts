import { refuse, type ErrorCode } from '../../relay/protocol/errors.ts'
import { laneOf } from '../../relay/protocol/commands.ts'
import type { ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { DeviceId, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Store, Submission, SubmitResult, Verdict } from '../ports/store.ts'
import { fitsCommand } from './command-data.ts'

export interface CommandLanesOptions {
  readonly device: DeviceId
  readonly epoch: OutboxEpoch
  readonly store: Store
  readonly submit: (submission: Submission) => Promise<SubmitResult>
  /** How long a command of this session has to wait, milliseconds; 0 takes it. */
  readonly pace: (session: SessionId | null) => number
  readonly send: (frame: ServerFrame, lane: Lane) => void
  readonly refuse: (code: ErrorCode, message: string) => void
  /** More than a pipeline's worth is with the store: stop reading, or go on. */
  readonly crowded: (isCrowded: boolean) => void
  readonly failed: (cause: unknown) => void
}

/** Commands of both lanes with the store at once: twice what one lane may have in flight. */
const MAX_WITH_STORE = 2 * LIMITS.maxInFlight

/** The way up of one connection: commands to the store in the order they came, answers back in the same order. */
export class CommandLanes {
  readonly #options: CommandLanesOptions
  #withStore = 0
  readonly #idle: (() => void)[] = []
  /** What each lane was last told to send from, so that a burst behind a hole is answered once. */
  readonly #expected: Record<Lane, number | null> = { urgent: null, normal: null }
  /** What came last in each lane, whatever became of it: the store compares it with what it has there (W3). */
  readonly #last: Record<Lane, Pick<ClientFrameOf<'command'>, 'seq' | 'id'> | null> = { urgent: null, normal: null }
  /** This outbox is not the one the store knows: its device gives it up, so nothing more of it may take effect. */
  #isForked = false

  constructor(options: CommandLanesOptions) {
    this.#options = options
  }

  take(frame: ClientFrameOf<'command'>): void {
    const { device, epoch, submit, failed, crowded } = this.#options
    if (frame.lane !== laneOf(frame.type))
      return this.#options.refuse('bad-frame', `"lane": commands of type "${frame.type}" do not travel in this lane.`)
    const { lane, seq, id } = frame
    const before = this.#last[lane]
    this.#last[lane] = { seq, id }
    if (this.#isForked) return this.#answer(frame, { kind: 'forked', seq })
    if (!fitsCommand(frame.data)) {
      // The device refuses such a command before it saves it; one that got here is rejected in order like any other.
      frame = { ...frame, data: null }
    }
    const afterMs = this.#options.pace(frame.session ?? null)
    if (afterMs > 0) return this.#slowDown(frame, afterMs)
    this.#withStore += 1
    if (this.#withStore === MAX_WITH_STORE) crowded(true)
    const after = before !== null && before.seq === seq - 1 ? { after: before.id } : {}
    submit({
      source: { kind: 'outbox', device, epoch, lane, seq, session: frame.session ?? null, ...after },
      id,
      type: frame.type,
      data: frame.data,
      giveUp: frame.giveUp ?? false,
    })
      .then((result) => this.#answer(frame, result.verdict))
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
  }

  /** Resolves when no command is with the store. */
  idle(): Promise<void> {
    return this.#withStore === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  async confirm({ lane, upTo }: ClientFrameOf<'confirm'>): Promise<void> {
    const { device, epoch, store } = this.#options
    await store.confirm({ device, epoch, lane, upTo })
  }

  #answer({ lane, seq, id }: ClientFrameOf<'command'>, verdict: Verdict): void {
    const { send } = this.#options
    switch (verdict.kind) {
      case 'done': {
        const { outcome, code, message, data, offsets } = verdict.outcome
        this.#expected[lane] = null
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
      case 'conflict':
        throw new Error('an outbox has no Idempotency-Key')
    }
  }
}
