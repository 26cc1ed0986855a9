import type { CloseRow } from '../../relay/protocol/close-codes.ts'
import { CLOSE_MS, type FrameEnd, type FrameForm, type FrameTaker } from '../gateway/frame-end.ts'
import type { SharedBytes } from '../gateway/shared-bytes.ts'

/** What a `MemoryEnd` goes by: a simulated network, or the hands of a test. It tells the end by the methods named below. */
export interface MemoryWay {
  /** One write. How many of these it took, from the first on; if not all, it is full, and `room` follows when it has some. */
  carry(parts: readonly SharedBytes[]): number
  /** Behind everything it carried. `gone` follows when the peer has closed as well. */
  carryClose(row: CloseRow): void
  /** Lets nothing more arrive, or goes on. */
  pause(): void
  resume(): void
  /** Breaks. `gone` follows, not within this call. */
  cut(): void
}

/** An end without a socket, for whole connections in simulated time. It keeps every promise of `FrameEnd`. */
export class MemoryEnd implements FrameEnd {
  readonly #way: MemoryWay
  #taker: FrameTaker | null = null
  #state: 'open' | 'closing' | 'over' = 'open'
  readonly #unwritten: SharedBytes[] = []
  #unwrittenBytes = 0
  /** The close that waits behind what is unwritten. */
  #closing: CloseRow | null = null
  #patience: NodeJS.Timeout | null = null

  constructor(way: MemoryWay) {
    this.#way = way
  }

  start(taker: FrameTaker): void {
    this.#taker = taker
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes
  }

  write(bytes: SharedBytes): boolean {
    return this.writeAll([bytes])
  }

  writeAll(parts: readonly SharedBytes[]): boolean {
    if (this.#state !== 'open') return true
    const isBlocked = this.#unwritten.length > 0
    for (const bytes of parts) {
      this.#unwritten.push(bytes)
      this.#unwrittenBytes += bytes.length
    }
    return !isBlocked && this.#push()
  }

  pause(): void {
    if (this.#state === 'open') this.#way.pause()
  }

  resume(): void {
    if (this.#state === 'open') this.#way.resume()
  }

  close(row: CloseRow): void {
    if (this.#state !== 'open') return
    this.#way.resume()
    this.#state = 'closing'
    this.#patience = setTimeout(() => this.cut(), CLOSE_MS)
    if (this.#unwritten.length === 0) this.#way.carryClose(row)
    else this.#closing = row
  }

  cut(): void {
    if (this.#state === 'over') return
    this.#state = 'closing'
    this.#way.cut()
  }

  // ---------------------------------------------------------------------------------------------- what the way says

  arrived(payload: Buffer, form: FrameForm): void {
    if (this.#state === 'open') this.#taker?.took(payload, form)
  }

  room(): void {
    if (this.#unwritten.length === 0 || this.#state === 'over' || !this.#push()) return
    if (this.#closing !== null) this.#way.carryClose(this.#closing)
    else if (this.#state === 'open') this.#taker?.drained()
  }

  /** The peer closes: what is under way from here is not for it any more. */
  closed(): void {
    if (this.#state === 'open') this.#state = 'closing'
  }

  gone(cause: Error | null = null): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    if (this.#patience !== null) clearTimeout(this.#patience)
    this.#taker?.ended(cause)
  }

  /** True when the way took everything. */
  #push(): boolean {
    const taken = this.#unwritten.splice(0, this.#way.carry(this.#unwritten))
    for (const { length } of taken) this.#unwrittenBytes -= length
    return this.#unwritten.length === 0
  }
}
