import type { CommandId, DeviceId, OutboxEpoch } from '../../relay/protocol/ids.ts'
import type { ReceiptKind } from '../../relay/protocol/frames.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { Greeting, GreetingRequest } from './greeting.ts'
import type { Submission, SubmitResult } from './submission.ts'
import type { PassedTo, UrgentPassage } from './urgent-passage.ts'

/**
 * What devices and programs bring. What a call did is durable when its promise resolves (P1: FULL, fsync).
 *
 * Order: calls of one device or program take effect in the order in which they were made; between devices there is none, and
 * promises may resolve in another order than their commits. Who has to know the order of events reads it from their offsets.
 *
 * Errors: what the disk does not take has not happened. `submit` then answers `retry-later`, `confirm` resolves all the same,
 * because the next one covers it, and everything else rejects with `StoreUnavailable`.
 */
export interface StoreWriter {
  /** Checks and carries out in one durable transaction, alone or with others; one bad command harms no other (T2). */
  submit(submission: Submission): Promise<SubmitResult>
  /** Forgets stored results up to `upTo`. Of a link that is stale nothing is done. */
  confirm(request: {
    readonly device: DeviceId
    readonly epoch: OutboxEpoch
    readonly lane: Lane
    readonly upTo: number
    /** The number of its link; absent where none is known. */
    readonly link?: number
  }): Promise<'stale-link' | undefined>
  /** Registers or finds the device and settles where its outbox goes on (PROTOCOL W10). */
  greet(request: GreetingRequest): Promise<Greeting>
  /** The device goes on by another link: its number, beside which every older one is stale. */
  moveLink(request: { readonly device: DeviceId }): Promise<number>
  /** A device is still here, long after it was greeted: it is not to be taken for one that is away (T18). */
  seen(device: DeviceId): Promise<void>
  /** Of an alert, a device and a kind the first counts. Resolves with how many were dropped: their alert is not known, or has no place for them (E3). */
  recordReceipts(receipts: readonly Receipt[], from?: LinkOf): Promise<number | 'stale-link'>
  /**
   * The receipts `sent` and `received` that follow from how far a device is in `alerts/urgent` now and was before, by the
   * log. Answers how far they are kept: less than asked for where there was too much for one step, or the disk was full
   * before; more than once the same is harmless.
   */
  passUrgent(passage: UrgentPassage): Promise<PassedTo>
}

/** The link that a device's receipts came by: nothing of one that is stale is recorded. */
export interface LinkOf {
  readonly device: DeviceId
  readonly link: number
}

export interface Receipt {
  readonly alert: CommandId
  readonly device: DeviceId
  readonly kind: 'sent' | 'received' | ReceiptKind
  readonly at: string
}
