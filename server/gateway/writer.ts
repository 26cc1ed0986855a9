import type { Duplex } from 'node:stream'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'

/** The lanes of commands and events, and behind them what may as well be left out. */
export type WriteLane = Lane | 'live'

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
 */
export class Writer {
  readonly #socket: WritableSocket
  readonly #ticks: Ticks
  readonly #host: WriterHost
  #urgent: Buffer[] = []
  #normal: Buffer[] = []
  #live: Buffer[] = []
  #gatheredBytes = 0
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
    if (this.#gatheredBytes === 0) this.#ticks.join(this)
    this.#gatheredBytes += bytes.length
    if (lane === 'urgent') this.#urgent.push(bytes)
    else if (lane === 'normal') this.#normal.push(bytes)
    else this.#live.push(bytes)
  }

  /** Bytes that wait in this process for this connection. */
  get waitingBytes(): number {
    return this.#gatheredBytes + this.#socket.writableLength
  }

  /** True while more than this waits. Whoever holds back for it is told by `drained` when there is room again. */
  isOver(bytes: number): boolean {
    const isOver = this.waitingBytes > bytes
    this.#isAwaited ||= isOver
    return isOver
  }

  /** Sends what was gathered; called once per tick, and before a close. */
  flush(): void {
    if (this.#gatheredBytes === 0) return
    const urgent = this.#urgent
    const normal = this.#normal
    this.#urgent = []
    this.#normal = []
    const live = this.#live
    this.#live = []
    this.#gatheredBytes = 0
    if (!this.#socket.writable) return
    const isOnlyNormal = urgent.length + live.length === 0
    if (!this.#writeAll(isOnlyNormal ? normal : [...urgent, ...normal, ...live])) this.#isBlocked = true
    // The system took all of it at once: no `drain` comes for those who held back for what was only gathered.
    else if (this.#isAwaited) this.#tellDrained()
    if (this.waitingBytes > LIMITS.hardBufferBytes) this.#host.overflowed()
  }

  #tellDrained(): void {
    this.#isAwaited = false
    this.#host.drained()
  }

  /** One call to the system; false when the socket has enough. */
  #writeAll(parts: readonly Buffer[]): boolean {
    const [only] = parts
    if (only !== undefined && parts.length === 1) return this.#socket.write(only)
    let hasRoom = true
    this.#socket.cork()
    for (const part of parts) hasRoom = this.#socket.write(part)
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
