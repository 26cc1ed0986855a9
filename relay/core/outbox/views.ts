/** A command and its end as windows are told of them. */
import type { PendingCommand, SettledCommand } from '../../protocol/local.ts'
import type { OutboxRow, Settled } from '../disk/rows.ts'

export function commandView(
  { id, type, data, lane, session, by, madeAt }: Omit<OutboxRow, 'seq'>,
  { saved, notice = null }: { readonly saved: boolean; readonly notice?: string | null },
): PendingCommand {
  return { id, type, data, lane, session, by, madeAt, saved, notice }
}

export function settledView(
  command: PendingCommand,
  { outcome, code, message, data, offsets }: Omit<Settled, 'at' | 'command'>,
): SettledCommand {
  return { command, outcome, code, message, data, offsets }
}
