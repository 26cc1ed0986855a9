import { alertState, ASKS, isOpenTo, type AlertAction, type AlertState } from '../protocol/alert-state.ts'
import type { ChannelView, PendingCommand } from '../protocol/local.ts'
import { PRIORITIES } from '../protocol/record-words.ts'
import type { AlertRecord, Deed } from '../protocol/records.ts'
import { dataOf, hasTexts, isObject, waitingOf, type Waiting } from './pending.ts'

/**
 * How an alert stands for a person (ISA-18.2). `raising`: made here, not yet on the server. `cleared`: returned to normal,
 * nobody has confirmed it. What waits for the server is laid over the state: an acknowledgement that is only saved here
 * counts as one on this device, and says that it waits.
 */
export type ShownAlertState = 'raising' | Exclude<AlertState['kind'], 'gone'>

/** What the record says, and what waits here for the server. */
export interface AlertRow extends Readonly<Omit<AlertRecord, 'raised'>> {
  readonly state: ShownAlertState
  /** Null while the server does not know it; then `raising` says who and since when. */
  readonly raised: Deed | null
  readonly raising: Waiting | null
  readonly acknowledging: Waiting | null
  readonly resolving: Waiting | null
  /** False when the channel it came by is not current: it may have changed since. */
  readonly current: boolean
}

export interface AlertBoard {
  /** By priority; inside one, what needs a person first; inside that, the newest first. */
  readonly rows: readonly AlertRow[]
  /** Rows nobody has acknowledged, here or on the server. */
  readonly open: readonly AlertRow[]
}

interface AlertSources {
  readonly urgent: ChannelView | null
  /** The `alerts/{area}` channels that are shown. */
  readonly areas: readonly ChannelView[]
  readonly pending: readonly PendingCommand[]
}

/** What one device shows of alerts: the records of its channels with its own waiting commands laid over them. */
export function alertBoard({ urgent, areas, pending }: AlertSources): AlertBoard {
  const rows = new Map<string, AlertRow>()
  // Urgent first: while an alert crosses to the urgent channel it may stand in both, and the higher place counts.
  for (const channel of urgent === null ? areas : [urgent, ...areas]) {
    for (const { record } of Object.values(channel.records ?? {})) {
      if (isAlertRecord(record) && !rows.has(record.id)) rows.set(record.id, rowOf(record, channel.current))
    }
  }
  for (const command of pending) layOver(rows, command)
  const sorted = inOrder(rows.values())
  return { rows: sorted, open: sorted.filter((row) => needsPerson(row)) }
}

/**
 * Sorts by parts of one priority and rank. In each the alerts come in about the order in which they were raised, so that
 * sorting it is one walk: a flood sorts a thousand rows many times a second.
 */
function inOrder(rows: Iterable<AlertRow>): readonly AlertRow[] {
  const parts: AlertRow[][] = []
  for (const row of rows) (parts[PRIORITIES.indexOf(row.priority) * RANKS + rank(row)] ??= []).push(row)
  return parts.flatMap((part) => part.toSorted(compareRows))
}

/** Whether nobody has taken it, neither on the server nor in a command that waits here. */
export function needsPerson(row: AlertRow): boolean {
  return asksOf(row.state) !== 'nothing' && row.acknowledging === null
}

/** What one asks of people that stands like this. */
export function asksOf(state: ShownAlertState): (typeof ASKS)[AlertState['kind']] {
  return ASKS[kindOf(state)]
}

/** Whether this is still to be done with one that stands like this, here or anywhere. */
export function isStillOpenTo(state: ShownAlertState, action: AlertAction): boolean {
  return isOpenTo(kindOf(state), action)
}

/** What is only raised here is active for its people already. */
function kindOf(state: ShownAlertState): AlertState['kind'] {
  return state === 'raising' ? 'active' : state
}

function rowOf(record: AlertRecord, current: boolean): AlertRow {
  const { kind } = alertState(record)
  // One that is over has no record. Where there is one all the same, a person confirms it as what cleared by itself.
  const state = kind === 'gone' ? 'cleared' : kind
  return { ...record, state, current, raising: null, acknowledging: null, resolving: null }
}

function layOver(rows: Map<string, AlertRow>, command: PendingCommand): void {
  const raise = dataOf(command, 'alert.raise')
  if (raise !== null && !rows.has(command.id)) {
    const { priority, area, title, body } = raise
    const nobody = { raised: null, acknowledged: null, cleared: null, acknowledging: null, resolving: null }
    const raising = waitingOf(command)
    rows.set(command.id, {
      ...nobody,
      id: command.id,
      priority,
      area,
      title,
      body: body ?? null,
      state: 'raising',
      raising,
      current: true,
    })
  }
  const acked = dataOf(command, 'alert.ack')
  const toAck = acked === null ? undefined : rows.get(acked.id)
  // The first one stands: an acknowledgement by another that came down first leaves nothing to wait for.
  if (toAck !== undefined && isStillOpenTo(toAck.state, 'acknowledge') && toAck.acknowledging === null) {
    rows.set(toAck.id, { ...toAck, acknowledging: waitingOf(command) })
  }
  const resolved = dataOf(command, 'alert.resolve')
  const toResolve = resolved === null ? undefined : rows.get(resolved.id)
  if (toResolve !== undefined && isStillOpenTo(toResolve.state, 'clear') && toResolve.resolving === null) {
    rows.set(toResolve.id, { ...toResolve, resolving: waitingOf(command) })
  }
}

/** Of one priority and rank. */
function compareRows(a: AlertRow, b: AlertRow): number {
  return newestFirst(a, b) || (a.id < b.id ? 1 : -1)
}

/** Of `rank`. */
const RANKS = 4

function rank(row: AlertRow): number {
  if (!needsPerson(row)) return 3
  return row.state === 'raising' ? 0 : asksOf(row.state) === 'action' ? 1 : 2
}

/** Server times are ISO 8601 UTC and sort as text; what the server has not stamped yet is newer than all of it. */
function newestFirst(a: AlertRow, b: AlertRow): number {
  if (a.raised !== null && b.raised !== null) return compareText(b.raised.at, a.raised.at)
  if (a.raising !== null && b.raising !== null) return b.raising.since - a.raising.since
  return a.raised === null ? -1 : 1
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Whether this is an alert as far as a device relies on it; a newer server may write more. */
export function isAlertRecord(value: unknown): value is AlertRecord {
  return (
    hasTexts(value, 'id', 'priority', 'area', 'title') &&
    PRIORITIES.some((priority) => priority === value.priority) &&
    'raised' in value &&
    isObject(value.raised)
  )
}
