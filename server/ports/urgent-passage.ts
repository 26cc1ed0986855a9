import type { DeviceId, Epoch } from '../../relay/protocol/ids.ts'

/** Offsets in `alerts/urgent` up to which a device was sent events, and has durably applied them. */
export interface PassedTo {
  readonly sent: number
  readonly received: number
}

/** How far one connection has brought its device in `alerts/urgent`. */
export interface UrgentPassage extends PassedTo {
  readonly device: DeviceId
  readonly epoch: Epoch
  /** The offset behind which this connection wrote event by event. */
  readonly since: number
  /** Up to `since` it held them from before; a snapshot told it what was open instead. */
  readonly start: 'cursor' | 'snapshot'
  /** Server time, ISO 8601 UTC: of the receipts that follow from it. */
  readonly at: string
}

/** Offsets that one step goes through: bounds how long the store is held by a device that was away for a week (T15). */
export const MAX_PASSED = 2_000

/**
 * What a passage says beyond what was known of the device before.
 *
 *   after         from                upTo
 *     │  open alerts │  every alert raised │
 *   ──┴──────────────┴─────────────────────┴──▶ offset
 *
 * Behind `from` the device had each event, so it had each alert. Between `after` and `from` it was told what was open and
 * no more: an alert that came and went meanwhile never reached it, whatever its cursor stands at. `isCut`: not all of it.
 */
export function stepOf(
  passage: UrgentPassage,
  before: PassedTo | null,
  kind: keyof PassedTo,
): { readonly after: number; readonly from: number; readonly upTo: number; readonly isCut: boolean } {
  const { since, start } = passage
  const after = before?.[kind] ?? 0
  const from = before !== null && start === 'cursor' ? after : Math.max(after, since)
  const upTo = Math.min(passage[kind], from + MAX_PASSED)
  return { after, from, upTo, isCut: upTo < passage[kind] }
}
