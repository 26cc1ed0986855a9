/** Who and what belongs to the site, as the store keeps it. */
import type { DeviceId, OutboxEpoch } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { Role } from '../../relay/protocol/records.ts'

export interface DeviceRow {
  readonly id: DeviceId
  readonly name: string
  readonly areas: readonly string[]
  readonly status: 'active' | 'revoked'
}
/** Devices that are known, and what became of others since the start. */
export interface DeviceCounts {
  /** Somebody signed in on them, or a command of them was applied. */
  readonly used: number
  /** Of those, the ones on which nobody ever signed in. */
  readonly alone: number
  readonly strangers: number
  /** Greetings of newcomers that found no room. */
  readonly refused: number
  /** Strangers that made room for others, and devices that were away for too long. */
  readonly evicted: number
  readonly forgotten: number
}

export interface OperatorRow {
  readonly id: string
  readonly role: Role
  readonly areas: readonly string[]
  /** PHC string, argon2id. */
  readonly pinHash: string
  readonly status: 'active' | 'inactive'
}

export interface ApiKeyRow {
  readonly id: string
  readonly name: string
  /** SHA-256 (base64url) of the key. */
  readonly hash: string
  readonly role: Role
  readonly areas: readonly string[]
}
export interface SigningKeyRow {
  readonly kid: string
  /** Private JWK, ES256. */
  readonly jwk: string
  readonly createdAt: string
}

/** What an outbox did that a person should look at: it was past what the store knows, was a copy, or of a device long forgotten. */
export type ReviewRow = { readonly device: DeviceId; readonly at: string } & (
  | {
      readonly kind: 'skipped-range'
      readonly detail: {
        readonly epoch: OutboxEpoch
        readonly lane: Lane
        readonly from: number
        readonly to: number
      }
    }
  | {
      readonly kind: 'outbox-forked'
      readonly detail: { readonly epoch: OutboxEpoch; readonly lane: Lane; readonly seq: number }
    }
  | {
      readonly kind: 'forgotten'
      readonly detail: { readonly epoch: OutboxEpoch; readonly oldest: Readonly<Record<Lane, number>> }
    }
)

export interface Reviews {
  /** Oldest first. */
  readonly rows: readonly ReviewRow[]
  /** How many went because there were more than `LIMITS.maxReviews`, or of one device more than `maxReviewsPerDevice`. */
  readonly dropped: number
}
