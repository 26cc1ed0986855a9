/** The words of the ledger. */

/** A promise that was broken, with the lines that show it. */
export interface Violation {
  readonly promise: string
  readonly evidence: readonly string[]
}

/** What somebody asks a relay to do. */
export interface Asked {
  readonly relay: number
  readonly ref: string
  readonly lane: 'urgent' | 'normal'
  /** How it must end. `refused`: the relay may say at once that it cannot save it. */
  readonly ends: 'applied' | 'rejected'
  /** What the channels show once if it was applied: see `effectOf`. Null for what leaves no event. */
  readonly effect: string | null
}

/** What is being done to a relay that makes it right to refuse a command it has not saved. */
export type Excuse = 'disk-full' | 'stopping'

export interface Counts {
  readonly asked: number
  readonly saved: number
  readonly applied: number
  readonly rejected: number
  readonly refused: number
  readonly open: number
  /** Different events of all channels, and how often events were read in all. */
  readonly events: number
  readonly eventsRead: number
}

/** A field that should be text; the empty text when it is not. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
