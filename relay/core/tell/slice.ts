/** How this device is spoken to: the numbering of the bus, and who waits for an answer. */

export interface BusState {
  readonly epoch: string
  seq: number
}

/** Who waits for the answer: a promise of the host, or a window's `reply`. */
export type Origin =
  | { readonly kind: 'host'; readonly request: number }
  | { readonly kind: 'window'; readonly port: number; readonly ref: string }

/** Whoever asked hears that it is on disk. */
export interface AnswerAfter {
  readonly kind: 'answer'
  readonly origin: Origin
}
