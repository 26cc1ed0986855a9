/** Native notifications as a device speaks of them: what is shown, and what became of it. Nothing here is on the wire. */
import type { Priority } from './records.ts'

/** Id of the one notice that stands for several alerts. No alert has it: those are UUIDs. */
export const SUMMARY_ID = 'summary'

/** One native notification. Another with the same id takes its place. */
export interface Notice {
  /** The id of the alert, or `SUMMARY_ID`. */
  readonly id: string
  readonly title: string
  readonly body: string
  /** P0 is critical: it stays until it is closed, where the platform is able to. */
  readonly priority: Priority
  /** True where this device sounds by itself. */
  readonly silent: boolean
}

/**
 * `shown`: the platform took it. `failed`: the platform was asked and refused. `suppressed`: it was not asked, because it
 * could not (no permission, no daemon, no support). The last two are the same to who relies on it, and not to who mends it.
 */
export type NoticeOutcome = 'shown' | 'failed' | 'suppressed'

/** What a device is able to show. `not-asked`: a person has to allow it first, by a press (`ask`). */
export type NoticeAvailability = 'available' | 'not-asked' | 'denied' | 'unsupported' | 'no-daemon'
