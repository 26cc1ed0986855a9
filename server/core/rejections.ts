import { channelName, parseChannel } from '../../relay/protocol/channels.ts'
import { rankOf } from '../ports/rejection-room.ts'
import type { CommandData } from '../../relay/protocol/commands.ts'
import { ERRORS } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { SYSTEM } from '../../relay/protocol/record-words.ts'
import type { RejectionEnd, RejectionOrigin, RejectionRecord } from '../../relay/protocol/records.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import { adding, closing, deviceAuthor } from '../domain/rejections.ts'
import type { CommandRules, KeptRejection, Records, Rejected, RejectedCommand, RejectionRules } from '../ports/rules.ts'

/** Where a command goes that names no area, on a site that has none yet. */
const NOWHERE = 'site'

/** Why the server closes what is over the limit. */
const OVER_THE_LIMIT = 'over the limit'

/** How a rejected command is kept for people (PROTOCOL D1, D2, D6). `data` may be anything that JSON can say. */
export function createRejectionRules({ check, reads }: Pick<CommandRules, 'check' | 'reads'>): RejectionRules {
  return {
    limit: { records: LIMITS.maxOpenRejections, bytes: LIMITS.maxRejectionBytes },
    rejected({ id, type, data, source }, { outcome, code, message }) {
      if (source.kind !== 'outbox') return null
      // A rejection has both (PROTOCOL W5).
      const why = { code: code ?? '', message: message ?? '' }
      const claimed = null
      if (outcome === 'rejected') return { id, type, data, ...why, session: source.session, claimed, isReported: false }
      return type === 'outbox.report' ? reported(data) : null
    },
    reads(command) {
      const checked = check(command.type, command.data)
      return [
        { domain: 'rejections', key: command.id },
        ...(checked.ok ? reads(checked.value, command.id, authorOf(command)) : []),
      ]
    },
    channel(records, command) {
      // The same command twice, after a restore or by a copied disk: it waits for a person once.
      if (records.has(`rejections/${command.id}`)) return null
      const area = authorOf(command) === null ? ownAreaOf(records, command) : areaOf(records, command)
      return area === null ? null : channelName('rejections', area)
    },
    record(channel, command) {
      const { id, type, code, message, at, device, deviceRow } = command
      const author = authorOf(command)
      const on = deviceRow?.name ?? null
      const by = author ?? deviceAuthor(on ?? device)
      const area = parseChannel(channel)?.area ?? NOWHERE
      const data = command.data ?? null
      const origin = originOf(command)
      // What only the device says of the author is told, and gives nobody a right.
      const claimed = author === null ? command.claimed : null
      const of = { by, on, device, area, origin, claimed }
      const record: RejectionRecord = { id, type, data, ...of, code, message, at, closed: null }
      return { record, ...HOLDERS[origin](record) }
    },
    payer(holders, newcomer) {
      let payer = newcomer
      let most = holders.get(newcomer) ?? 0
      for (const [holder, count] of holders) {
        const order = rankOf(holder) - rankOf(payer)
        if (order > 0 || (order === 0 && count <= most)) continue
        payer = holder
        most = count
      }
      return most === 0 ? null : payer
    },
    keep(record, room) {
      const end: RejectionEnd = { by: SYSTEM, on: null, at: record.at, how: 'discarded', reason: OVER_THE_LIMIT }
      // Not silently: who reads the list is told that there was one.
      if (room === 'itself') return closing(record, end)
      return [...room.flatMap((gone) => closing(gone, end)), ...adding(record)]
    },
  }
}

/**
 * Who answers for a record, in words the store can look for: strangers make room first, then devices, then people. `0005` makes
 * the same of a record.
 */
const HOLDERS: Readonly<Record<RejectionOrigin, (record: RejectionRecord) => Omit<KeptRejection, 'record'>>> = {
  stranger: ({ device }) => ({ holder: `0 ${device}`, quota: LIMITS.maxOpenRejectionsPerStranger }),
  device: ({ device }) => ({ holder: `1 ${device}`, quota: LIMITS.maxOpenRejectionsPerDevice }),
  person: ({ by }) => ({ holder: `2 ${by}`, quota: LIMITS.maxOpenRejectionsPerPerson }),
}

/** What a device reports of its own outbox is its own, under whatever name: it can make up as much of that as it likes. */
function originOf(command: RejectedCommand): RejectionOrigin {
  if (command.isStranger) return 'stranger'
  return authorOf(command) === null || command.isReported ? 'device' : 'person'
}

/** `data` of a report that was applied, so it has been checked. */
function reported(data: unknown): Rejected {
  const { code, command } = data as CommandData<'outbox.report'>
  const { id, type, session, by } = command
  return { id, type, data: command.data, code, message: ERRORS[code].says, session, claimed: by, isReported: true }
}

/** The operator whose session this is; null for a device alone, and for a session that it only claims. */
function authorOf({ author, device }: RejectedCommand): string | null {
  return author?.session?.device === device ? author.session.operator : null
}

function areaOf(records: Records, command: RejectedCommand): string {
  const { areas, author } = command
  const own = author?.operator?.areas ?? []
  return [...meantAreas(records, command), ...own].find((area) => areas.includes(area)) ?? areas[0] ?? NOWHERE
}

/**
 * Of a device alone: the area it means where that is one of its own, or its first one where it means none of the site. Null
 * where it has none, or means another: anybody can make a device, and fill with it whatever list they like to name (P8).
 */
function ownAreaOf(records: Records, command: RejectedCommand): string | null {
  const { areas, deviceRow } = command
  const own = areas.filter((area) => coversArea(deviceRow?.areas ?? [], area))
  const meant = meantAreas(records, command).filter((area) => areas.includes(area))
  return (meant.length === 0 ? own[0] : meant.find((area) => own.includes(area))) ?? null
}

/** What the command names, and where the records are that it names. */
function meantAreas(records: Records, { data }: RejectedCommand): readonly string[] {
  const touched = [...records.values()].map(({ record }) => textOf(record, 'area'))
  return [textOf(data, 'area'), textOf(data, 'line'), ...touched].filter((area) => area !== null)
}

function textOf(value: unknown, name: 'area' | 'line'): string | null {
  if (typeof value !== 'object' || value === null || !(name in value)) return null
  const text = (value as Readonly<Record<string, unknown>>)[name]
  return typeof text === 'string' ? text : null
}
