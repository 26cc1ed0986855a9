import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import type { Rejected, RejectedCommand } from '../../ports/rules.ts'
import type { CommittedEvent, Outcome, Submission } from '../../ports/store.ts'
import type { CommandContext } from './commands.ts'
import { isDiskTrouble } from './disk-trouble.ts'
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
    const { db, channels, failed, rules } = this.#context
    const { source } = submission
    const rejected = rules.rejections.rejected(submission, outcome)
    if (source.kind !== 'outbox' || rejected === null) return []
    db.exec('SAVEPOINT rejection')
    try {
      const events = this.#append(this.#command(rejected, source.device), submission.id)
      db.exec('RELEASE rejection')
      return events
    } catch (cause) {
      // The database's own trouble is the whole group's, see `Commands`.
      if (isDiskTrouble(cause)) throw cause
      db.exec('ROLLBACK TO rejection')
      db.exec('RELEASE rejection')
      channels.reload()
      failed(`keep the rejected ${submission.type}`, cause)
      return []
    }
  }

  #append(command: RejectedCommand, cause: CommandId): readonly CommittedEvent[] {
    const { rejections } = this.#context.rules
    const channel = rejections.channel(this.#writer.find(rejections.reads(command)), command)
    if (channel === null) return []
    const { by, events } = rejections.keep(channel, command, this.#writer.oldestOver(rejections.limit, channel))
    return events.map((event) => this.#writer.append(event, { at: command.at, by, cause }))
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
      deviceRow: people.device(device),
      author: claimed === null ? null : { session, operator },
    }
  }
}
