import { WindowSeat, type Attach, type SeatPort, type SeatRoom, type WorkerNotice } from './window-seat.ts'
import type { PageWord } from './web-hints.ts'
import type { Log } from '../ports.ts'

/** What a host without pages of its own does not need to hear. */
export interface PageListener {
  said(page: object, word: PageWord): void
  gone(page: object): void
  /** A person wants the relay in this worker. */
  taken(): void
}

/** All windows of one host, across its relays. Open while there is a relay, else closed with the reason. */
export class WindowRoom implements SeatRoom {
  readonly locks: SeatRoom['locks']
  readonly #log: Log
  readonly #pages: PageListener | null
  readonly #seats = new Set<WindowSeat>()
  #door: { readonly attach: Attach } | { readonly notice: WorkerNotice } | null = null

  constructor(locks: SeatRoom['locks'], log: Log, pages: PageListener | null = null) {
    this.locks = locks
    this.#pages = pages
    this.#log = log
  }

  admit(port: SeatPort): WindowSeat {
    return new WindowSeat(port, this)
  }

  open(attach: Attach): void {
    this.#door = { attach }
    for (const seat of this.#seats) seat.attach(attach)
  }

  close(notice: WorkerNotice | null): void {
    this.#door = notice === null ? null : { notice }
    for (const seat of this.#seats) {
      seat.detach()
      if (notice !== null) seat.tell(notice)
    }
  }

  joined(seat: WindowSeat): void {
    this.#seats.add(seat)
    if (this.#door === null) return
    if ('attach' in this.#door) seat.attach(this.#door.attach)
    else seat.tell(this.#door.notice)
  }

  left(seat: WindowSeat): void {
    this.#seats.delete(seat)
    this.#pages?.gone(seat)
  }

  paged(seat: WindowSeat, word: PageWord): void {
    this.#pages?.said(seat, word)
  }

  taken(): void {
    this.#pages?.taken()
  }

  dropped(word: unknown): void {
    this.#log('warn', 'window-message-dropped', { word })
  }
}
