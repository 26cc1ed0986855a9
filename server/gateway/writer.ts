import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { FrameEnd } from './frame-end.ts'
import type { SharedBytes } from './shared-bytes.ts'

/** The lanes of commands and events, and behind them what may as well be left out. */
export type WriteLane = Lane | 'live'
const WRITE_ORDER: readonly WriteLane[] = ['urgent', 'normal', 'live']

/** What a writer needs of an end. */
export type WritableEnd = Pick<FrameEnd, 'write' | 'writeAll' | 'unwrittenBytes'>

/** Who is told how it goes. */
export interface WriterHost {
  /** Who held back may go on. */
  hasRoom(): void
  /** More than the hard limit waits, although everything that gathered was handed to the system (V2). */
  overflowed(): void
}

/**
 * The only writer of data frames on one end. What gathers within a tick leaves in one write, urgent first, live values
 * last; what the end has not got rid of yet is counted.
 *
 * Usually one piece gathers, the one that everybody gets. It is held as it is: a delivery allocates nothing here.
 */
export class Writer {
  #end: WritableEnd
  readonly #ticks: Ticks
  readonly #host: WriterHost
  /** All that gathered while that is one piece, and its lane; otherwise it is in `#lanes`. */
  #one: SharedBytes | null = null
  #oneLane: WriteLane = 'normal'
  #lanes: Record<WriteLane, SharedBytes[]> | null = null
  #gatheredBytes = 0
  /** What the end held after the last write; since then it can only have become less. */
  #heldBytes = 0
  /** Somebody holds back until there is room. */
  #isAwaited = false

  constructor(end: WritableEnd, ticks: Ticks, host: WriterHost) {
    this.#end = end
    this.#ticks = ticks
    this.#host = host
  }

  write(bytes: SharedBytes, lane: WriteLane): void {
    if (this.#gatheredBytes === 0) {
      this.#ticks.join(this)
      this.#one = bytes
      this.#oneLane = lane
    } else {
      const lanes = (this.#lanes ??= { urgent: [], normal: [], live: [] })
      if (this.#one !== null) lanes[this.#oneLane].push(this.#one)
      this.#one = null
      lanes[lane].push(bytes)
    }
    this.#gatheredBytes += bytes.length
  }

  /** Bytes that wait in this process for this connection. */
  get waitingBytes(): number {
    return this.#gatheredBytes + this.#end.unwrittenBytes
  }

  /**
   * True above the soft limit: nothing may be pulled or pushed. Whoever holds back for it is told by `drained` when there is
   * room again. Asked after each delivery, so it looks at the end only when that may make a difference.
   */
  isFull(): boolean {
    if (this.#gatheredBytes + this.#heldBytes <= LIMITS.softBufferBytes) return false
    const isFull = this.waitingBytes > LIMITS.softBufferBytes
    this.#isAwaited ||= isFull
    return isFull
  }

  /** True while so much waits that live values have to. */
  isBusy(): boolean {
    return this.waitingBytes > LIMITS.liveBufferBytes
  }

  /** Sends what was gathered; called once per tick, and before a close. */
  flush(): void {
    if (this.#gatheredBytes === 0) return
    const one = this.#one
    const lanes = this.#lanes
    this.#one = null
    this.#lanes = null
    this.#gatheredBytes = 0
    const end = this.#end
    const hasRoom = one === null ? end.writeAll(inOrder(lanes)) : end.write(one)
    this.#heldBytes = end.unwrittenBytes
    // The system took all of it at once: the end says nothing to those who held back for what was only gathered.
    if (hasRoom && this.#isAwaited) this.drained()
    if (this.#gatheredBytes + this.#heldBytes > LIMITS.hardBufferBytes) this.#host.overflowed()
  }

  /** From now on it is this end that is written to. What gathered has left by the other one. */
  moveTo(end: WritableEnd): void {
    this.#end = end
    this.#heldBytes = end.unwrittenBytes
    // Nobody tells any more when the other one has room.
    if (this.#isAwaited) this.drained()
  }

  /** The end has room again. */
  drained(): void {
    this.#isAwaited = false
    this.#host.hasRoom()
  }
}

function inOrder(lanes: Record<WriteLane, SharedBytes[]> | null): readonly SharedBytes[] {
  return lanes === null ? [] : WRITE_ORDER.flatMap((lane) => lanes[lane])
}

/** Flushes every writer that has something, once per turn of the event loop; `first` fills them before. */
export class Ticks {
  #joined: Writer[] = []
  #first: (() => void)[] = []
  #isScheduled = false

  join(writer: Writer): void {
    this.#joined.push(writer)
    this.#schedule()
  }

  /** Runs before the writers of this turn are flushed, so that what it hands them leaves in the same write. */
  first(call: () => void): void {
    this.#first.push(call)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    const first = this.#first
    this.#first = []
    for (const call of first) call()
    const joined = this.#joined
    this.#joined = []
    for (const writer of joined) writer.flush()
    this.#isScheduled = false
    if (this.#first.length > 0 || this.#joined.length > 0) this.#schedule()
  }
}
