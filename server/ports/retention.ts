import type { ChannelKind } from '../../relay/protocol/channels.ts'

/** How much of the history of channels of one kind is kept. */
export interface ChannelPolicy {
  readonly maxEvents: number
  readonly maxAgeMs: number
  /** Absent: only their number and age are bounded. */
  readonly maxBytes?: number
}

/** The site's policy, from the core. */
export interface RetentionPolicy {
  readonly channels: Readonly<Record<ChannelKind, ChannelPolicy>>
  readonly maxPruned: number
  /** Milliseconds. */
  readonly kept: Readonly<
    Record<'marks' | 'idempotency' | 'receipts' | 'sessions' | 'usedDevices' | 'strangers', number>
  >
}
