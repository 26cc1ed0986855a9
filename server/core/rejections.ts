import { channelName, parseChannel } from '../../relay/protocol/channels.ts'
import type { CommandData } from '../../relay/protocol/commands.ts'
import { ERRORS } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { RejectionEnd, RejectionRecord } from '../../relay/protocol/records.ts'
import { adding, closing, deviceAuthor } from '../domain/rejections.ts'
import type { CommandRules, Records, Rejected, RejectedCommand, RejectionRules } from '../ports/rules.ts'

/** Where a command goes that names no area, on a site that has none yet. */
const NOWHERE = 'site'

/** Who closes what is over the limit, and why. */
export const SYSTEM = 'system'
const OVER_THE_LIMIT = 'over the limit'

/** How a rejected command is kept for people (PROTOCOL D1, D2, D6). `data` may be anything that JSON can say. */
export function createRejectionRules({ check, reads }: Pick<CommandRules, 'check' | 'reads'>): RejectionRules {
  return {
    limit: LIMITS.maxOpenRejections,
    rejected({ id, type, data, source }, { outcome, code, message }) {
      if (source.kind !== 'outbox') return null
      // A rejection has both (PROTOCOL W5).
      const why = { code: code ?? '', message: message ?? '' }
      if (outcome === 'rejected') return { id, type, data, ...why, session: source.session, claimed: null }
      return type === 'outbox.report' ? reported(data) : null
    },
    reads(command) {
      const checked = check(command.type, command.data)
      return [{ domain: 'rejections', key: command.id }, ...(checked.ok ? reads(checked.value, command.id) : [])]
    },
    channel(records, command) {
      // The same command twice, after a restore or by a copied disk: it waits for a person once.
      if (records.has(`rejections/${command.id}`)) return null
      return channelName('rejections', areaOf(records, command))
    },
    keep(channel, command, oldest) {
      const { id, type, code, at, device, deviceRow, claimed } = command
      const author = authorOf(command)
      // What only the device says of the author is told, and gives nobody a right.
      const message = author === null && claimed !== null ? `${command.message} Made by ${claimed}.` : command.message
      const on = deviceRow?.name ?? null
      const by = author ?? deviceAuthor(on ?? device)
      const area = parseChannel(channel)?.area ?? NOWHERE
      const data = command.data ?? null
      const record: RejectionRecord = { id, type, data, by, on, device, area, code, message, at, closed: null }
      if (oldest === null) return { by, events: adding(record) }
      // Only `adding` writes these records.
      const end: RejectionEnd = { by: SYSTEM, on: null, at, how: 'discarded', reason: OVER_THE_LIMIT }
      return { by, events: [...closing(oldest as RejectionRecord, end), ...adding(record)] }
    },
  }
}

/** `data` of a report that was applied, so it has been checked. */
function reported(data: unknown): Rejected {
  const { code, command } = data as CommandData<'outbox.report'>
  const { id, type, session, by } = command
  return { id, type, data: command.data, code, message: ERRORS[code].says, session, claimed: by }
}

/** The operator whose session this is; null for a device alone, and for a session that it only claims. */
function authorOf({ author, device }: RejectedCommand): string | null {
  return author?.session?.device === device ? author.session.operator : null
}

function areaOf(records: Records, command: RejectedCommand): string {
  const { areas, data } = command
  const operator = authorOf(command) === null ? null : (command.author?.operator ?? null)
  const named = [textOf(data, 'area'), textOf(data, 'line')]
  const touched = [...records.values()].map(({ record }) => textOf(record, 'area'))
  const own = operator?.areas ?? []
  return [...named, ...touched, ...own].find((area) => area !== null && areas.includes(area)) ?? areas[0] ?? NOWHERE
}

function textOf(value: unknown, name: 'area' | 'line'): string | null {
  if (typeof value !== 'object' || value === null || !(name in value)) return null
  const text = (value as Readonly<Record<string, unknown>>)[name]
  return typeof text === 'string' ? text : null
}
