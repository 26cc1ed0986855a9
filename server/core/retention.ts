import type { ChannelKind } from '../../relay/protocol/channels.ts'

/** How much of a channel's history is kept for resuming. Records of `state` channels are not history and stay. */
export interface Retention {
  readonly maxEvents: number
  readonly maxAgeMs: number
}

const DAY = 24 * 3_600_000

/**
 * By kind (P8). A log is read back by people, so it lasts a month; events of a `state` channel only serve to resume, and a
 * device that was away longer takes a snapshot. `live` values are never stored.
 */
export const RETENTION: Readonly<Record<ChannelKind, Retention>> = {
  log: { maxEvents: 200_000, maxAgeMs: 31 * DAY },
  state: { maxEvents: 50_000, maxAgeMs: 7 * DAY },
  doc: { maxEvents: 200_000, maxAgeMs: 31 * DAY },
  live: { maxEvents: 0, maxAgeMs: 0 },
}

/** Rows that one clean-up may delete per channel: what is due and over this waits for the next one. */
export const MAX_PRUNED = 5_000

/** How long the last sequences of an outbox are remembered (P1), answers under an Idempotency-Key (DESIGN §8), and evidence. */
export const KEPT_MS = { marks: 400 * DAY, idempotency: 7 * DAY, receipts: 400 * DAY } as const
