import { channelName, URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import {
  afterAction,
  ALERT_EVENTS,
  alertState,
  deedsOf,
  mayAct,
  mayRaise,
  type AlertAction,
} from '../../relay/protocol/alert-state.ts'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import { isUrgent } from '../../relay/protocol/record-words.ts'
import type { AlertRecord, Deed } from '../../relay/protocol/records.ts'
import type { FoundRecord, NewEvent, Now, Records } from '../ports/rules.ts'
import type { Handlers } from './handler.ts'

/**
 * Alerts: their states, and who may move them on, are `relay/protocol/alert-state.ts`. P0 and P1 live in `alerts/urgent`, P2 and
 * P3 in the channel of their area.
 */
export const alerts: Handlers = {
  'alert.raise': {
    reads: (_data, id) => [{ domain: 'alerts', key: id }],
    decide(records, data, now) {
      const { actor } = now
      if (!now.areas.includes(data.area)) return refuse('unknown-area', `There is no area "${data.area}".`)
      if (!mayRaise(actor, data.area)) {
        return refuse('forbidden', `You may not raise an alert in ${data.area}.`)
      }
      // An id is made by the device: taking this one would take somebody else's alert off every screen.
      if (alertOf(records, now.id) !== null) return refuse('bad-command', 'Another alert has this id.')
      const record: AlertRecord = {
        id: now.id,
        priority: data.priority,
        area: data.area,
        title: data.title,
        body: data.body ?? null,
        raised: deed(now),
        acknowledged: null,
        cleared: null,
      }
      const isAlone = actor.operator === null && actor.device !== null
      return {
        ok: true,
        events: [set('alert.raised', record)],
        data: { id: now.id },
        ...(isAlone && { raiser: actor.device }),
      }
    },
  },

  'alert.ack': {
    reads: (data) => [{ domain: 'alerts', key: data.id }],
    decide(records, data, now) {
      const acted = act(records, data.id, { action: 'acknowledge', now })
      if (!acted.ok) return acted
      const { acknowledged } = acted.record
      return { ok: true, events: acted.events, data: { id: data.id, acknowledged } }
    },
  },

  'alert.resolve': {
    reads: (data) => [{ domain: 'alerts', key: data.id }],
    decide(records, data, now) {
      const acted = act(records, data.id, { action: 'clear', now })
      return acted.ok ? { ok: true, events: acted.events, data: { id: data.id } } : acted
    },
  },
}

const VERBS: Readonly<Record<AlertAction, string>> = { acknowledge: 'acknowledge', clear: 'resolve' }

/** The record as it is after the action, and what tells everybody; no events where somebody else was first, which is no error. */
function act(
  records: Records,
  id: string,
  { action, now }: { readonly action: AlertAction; readonly now: Now },
): { readonly ok: true; readonly record: AlertRecord; readonly events: readonly NewEvent[] } | Refusal {
  const found = alertOf(records, id)
  if (found === null) return refuse('alert-not-found')
  if (!mayAct(now.actor.areas, found)) {
    return refuse('forbidden', `This alert belongs to ${found.area}; you may not ${VERBS[action]} it.`)
  }
  const state = afterAction(alertState(found), action, deed(now))
  if (state === null) return { ok: true, record: found, events: [] }
  const record: AlertRecord = { ...found, ...deedsOf(state) }
  const type = ALERT_EVENTS[action]
  return { ok: true, record, events: [state.kind === 'gone' ? remove(type, record) : set(type, record)] }
}

/** The channel an alert of this priority and area lives in. */
export function alertChannel(record: Pick<AlertRecord, 'priority' | 'area'>): ChannelName {
  return isUrgent(record.priority) ? URGENT_CHANNEL : channelName('alerts', record.area)
}

function set(type: string, record: AlertRecord): NewEvent {
  return { channel: alertChannel(record), type, data: { key: record.id, record } }
}

function remove(type: string, record: AlertRecord): NewEvent {
  return { channel: alertChannel(record), type, data: { key: record.id, record: null } }
}

function alertOf(records: Records, id: string): AlertRecord | null {
  const found: FoundRecord | undefined = records.get(`alerts/${id}`)
  // Only this domain writes its records, always as AlertRecord.
  return found === undefined ? null : (found.record as AlertRecord)
}

function deed(now: Now): Deed {
  return { by: now.actor.by, on: now.actor.on, at: now.at }
}
