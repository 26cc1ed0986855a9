import type { ChannelView, PendingCommand } from '../protocol/local.ts'
import { PRIORITIES } from '../protocol/record-words.ts'
import type { Priority } from '../protocol/records.ts'
import { asksOf, needsPerson, type AlertRow } from './alerts.ts'
import { orderList, type OrderRow } from './orders.ts'

/** Priorities that make a line stand out; a P3 is said and changes nothing. */
export type LoudPriority = Exclude<Priority, 'P3'>

/**
 * How a line stands, in one word. `quiet`: no alert is active, and there is no order to do, or none is known here; `noticed`: the
 * same with a P3. `unknown`: what this device holds of it is not current; `since` is when it was last confirmed (this device's
 * clock), null if never; `behind`: its orders alone, by which it stood so, are not.
 */
export type Standing =
  | { readonly kind: 'alert'; readonly priority: LoudPriority; readonly isTaken: boolean }
  | { readonly kind: 'unknown'; readonly since: number | null; readonly why: 'away' | 'behind' | 'coming' | 'refused' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'waits' }
  | { readonly kind: 'runs' }
  | { readonly kind: 'noticed' }
  | { readonly kind: 'quiet' }

/** All that a band or the head of a line says of it. */
export interface LineState {
  readonly area: string
  readonly standing: Standing
  /** How it stood when it was last known; the same as `standing` while that is now. */
  readonly known: Standing
  /** Its alerts, the one to name first: what is wrong now, the worst, not taken, the longest. */
  readonly alerts: readonly AlertRow[]
  /** Those of them that are still so, and do not only wait to be confirmed. */
  readonly active: readonly AlertRow[]
  /** How many of these nobody has, P3 apart: somebody who has the worst has not thereby all of them. */
  readonly needing: number
  /** P2 and P3 of the line are not known here: not shown to whoever looks, or not asked for. */
  readonly isUrgentOnly: boolean
  /** The order to name: one that runs, else one that is blocked, else the next; null without any, or without the right to them. */
  readonly order: OrderRow | null
  /** The order that runs, else the next one; null where none of them can go on, or they are not known. */
  readonly going: OrderRow | null
  /** How many run. */
  readonly running: number
  /** Those that cannot go on, by number. */
  readonly blocked: readonly OrderRow[]
  /** How many of its orders are done, and since when that is not current, null while it is; null where they are not known. */
  readonly orders: { readonly done: number; readonly total: number; readonly oldSince: number | null } | null
}

interface LineSources {
  readonly area: string
  /** Alerts of this line, in any order. */
  readonly rows: readonly AlertRow[]
  readonly urgent: ChannelView | null
  readonly alerts: ChannelView | null
  readonly orders: ChannelView | null
  readonly pending: readonly PendingCommand[]
  readonly isLive: boolean
}

/** What is known of one line, and how it stands by that. */
export function lineState({ area, rows, urgent, alerts, orders, pending, isLive }: LineSources): LineState {
  const sorted = rows.toSorted(compareAlerts)
  const ordersAt = orders === null || orders.refused !== null ? null : orders.confirmedAt
  const list = orders !== null && ordersAt !== null ? orderList({ channel: orders, area, pending, rejected: [] }) : []
  const order = firstOrder(list)
  const isUrgentOnly = alerts === null || alerts.refused !== null
  const known = standingOf(sorted, order)
  const oldSince = isLive && orders?.current === true ? null : ordersAt
  return {
    area,
    standing: unknownOf(isUrgentOnly ? [urgent] : [urgent, alerts], isLive) ?? behindOf(known, oldSince) ?? known,
    known,
    alerts: sorted,
    active: sorted.filter(isActive),
    needing: sorted.filter((row) => isActive(row) && row.priority !== 'P3' && needsPerson(row)).length,
    isUrgentOnly,
    order,
    going: firstOrder(list.filter((one) => !isBlocked(one))),
    running: list.filter(({ fields }) => fields.status === 'running').length,
    blocked: list.filter(isBlocked).toSorted((a, b) => compareText(a.number, b.number)),
    orders:
      ordersAt === null
        ? null
        : { done: list.filter(({ fields }) => fields.status === 'done').length, total: list.length, oldSince },
  }
}

