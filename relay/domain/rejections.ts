import type { checkCommand } from '../protocol/check.ts'
import type { TypedCommand } from '../protocol/commands.ts'
import type { StoredEvent } from '../protocol/events.ts'
import type { CommandId } from '../protocol/ids.ts'
import type { ChannelView, PendingCommand, SettledCommand } from '../protocol/local.ts'
import type { RejectionEnd, RejectionRecord } from '../protocol/records.ts'
import { dataOf, hasTexts, isObject, waitingOf, type Waiting } from './pending.ts'

/**
 * What the lane table says of a command that comes back (`protocol/check.ts`). Null while a page has not loaded it, which it does
 * once there is something to ask: until then nothing of such a command can be read or sent.
 */
export type CommandCheck = typeof checkCommand | null

/** A rejected command of an area, for those who supervise it. */
export interface RejectionRow {
  readonly record: RejectionRecord
  /** What can be sent again as it was; null where nobody's lane table takes it, or where it made sense to its author alone. */
  readonly again: TypedCommand | null
  /** A settlement made here that waits for the server. */
  readonly closing: Waiting | null
}

/** What was rejected in an area and nobody has settled, the newest first. */
export function rejectionList(
  channel: ChannelView | null,
  { pending, check }: { readonly pending: readonly PendingCommand[]; readonly check: CommandCheck },
): readonly RejectionRow[] {
  const closing = closingOf(pending)
  const records = Object.values(channel?.records ?? {}).map(({ record }) => record)
  return records
    .filter(isRejectionRecord)
    .map((record) => ({ record, again: repeatable(record, check), closing: closing.get(record.id) ?? null }))
    .toSorted((a, b) => compareText(b.record.at, a.record.at) || compareText(b.record.id, a.record.id))
}

/** What the person at this window has to settle, and what of this device's own list was settled elsewhere. */
export interface Refusals {
  readonly open: readonly SettledCommand[]
  readonly settledElsewhere: readonly CommandId[]
  /** What others decided about this person's refusals, the latest first; at most `MAX_DECIDED`. */
  readonly decided: readonly DecidedRejection[]
}

export type DecidedRejection = RejectionRecord & { readonly closed: RejectionEnd }

/** As many as a person looks back for: a shift with a bad hour in it. */
export const MAX_DECIDED = 5

/**
 * The refusals of this device and of the person's inbox as one list: this device's first, because it knows more of them
 * (the other value of a conflict); after them what the same person did on another device. What is being settled is out.
 */
export function refusals(
  local: readonly SettledCommand[],
  inbox: ChannelView | null,
  { pending, check }: { readonly pending: readonly PendingCommand[]; readonly check: CommandCheck },
): Refusals {
  const told = new Map<CommandId, RejectionRecord>()
  const closed = new Set<CommandId>()
  const decided: DecidedRejection[] = []
  for (const event of inbox?.events ?? []) {
    const record = recordOf(event)
    if (record === null) continue
    if (event.type === 'command.rejected') {
      told.set(record.id, record)
      // Rejected again after a restore of the server: it is open again.
      closed.delete(record.id)
    } else {
      told.delete(record.id)
      closed.add(record.id)
      if (isDecided(record) && record.closed.by !== record.by) decided.unshift(record)
    }
  }
  const closing = closingOf(pending)
  const isOpen = (id: CommandId): boolean => !closed.has(id) && !closing.has(id)
  const own = local.filter(({ command }) => isOpen(command.id))
  const known = new Set(local.map(({ command }) => command.id))
  const others = [...told.values()].filter(({ id }) => !known.has(id) && isOpen(id))
  return {
    open: [...own, ...others.map((record) => asSettled(record, check))],
    decided: decided.slice(0, MAX_DECIDED),
    settledElsewhere: local.flatMap(({ command }) => (closed.has(command.id) ? [command.id] : [])),
  }
}

/** A record in the form of a device's own refusal. What no lane table takes has no data: no screen could read it. */
export function asSettled(record: RejectionRecord, check: CommandCheck): SettledCommand {
  const { id, type, by, code, message } = record
  const checked = check?.(type, record.data)
  const command: PendingCommand = {
    id,
    type,
    data: checked?.ok === true ? checked.value.data : null,
    // Nor in which lane it was: it goes again as a command of its own.
    lane: 'normal',
    session: null,
    by: by.startsWith('device:') ? null : by,
    // When it was made on its device is not known here.
    madeAt: 0,
    saved: true,
    notice: null,
  }
  return { command, outcome: 'rejected', code, message, data: null, offsets: {} }
}

function repeatable({ type, data }: RejectionRecord, check: CommandCheck): TypedCommand | null {
  const checked = check?.(type, data)
  if (checked?.ok !== true) return null
  return OWN.has(checked.value.type) ? null : checked.value
}

/** What would be about the one who sends it, and not about its author. */
const OWN: ReadonlySet<string> = new Set(['session.end', 'session.revoke', 'prefs.set', 'chat.read', 'rejection.close'])

function closingOf(pending: readonly PendingCommand[]): ReadonlyMap<string, Waiting> {
  const closing = new Map<string, Waiting>()
  for (const command of pending) {
    const close = dataOf(command, 'rejection.close')
    if (close !== null) closing.set(close.id, waitingOf(command))
  }
  return closing
}

function recordOf({ type, data }: StoredEvent): RejectionRecord | null {
  return (type === 'command.rejected' || type === 'command.closed') && isRejectionRecord(data) ? data : null
}

function isDecided(record: RejectionRecord): record is DecidedRejection {
  return isObject(record.closed) && hasTexts(record.closed, 'by', 'at', 'how')
}

function isRejectionRecord(value: unknown): value is RejectionRecord {
  return hasTexts(value, 'id', 'type', 'by', 'area', 'code', 'message', 'at')
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
