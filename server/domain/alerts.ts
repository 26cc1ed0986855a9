import { channelName, URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { isUrgent, type AlertRecord, type Deed } from '../../relay/protocol/records.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import type { FoundRecord, NewEvent, Now, Records } from '../ports/rules.ts'
import type { Handlers } from './handler.ts'

/**
 * Alerts by ISA-18.2, without shelving and escalation yet:
 *
 *   raise ─▶ active, unacknowledged ── ack ──▶ active, acknowledged ── resolve ──▶ gone
 *                     │ resolve
 *                     ▼
 *            cleared, unacknowledged ── ack ──▶ gone
 *
 * P0 and P1 live in `alerts/urgent`, P2 and P3 in the channel of their area.
 */
export const alerts: Handlers = {
  'alert.raise': {
    reads: (_data, id) => [{ domain: 'alerts', key: id }],
    decide(records, data, now) {
      const { actor } = now
      if (!now.areas.includes(data.area)) return refuse('unknown-area', `There is no area "${data.area}".`)
      if (!coversArea(actor.areas, data.area) && !coversArea(actor.deviceAreas, data.area)) {
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
      return { ok: true, events: [set('alert.raised', record)], data: { id: now.id } }
    },
  },

  'alert.ack': {
    reads: (data) => [{ domain: 'alerts', key: data.id }],
    decide(records, data, now) {
      const found = alertOf(records, data.id)
      if (found === null) return refuse('alert-not-found')
      if (!coversArea(now.actor.areas, found.area))
        return refuse('forbidden', `This alert belongs to ${found.area}; you may not acknowledge it.`)
      // Two people press at once: the first one stands, the second changes nothing and is no error.
      if (found.acknowledged !== null)
        return { ok: true, events: [], data: { id: data.id, acknowledged: found.acknowledged } }
      const record: AlertRecord = { ...found, acknowledged: deed(now) }
      return {
        ok: true,
        events: [record.cleared === null ? set('alert.acknowledged', record) : remove('alert.acknowledged', record)],
        data: { id: data.id, acknowledged: record.acknowledged },
      }
    },
  },

  'alert.resolve': {
    reads: (data) => [{ domain: 'alerts', key: data.id }],
    decide(records, data, now) {
      const found = alertOf(records, data.id)
      if (found === null) return refuse('alert-not-found')
      if (!coversArea(now.actor.areas, found.area))
        return refuse('forbidden', `This alert belongs to ${found.area}; you may not resolve it.`)
      if (found.cleared !== null) return { ok: true, events: [], data: { id: data.id } }
      const record: AlertRecord = { ...found, cleared: deed(now) }
      return {
        ok: true,
        events: [record.acknowledged === null ? set('alert.cleared', record) : remove('alert.cleared', record)],
        data: { id: data.id },
      }
    },
  },
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
