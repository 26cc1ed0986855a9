import { Counter, type Registry } from 'prom-client'
import { SYSTEM } from '../../relay/protocol/record-words.ts'
import type { RejectionRecord } from '../../relay/protocol/records.ts'
import type { CommittedEvent } from '../ports/submission.ts'

/** Counts commands that were set aside for people, by code, and those the server closed because a list was full (P8). */
export function countRejections(registry: Registry): (events: readonly CommittedEvent[]) => void {
  const added = new Counter({
    name: 'andon_rejected_commands_total',
    help: 'Commands of devices that were rejected and kept for people.',
    labelNames: ['code'],
    registers: [registry],
  })
  const overflowed = new Counter({
    name: 'andon_rejections_overflowed_total',
    help: 'Rejected commands that were closed unseen because the list of their area was full.',
    registers: [registry],
  })
  return (events) => {
    for (const { event } of events) {
      // Only `server/domain/rejections.ts` makes events of these types.
      if (event.type === 'rejection.added') {
        added.inc({ code: (event.data as { readonly record: RejectionRecord }).record.code })
      } else if (event.type === 'rejection.closed') {
        const { rejection } = event.data as { readonly rejection: RejectionRecord }
        if (rejection.closed?.by === SYSTEM) overflowed.inc()
      }
    }
  }
}
