import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import type { RejectionRecord } from '../../../relay/protocol/records.ts'
import { roomFor } from '../../ports/rejection-room.ts'
import type { KeptRejection, Rejected, RejectedCommand, RoomMade } from '../../ports/rules.ts'
import type { CommittedEvent, Outcome, Submission } from '../../ports/submission.ts'
import type { CommandContext } from './command-context.ts'
import type { EventWriter } from './event-writer.ts'

/** Keeps what was rejected for people, as `RejectionRules` says. Synchronous; runs inside the open transaction. */
export class Rejections {
  readonly #context: CommandContext
  readonly #writer: EventWriter

  constructor(context: CommandContext, writer: EventWriter) {
    this.#context = context
    this.#writer = writer
  }

  keep(submission: Submission, outcome: Outcome): readonly CommittedEvent[] {
    const { failed, rules, savepoints } = this.#context
    const { source } = submission
    const rejected = rules.rejections.rejected(submission, outcome)
    if (source.kind !== 'outbox' || rejected === null) return []
    return savepoints.attempt(
      () => this.#append(this.#command(rejected, source.device), submission.id),
      (cause) => {
        failed(`keep the rejected ${submission.type}`, cause)
        return []
      },
    )
  }

  #append(command: RejectedCommand, cause: CommandId): readonly CommittedEvent[] {
    const { rejections } = this.#context.rules
    const channel = rejections.channel(this.#writer.find(rejections.reads(command)), command)
    if (channel === null) return []
    const kept = rejections.record(channel, command)
    const events = rejections.keep(kept.record, this.#makeRoom(channel, kept))
    return events.map((event) => this.#writer.append(event, { at: command.at, by: kept.record.by, cause }))
  }

  #makeRoom(channel: ChannelName, { holder, quota, record }: KeptRejection): RoomMade {
    const { rejections } = this.#context.rules
    const { records, bytes } = rejections.limit
    let payer: string | null = null
    if (this.#writer.holds(channel, holder, quota)) payer = holder
    else if (this.#writer.count(channel) >= records) {
      payer = rejections.payer(this.#writer.holders(channel), holder)
      if (payer === null) return 'itself'
    }
    const over = roomFor(this.#writer.listsOf('rejections'), { holder, data: record.data, maxBytes: bytes })
    if (over === 'itself') return over
    const texts = over.map(({ record: text }) => JSON.parse(text) as unknown)
    const going = [payer === null ? null : this.#writer.oldestOf(channel, payer), ...texts]
    // Only the rules write these records; one may be due for both reasons.
    const found = going.flatMap((each) => (each === null ? [] : [each as RejectionRecord]))
    return [...new Map(found.map((each) => [each.id, each])).values()]
  }

  #command({ session: claimed, ...rejected }: Rejected, device: DeviceId): RejectedCommand {
    const { people, now } = this.#context
    const session = claimed === null ? null : people.session(claimed)
    const operator = session === null ? null : people.operator(session.operator)
    return {
      ...rejected,
      at: now(),
      areas: people.areas(),
      device,
      deviceRow: people.devices.find(device),
      isStranger: people.devices.isStranger(device),
      author: claimed === null ? null : { session, operator },
    }
  }
}
