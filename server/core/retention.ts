import type { ChannelKind } from '../../relay/protocol/channels.ts'

/** How much of a channel's history is kept for resuming. Records of `state` channels are not history and stay. */
export interface Retention {
  readonly maxEvents: number
  readonly maxAgeMs: number
  /** Of `data` of its events: what is in them is chosen by whoever sends it. */
  readonly maxBytes: number
}

const MB = 1024 * 1024

const DAY = 24 * 3_600_000

/**
 * By kind (P8). A log is read back by people, so it lasts a month; events of a `state` channel only serve to resume, and a
 * device that was away longer takes a snapshot. `live` values are never stored. Bytes: as many of the usual events as the
 * number allows, of 1.3 KB each; channels are made by areas and people, so all of them together are bounded, too.
 */
export const RETENTION: Readonly<Record<ChannelKind, Retention>> = {
  log: { maxEvents: 200_000, maxAgeMs: 31 * DAY, maxBytes: 256 * MB },
  state: { maxEvents: 50_000, maxAgeMs: 7 * DAY, maxBytes: 64 * MB },
  live: { maxEvents: 0, maxAgeMs: 0, maxBytes: 0 },
}

/** Rows that one clean-up may delete per channel: what is due and over this waits for the next one. */
export const MAX_PRUNED = 5_000

/**
 * How long the last sequences of an outbox are remembered (P1), answers under an Idempotency-Key (X2), evidence,
 * sessions after they ran out, and devices after they were last here: those that are used as long as their marks, strangers
 * for a week (T18).
 */
export const KEPT_MS = {
  marks: 400 * DAY,
  idempotency: 7 * DAY,
  receipts: 400 * DAY,
  sessions: 400 * DAY,
  usedDevices: 400 * DAY,
  strangers: 7 * DAY,
} as const
