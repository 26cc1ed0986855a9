import type { ChannelTop } from './store-reader.ts'
import type { CommittedEvent } from './submission.ts'

/** News of one commit as another node hears it: how far a channel is, and the event itself where it is small. */
export interface Hint extends ChannelTop {
  readonly event: CommittedEvent['event'] | null
}

export interface HintHearer {
  /** In the order in which they were told by one node; between nodes there is none. Early, late, twice or never: the store is the truth. */
  readonly heard: (hints: readonly Hint[]) => void
  /** News may have been missed: this node did not hear for a while, and does now. */
  readonly missed: () => void
}

/**
 * News between the nodes of a floor: what makes the others fast, and never what makes them right. Whoever is deaf reads the
 * same from the store a moment later (T19, U4).
 */
export interface Hints {
  /** Tells the other nodes what was committed here. Never waits and never throws: what cannot leave is dropped and counted. */
  tell(events: readonly CommittedEvent[]): void
  hear(hearer: HintHearer): void
  counts(): HintCounts
  close(): Promise<void>
}

export interface HintCounts {
  /** Whether this node hears the others now. */
  readonly isHearing: boolean
  readonly told: number
  readonly heard: number
  readonly dropped: number
  /** What came and was no hint. */
  readonly refused: number
}