/** The alerts of each line. */
export function alertsByArea(rows: readonly AlertRow[]): ReadonlyMap<string, readonly AlertRow[]> {
  const found = new Map<string, AlertRow[]>()
  for (const row of rows) {
    const held = found.get(row.area)
    if (held === undefined) found.set(row.area, [row])
    else held.push(row)
  }
  return found
}

/** Whether something is wrong now, or was when it was last known: not one that only waits to be confirmed. */
export function isWrong({ known }: Pick<LineState, 'known'>): boolean {
  return known.kind === 'alert'
}

/** Whether what is said of its alerts is not current; of one that is only behind with its orders it is. */
export function hasOldAlerts({ standing }: Pick<LineState, 'standing'>): boolean {
  return standing.kind === 'unknown' && standing.why !== 'behind'
}

/** How many there are of each priority that there is, the worst first. */
export function countsOf(rows: readonly AlertRow[]): readonly (readonly [Priority, number])[] {
  return PRIORITIES.map(
    (priority) => [priority, rows.filter((row) => row.priority === priority).length] as const,
  ).filter(([, count]) => count > 0)
}

/**
 * The worst first, and those with nobody before those that somebody has. Lines with nothing wrong keep the floor's own order:
 * people find a line by its place.
 */
export function worstFirst(states: readonly LineState[]): readonly LineState[] {
  return states.toSorted((a, b) => rankOf(a) - rankOf(b))
}

function rankOf({ known }: LineState): number {
  if (known.kind !== 'alert') return PRIORITIES.length * 2
  return PRIORITIES.indexOf(known.priority) * 2 + (known.isTaken ? 1 : 0)
}

function standingOf(sorted: readonly AlertRow[], order: OrderRow | null): Standing {
  const first = sorted.find(isActive)
  if (first !== undefined && first.priority !== 'P3') {
    return { kind: 'alert', priority: first.priority, isTaken: !needsPerson(first) }
  }
  // With none left to do there is nothing to wait for.
  const status = order?.fields.status ?? 'done'
  return { kind: status === 'done' ? (first === undefined ? 'quiet' : 'noticed') : BY_ORDER[status] }
}

/** The order that is named is the one that goes furthest. */
const BY_ORDER = { running: 'runs', blocked: 'stopped', open: 'waits' } as const

/** Null while all of these are current. */
function unknownOf(channels: readonly (ChannelView | null)[], isLive: boolean): Standing | null {
  if (isLive && channels.every((channel) => channel?.current === true)) return null
  if (channels.some((channel) => (channel?.refused ?? null) !== null))
    return { kind: 'unknown', since: null, why: 'refused' }
  const times = channels.map((channel) => channel?.confirmedAt ?? null)
  const since = times.some((at) => at === null) ? null : Math.min(...times.filter((at) => at !== null))
  return { kind: 'unknown', since, why: isLive && since === null ? 'coming' : 'away' }
}

/** Of a line that stands as it does by its orders, while these are old. */
function behindOf({ kind }: Standing, since: number | null): Standing | null {
  const isByOrder = kind === 'runs' || kind === 'stopped' || kind === 'waits'
  return since !== null && isByOrder ? { kind: 'unknown', since, why: 'behind' } : null
}

/** Still so, whether or not somebody has it. */
function isActive({ state }: AlertRow): boolean {
  return asksOf(state) !== 'look'
}

function compareAlerts(a: AlertRow, b: AlertRow): number {
  return (
    Number(isActive(b)) - Number(isActive(a)) ||
    PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) ||
    Number(needsPerson(b)) - Number(needsPerson(a)) ||
    compareText(raisedAt(a), raisedAt(b)) ||
    compareText(a.id, b.id)
  )
}

/** Server times are ISO 8601 UTC and sort as text; what the server has not stamped yet is newer than all of it. */
function raisedAt({ raised }: AlertRow): string {
  return raised?.at ?? '~'
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const ORDER_RANK = { running: 0, blocked: 1, open: 2, done: 3 } as const

function isBlocked({ fields }: OrderRow): boolean {
  return fields.status === 'blocked'
}

/** The first of the best rank, by number as they are listed. */
function firstOrder(list: readonly OrderRow[]): OrderRow | null {
  const open = list.filter(({ fields }) => fields.status !== 'done')
  return open.toSorted((a, b) => ORDER_RANK[a.fields.status] - ORDER_RANK[b.fields.status])[0] ?? null
}
