import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import type { RejectionRecord } from '../../../relay/protocol/records.ts'
import { roomFor, type RejectionList } from '../../ports/rejection-room.ts'
import type { CommandRules, KeptRejection, Rejected, RejectedCommand, RoomMade } from '../../ports/rules.ts'
import type { CommittedEvent, Outcome, Submission } from '../../ports/submission.ts'
import type { EventWriter } from './event-writer.ts'
import type { ListedFact } from './facts.ts'
import type { WorkingSet } from './working-set.ts'

interface RejectionContext {
  readonly set: WorkingSet
  readonly writer: EventWriter
  readonly rules: CommandRules
  readonly failed: (what: string, cause: unknown) => void
}

/** Keeps what was rejected for people, as `RejectionRules` says. */
export class Rejections {
  readonly #context: RejectionContext

  constructor(context: RejectionContext) {
    this.#context = context
  }

  keep(submission: Submission, outcome: Outcome): readonly CommittedEvent[] {
    const { failed, rules, set } = this.#context
    const { source } = submission
    const rejected = rules.rejections.rejected(submission, outcome)
    if (source.kind !== 'outbox' || rejected === null) return []
    return set.attempt(
      () => this.#append(this.#command(rejected, source.device), submission.id),
      (cause) => {
        failed(`keep the rejected ${submission.type}`, cause)
        return []
      },
    )
  }

  #append(command: RejectedCommand, cause: CommandId): readonly CommittedEvent[] {
    const { rules, writer } = this.#context
    const { rejections } = rules
    const channel = rejections.channel(writer.find(rejections.reads(command)), command)
    if (channel === null) return []
    const kept = rejections.record(channel, command)
    const events = rejections.keep(kept.record, this.#makeRoom(channel, kept))
    return events.map((event) => writer.append(event, { at: command.at, by: kept.record.by, cause }))
  }

  #makeRoom(channel: ChannelName, { holder, quota, record }: KeptRejection): RoomMade {
    const { rules, set, writer } = this.#context
    const { records, bytes } = rules.rejections.limit
    const count = writer.count(channel)
    const list = set.get('list', channel)
    const counts = new Map<string, number>()
    for (const each of list) counts.set(each.holder, (counts.get(each.holder) ?? 0) + 1)
    let payer: string | null = null
    if ((counts.get(holder) ?? 0) >= quota) payer = holder
    else if (count >= records) {
      payer = rules.rejections.payer(counts, holder)
      if (payer === null) return 'itself'
    }
    const over = roomFor(this.#lists(channel), { holder, data: record.data, maxBytes: bytes })
    if (over === 'itself') return over
    const oldest = payer === null ? undefined : list.find((each) => each.holder === payer)
    const keys = new Set([...(oldest === undefined ? [] : [oldest]), ...over].map(({ key }) => key))
    set.reads([...keys].map((key) => ['record', 'rejections', key]))
    // Only the rules write these records.
    return [...keys].flatMap((key) => {
      const row = set.get('record', 'rejections', key)
      return row === null ? [] : [JSON.parse(row.record) as RejectionRecord]
    })
  }

  /** Every list with what it holds now; the records of one are asked for when it has to give. */
  #lists(own: ChannelName): readonly RejectionList<ListedFact>[] {
    const { set } = this.#context
    const sums = new Map(set.get('lists', 'rejections').map(({ name, bytes }) => [name, bytes]))
    if (!sums.has(own)) sums.set(own, 0)
    for (const { key, after } of set.changes('channel')) {
      const name = key[0] as ChannelName
      if (after !== null && name.startsWith('rejections/')) sums.set(name, after.recordBytes)
    }
    return [...sums].map(([name, bytes]) => ({
      bytes,
      next: (last) => {
        const list = set.get('list', name)
        return last === null ? list[0] : list[list.findIndex(({ key }) => key === last.key) + 1]
      },
    }))
  }

  #command({ session: claimed, ...rejected }: Rejected, device: DeviceId): RejectedCommand {
    const { set } = this.#context
    const session = claimed === null ? null : (set.get('session', claimed)?.row ?? null)
    const operator = session === null ? null : set.get('operator', session.operator)
    const row = set.get('device', device)
    return {
      ...rejected,
      at: set.now,
      areas: set.get('areas', ''),
      device,
      deviceRow: row === null ? null : { id: row.id, name: row.name, areas: row.areas, status: row.status },
      isStranger: row?.usedAt === null,
      author: claimed === null ? null : { session, operator },
    }
  }
}
