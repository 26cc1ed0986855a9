import type { CommandId } from '../protocol/ids.ts'
import type { ChannelView, PendingCommand } from '../protocol/local.ts'
import { PRIORITIES, type AlertRecord, type Deed, type Priority } from '../protocol/records.ts'
import { dataOf, hasTexts, isObject, waitingOf, type Waiting } from './pending.ts'

/**
 * How an alert stands for a person (ISA-18.2). `raising`: made here, not yet on the server. `cleared`: returned to normal,
 * nobody has confirmed it. What waits for the server is laid over the state: an acknowledgement that is only saved here
 * counts as one on this device, and says that it waits.
 */
export type AlertState = 'raising' | 'active' | 'acknowledged' | 'cleared'

export interface AlertRow {
  readonly id: CommandId
  readonly priority: Priority
  readonly area: string
  readonly title: string
  readonly body: string | null
  readonly state: AlertState
  /** Null while the server does not know it; then `raising` says who and since when. */
  readonly raised: Deed | null
  readonly acknowledged: Deed | null
  readonly cleared: Deed | null
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
  const sorted = [...rows.values()].toSorted(compareRows)
  return { rows: sorted, open: sorted.filter((row) => needsPerson(row)) }
}

/** Whether nobody has taken it, neither on the server nor in a command that waits here. */
export function needsPerson(row: AlertRow): boolean {
  return row.state !== 'acknowledged' && row.acknowledging === null
}

function rowOf(record: AlertRecord, current: boolean): AlertRow {
  const { id, priority, area, title, body, raised, acknowledged, cleared } = record
  const state = cleared !== null ? 'cleared' : acknowledged !== null ? 'acknowledged' : 'active'
  const settled = { raising: null, acknowledging: null, resolving: null }
  return { id, priority, area, title, body, state, raised, acknowledged, cleared, current, ...settled }
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
  if (toAck !== undefined && toAck.acknowledged === null && toAck.acknowledging === null) {
    rows.set(toAck.id, { ...toAck, acknowledging: waitingOf(command) })
  }
  const resolved = dataOf(command, 'alert.resolve')
  const toResolve = resolved === null ? undefined : rows.get(resolved.id)
  if (toResolve !== undefined && toResolve.cleared === null && toResolve.resolving === null) {
    rows.set(toResolve.id, { ...toResolve, resolving: waitingOf(command) })
  }
}

function compareRows(a: AlertRow, b: AlertRow): number {
  return (
    PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) ||
    rank(a) - rank(b) ||
    newestFirst(a, b) ||
    (a.id < b.id ? 1 : -1)
  )
}

function rank(row: AlertRow): number {
  if (!needsPerson(row)) return 3
  return row.state === 'raising' ? 0 : row.state === 'active' ? 1 : 2
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
