/**
 * A command that the site gives at a time by itself. A decision sets it, the store keeps it, and it is given once, by source
 * `system`: it is deleted in the transaction of its command (T20).
 */
export interface Timer {
  /** Of the domain that set it, such as `unshelve/` and the alert. One that is set again under this name takes its place. */
  readonly id: string
  /** Server time from which on it is due, ISO 8601 UTC with milliseconds. It may be given later, never earlier. */
  readonly due: string
  /** A command type of the lane table, and its data; checked when it is given, like those of everybody. */
  readonly type: string
  readonly data: unknown
}

/** What a decision does to timers, in this order. To take back one that is not there is no error: it was given, perhaps. */
export type TimerChange =
  | { readonly kind: 'set'; readonly timer: Timer }
  | { readonly kind: 'take-back'; readonly id: string }
