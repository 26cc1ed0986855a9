import { channelName } from '../../relay/protocol/channels.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import type { RejectionEnd, RejectionRecord } from '../../relay/protocol/records.ts'
import { coversArea, isSupervisor } from '../../relay/protocol/rights.ts'
import type { Actor, NewEvent, Records } from '../ports/rules.ts'
import type { Handlers } from './handler.ts'

/**
 * What becomes of a command that was rejected (PROTOCOL D1–D6): it waits in the list of its area until a person sends it
 * again or discards it. How it gets into the list is `server/core/rejections.ts`.
 */
export const rejections: Handlers = {
  'outbox.report': {
    reads: () => [],
    decide(_records, data, now) {
      // What it reports is kept by the rules for what is rejected, as if the server had rejected it (D7).
      if (now.actor.device === null) return refuse('forbidden', 'Only a device has an outbox.')
      return { ok: true, events: [], data: { id: data.command.id } }
    },
  },
  'rejection.close': {
    reads: (data) => [{ domain: 'rejections', key: data.id }],
    decide(records, data, now) {
      const found = rejectionOf(records, data.id)
      // Two people press at once, or it never reached the list: the first one stands, and there is nothing to complain about.
      if (found === null) return { ok: true, events: [], data: { id: data.id } }
      if (!mayClose(now.actor, found))
        return refuse('forbidden', `This belongs to ${found.area}; you may not settle it.`)
      const { by, on } = now.actor
      const end: RejectionEnd = { by, on, at: now.at, how: data.how, reason: data.reason }
      return { ok: true, events: closing(found, end), data: { id: data.id } }
    },
  },
}

/** The events that take a record out of its list and tell its author. */
export function closing(record: RejectionRecord, closed: RejectionEnd): readonly NewEvent[] {
  const rejection: RejectionRecord = { ...record, closed }
  return [
    {
      channel: channelName('rejections', record.area),
      type: 'rejection.closed',
      data: { key: record.id, record: null, rejection },
    },
    ...toAuthor('command.closed', rejection),
  ]
}

/** The events that put a record into its list and tell its author. */
export function adding(record: RejectionRecord): readonly NewEvent[] {
  return [
    { channel: channelName('rejections', record.area), type: 'rejection.added', data: { key: record.id, record } },
    ...toAuthor('command.rejected', record),
  ]
}

/** The author of a command nobody was signed in for. No operator is called so: a name has no colon. */
export function deviceAuthor(name: string): string {
  return `device:${name}`
}

function isOfDevice(record: RejectionRecord): boolean {
  return record.by.startsWith(deviceAuthor(''))
}

function toAuthor(type: 'command.rejected' | 'command.closed', record: RejectionRecord): readonly NewEvent[] {
  return isOfDevice(record) ? [] : [{ channel: channelName('inbox', record.by), type, data: record }]
}

function mayClose(actor: Actor, record: RejectionRecord): boolean {
  if (isSupervisor(actor.role) && coversArea(actor.areas, record.area)) return true
  return isOfDevice(record) ? actor.device === record.device : actor.operator === record.by
}

function rejectionOf(records: Records, id: string): RejectionRecord | null {
  // Only `adding` writes these records.
  return (records.get(`rejections/${id}`)?.record as RejectionRecord | undefined) ?? null
}
