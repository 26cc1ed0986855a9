/**
 * What this device put to review is handed to the server too, a command each, so that people see it in the list of what was
 * rejected (PROTOCOL D7). A report is a command of the relay's own, in the new epoch, and so is a sign-out that had not come.
 */
import { laneOf, type CommandData } from '../../protocol/commands.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { CommandId } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { OutboxRow } from '../disk/rows.ts'

/** Bytes that a report needs around the `data` it carries: ids, a name, a type and their field names. */
const ENVELOPE_BYTES = 1024

type Report = CommandData<'outbox.report'>

/** The command that reports this row, without a number yet; null for what means nothing to people. */
export function reportOf(row: OutboxRow, code: ErrorCode): Omit<OutboxRow, 'seq'> | null {
  // Reviewed itself, a report goes on as it is: its command is still to be handed over.
  if (row.type === 'outbox.report') return row
  const isOwn = row.ref.startsWith('relay:')
  // So does a sign-out: twice is no harm, and without one the session would stay open. Nothing in the new epoch is of that
  // session. A server that has forgotten the device knows none of its sessions.
  if (isOwn && code === 'outbox-forked') return row.type === 'session.end' ? { ...row, urgentUpTo: 0 } : row
  if (!isReported(code) || isOwn) return null
  const id = reportId(row.id)
  const { type, session, by } = row
  const data: Report = { code, command: { id: row.id, type, data: dataOf(row), session, by } }
  const lane = laneOf('outbox.report')
  return {
    id,
    ref: `relay:${id}`,
    lane,
    type: 'outbox.report',
    data,
    session: null,
    by: null,
    madeAt: row.madeAt,
    from: 'relay',
  }
}

/**
 * One report per command, whatever is repeated after a crash: the command's id as a UUID of version 8 (RFC 9562: "by its maker").
 */
function reportId(id: CommandId): CommandId {
  return `${id.slice(0, 14)}8${id.slice(15)}` as CommandId
}

function isReported(code: ErrorCode): code is Report['code'] {
  return code === 'outbox-forked' || code === 'device-forgotten'
}

/** Three bytes a character is the most that UTF-8 needs for a unit of UTF-16. */
function dataOf({ data }: OutboxRow): unknown {
  return JSON.stringify(data ?? null).length * 3 <= LIMITS.maxCommandBytes - ENVELOPE_BYTES ? (data ?? null) : null
}
