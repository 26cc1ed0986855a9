/** What the system took of some bytes: how many, or none, because nobody reads (a full pipe, a stopped terminal, a full disk). */
export type Taken = number | 'full'

export interface PatientLinesOptions {
  /** Hands bytes over without waiting. */
  readonly write: (bytes: Uint8Array) => Taken
  /** Calls back once after so many milliseconds. */
  readonly after: (ms: number, run: () => void) => void
  /** The line that stands where so many lines are missing. */
  readonly lost: (count: number) => string
  /** Bytes that may wait. A line that finds no room is dropped and counted. */
  readonly maxBytes?: number
}

/** Some thousand log lines: the minutes before whoever reads them was restarted. */
export const MAX_WAITING_BYTES = 1024 * 1024
/** Pauses between tries while nobody reads: the first is what a busy reader needs, the last costs nothing. Milliseconds. */
export const FIRST_RETRY_MS = 20
export const MAX_RETRY_MS = 1_000

/**
 * Lines on their way to somebody who may stop reading them (P8). Nothing here waits.
 *
 * 1. While nothing waits, a line is handed over within the call: the last words before a crash are on their way.
 * 2. Lines leave in order and whole; what was taken in part goes on where it was cut.
 * 3. Beyond `maxBytes` new lines are dropped. How many is said in their place, as soon as there is room again.
 */
export class PatientLines {
  readonly #options: PatientLinesOptions
  readonly #maxBytes: number
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #dropped = 0
  /** Pause before the next try; null while nothing waits. */
  #retryMs: number | null = null

  constructor(options: PatientLinesOptions) {
    this.#options = options
    this.#maxBytes = options.maxBytes ?? MAX_WAITING_BYTES
  }

  /** One line with its end. */
  write(line: string): void {
    const bytes = Buffer.from(line)
    if (this.#waitingBytes + bytes.length > this.#maxBytes) {
      this.#dropped += 1
      return
    }
    this.#sayWhatIsMissing()
    this.#add(bytes)
    if (this.#retryMs === null) this.#tryNow()
  }

  /** Tries once, whatever the pause. True when nothing waits any more. */
  push(): boolean {
    while (this.#waiting.length > 0) {
      const [head] = this.#waiting
      if (head === undefined) break
      const taken = this.#options.write(head)
      if (taken === 'full') return false
      this.#waitingBytes -= taken
      if (taken < head.length) this.#waiting[0] = head.subarray(taken)
      else this.#waiting.shift()
      if (this.#waiting.length === 0) this.#sayWhatIsMissing()
    }
    return true
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  #add(bytes: Uint8Array): void {
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
  }

  #sayWhatIsMissing(): void {
    if (this.#dropped === 0) return
    const count = this.#dropped
    this.#dropped = 0
    this.#add(Buffer.from(this.#options.lost(count)))
  }

  #tryNow(): void {
    if (this.push()) {
      this.#retryMs = null
      return
    }
    const pauseMs = this.#retryMs ?? FIRST_RETRY_MS
    this.#retryMs = Math.min(pauseMs * 2, MAX_RETRY_MS)
    this.#options.after(pauseMs, () => this.#tryNow())
  }
}
