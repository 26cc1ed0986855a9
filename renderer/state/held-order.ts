/**
 * The order in which a list is shown: the wanted one, except while a hand is on its way to it.
 *
 * 1. While it is held, what is shown keeps its place. What has gone stays, as gone; what is new waits, counted, or with
 *    `newcomers: 'last'` comes at the end, where it moves nothing [F2].
 * 2. Otherwise the order changes at most every `PACE_MS`: in a flood a list that never stands cannot be pressed. What only
 *    comes at the end moves nothing and is shown at once.
 * 3. A hold ends at a known moment, whoever leans on the glass (`MAX_HOLD_MS` of `touch.ts`).
 */

/** Changes of order that move something are at least so far apart, milliseconds: steady for two thirds of the time, and never old. */
export const PACE_MS = 3_000

export interface HeldOrder {
  /** Keys as they are shown. */
  readonly shown: readonly string[]
  /** When what was shown last moved; monotonic milliseconds. */
  readonly movedAt: number
}

export const NOTHING_SHOWN: HeldOrder = { shown: [], movedAt: Number.NEGATIVE_INFINITY }

export interface OrderLook {
  /** Keys in the order they would have, each once. */
  readonly wanted: readonly string[]
  /** Whether somebody touches, or just did. */
  readonly isHeld: boolean
  /** A person asked for the newcomers: once, whatever holds. */
  readonly isAsked?: boolean
  /** Where newcomers stand meanwhile: `wait` behind a count, or `last` in the list. */
  readonly newcomers?: 'wait' | 'last'
  /** Monotonic milliseconds. */
  readonly now: number
}

export interface OrderPlan {
  readonly order: HeldOrder
  /** Newcomers that are not shown yet. */
  readonly waiting: readonly string[]
  /** When to look again by itself; null: at the next change, or when the hold ends. */
  readonly dueAt: number | null
}

/** Looks at the wanted order of the moment. Equal orders keep their array, so that nothing is drawn anew for them. */
export function planOrder(before: HeldOrder, look: OrderLook): OrderPlan {
  const { wanted, isHeld, isAsked = false, newcomers = 'wait', now } = look
  const { shown } = before
  if (isSame(shown, wanted)) return { order: before, waiting: [], dueAt: null }
  if (startsWith(wanted, shown)) return { order: { ...before, shown: wanted }, waiting: [], dueAt: null }
  const steadyAt = before.movedAt + PACE_MS
  if (isAsked || (!isHeld && now >= steadyAt)) {
    return { order: { shown: wanted, movedAt: now }, waiting: [], dueAt: null }
  }
  const known = new Set(shown)
  const fresh = wanted.filter((key) => !known.has(key))
  const dueAt = isHeld ? null : steadyAt
  if (newcomers === 'wait' || fresh.length === 0) return { order: before, waiting: fresh, dueAt }
  return { order: { ...before, shown: [...shown, ...fresh] }, waiting: [], dueAt }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((key, index) => key === b[index]))
}

function startsWith(all: readonly string[], start: readonly string[]): boolean {
  return all.length >= start.length && start.every((key, index) => key === all[index])
}
