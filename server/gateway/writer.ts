import type { Duplex } from 'node:stream'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'

/** The lanes of commands and events, and behind them what may as well be left out. */
export type WriteLane = Lane | 'live'
const WRITE_ORDER: readonly WriteLane[] = ['urgent', 'normal', 'live']

/** What a writer needs of a socket. */
export type WritableSocket = Pick<Duplex, 'cork' | 'uncork' | 'write' | 'writable' | 'writableLength' | 'on'>

/** Who is told how it goes. */
export interface WriterHost {
  /** There is room again. */
  drained(): void
  /** More than the hard limit waits, although everything that gathered was handed to the system (V2). */
  overflowed(): void
}

/**
 * The only writer of data frames on one socket. What gathers within a tick leaves in one write, urgent first, live values
 * last; what the socket has not taken yet is counted.
 *
 * Usually one buffer gathers, the one that everybody gets. It is held as it is: a delivery allocates nothing here.
 */
export class Writer {
  readonly #socket: WritableSocket
  readonly #ticks: Ticks
  readonly #host: WriterHost
  /** All that gathered while that is one buffer, and its lane; otherwise it is in `#lanes`. */
  #one: Buffer | null = null
  #oneLane: WriteLane = 'normal'
  #lanes: Record<WriteLane, Buffer[]> | null = null
  #gatheredBytes = 0
  /** What the socket held after the last write; since then it can only have become less. */
  #heldBytes = 0
  #isBlocked = false
  /** Somebody holds back until there is room. */
  #isAwaited = false

  constructor(socket: WritableSocket, ticks: Ticks, host: WriterHost) {
    this.#socket = socket
    this.#ticks = ticks
    this.#host = host
    socket.on('drain', () => {
      if (!this.#isBlocked) return
      this.#isBlocked = false
      this.#tellDrained()
    })
  }

  write(bytes: Buffer, lane: WriteLane): void {
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
    return this.#gatheredBytes + this.#socket.writableLength
  }

  /**
   * True above the soft limit: nothing may be pulled or pushed. Whoever holds back for it is told by `drained` when there is
   * room again. Asked after each delivery, so it looks at the socket only when that may make a difference.
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
    if (!this.#socket.writable) return
    const hasRoom = one === null ? this.#writeAll(lanes) : this.#socket.write(one)
    this.#heldBytes = this.#socket.writableLength
    if (!hasRoom) this.#isBlocked = true
    // The system took all of it at once: no `drain` comes for those who held back for what was only gathered.
    else if (this.#isAwaited) this.#tellDrained()
    if (this.#gatheredBytes + this.#heldBytes > LIMITS.hardBufferBytes) this.#host.overflowed()
  }

  #tellDrained(): void {
    this.#isAwaited = false
    this.#host.drained()
  }

  /** One call to the system; false when the socket has enough. */
  #writeAll(lanes: Record<WriteLane, Buffer[]> | null): boolean {
    let hasRoom = true
    this.#socket.cork()
    for (const lane of WRITE_ORDER) for (const bytes of lanes?.[lane] ?? []) hasRoom = this.#socket.write(bytes)
    this.#socket.uncork()
    return hasRoom
  }
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
