import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { RejectionRecord } from '../../relay/protocol/records.ts'
import { roomFor } from '../ports/rejection-room.ts'
import type {
  FoundRecord,
  KeptRejection,
  NewEvent,
  RecordKey,
  RejectedCommand,
  RejectionRules,
  RoomMade,
} from '../ports/rules.ts'
import type { CommittedEvent, Outcome, Submission } from '../ports/submission.ts'
import { listsOf, type Tables } from './memory-tables.ts'

/** What it takes to keep one. */
interface Keeping {
  readonly rejections: RejectionRules
  readonly at: string
  readonly find: (keys: readonly RecordKey[]) => ReadonlyMap<string, FoundRecord>
  readonly append: (event: NewEvent, made: Pick<StoredEvent, 'at' | 'by' | 'cause'>) => CommittedEvent
}

/** As `RejectionRules` says. A rule that throws is a bug that the test must see, so nothing is undone here. */
export function keepRejected(
  tables: Tables,
  { submission, outcome }: { readonly submission: Submission; readonly outcome: Outcome },
  { rejections, at, append, find }: Keeping,
): readonly CommittedEvent[] {
  const { source, id } = submission
  const kept = rejections.rejected(submission, outcome)
  if (source.kind !== 'outbox' || kept === null) return []
  const { areas, devices, used, sessions, operators, records } = tables
  const { session: claimed, ...rejectedCommand } = kept
  const session = claimed === null ? null : (sessions.get(claimed) ?? null)
  const operator = session === null ? null : (operators.get(session.operator) ?? null)
  const { device } = source
  const command: RejectedCommand = {
    ...rejectedCommand,
    at: at,
    areas: [...areas].toSorted(),
    device,
    deviceRow: devices.get(device) ?? null,
    isStranger: !used.has(device),
    author: claimed === null ? null : { session, operator },
  }
  const channel = rejections.channel(find(rejections.reads(command)), command)
  if (channel === null) return []
  const open = [...records.values()].filter((row) => row.channel === channel).toSorted((a, b) => a.offset - b.offset)
  const rejection = rejections.record(channel, command)
  const { bytes } = rejections.limit
  const lists = listsOf(tables, 'rejections', (record) => holderOf(record as RejectionRecord))
  const over = roomFor(lists, { holder: rejection.holder, data: command.data, maxBytes: bytes })
  const own = makeRoom(
    open.map(({ record }) => record as RejectionRecord),
    rejection,
    rejections,
  )
  const isFull = own === 'itself' || over === 'itself'
  const going = isFull ? [] : [...own, ...over.map(({ record }) => record as RejectionRecord)]
  const room = isFull ? 'itself' : [...new Map(going.map((each) => [each.id, each])).values()]
  const made = { at: command.at, by: rejection.record.by, cause: id }
  return rejections.keep(rejection.record, room).map((event) => append(event, made))
}

/** As the adapter on SQLite. `open`: oldest first. */
function makeRoom(open: readonly RejectionRecord[], { holder, quota }: KeptRejection, rules: RejectionRules): RoomMade {
  const holders = new Map<string, number>()
  for (const record of open) holders.set(holderOf(record), (holders.get(holderOf(record)) ?? 0) + 1)
  const oldestOf = (whose: string): RoomMade => open.filter((record) => holderOf(record) === whose).slice(0, 1)
  if ((holders.get(holder) ?? 0) >= quota) return oldestOf(holder)
  if (open.length < rules.limit.records) return []
  const payer = rules.payer(holders, holder)
  return payer === null ? 'itself' : oldestOf(payer)
}

/** As the column of SQLite: `0005-strangers`. */
function holderOf({ origin, by, device }: RejectionRecord): string {
  if (origin === 'stranger') return `0 ${device}`
  return origin === 'device' || by.startsWith('device:') ? `1 ${device}` : `2 ${by}`
}
