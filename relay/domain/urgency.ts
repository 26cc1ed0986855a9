import { URGENT_CHANNEL } from '../protocol/channels.ts'
import { routeOf } from '../protocol/events.ts'
import type { BusBody } from '../protocol/local.ts'
import { unreachable } from '../protocol/rights.ts'

/** Whether this goes by bus and by every port, and is shown at once. The event table decides; a command goes the way of its lane. */
export function isUrgent(body: BusBody): boolean {
  switch (body.t) {
    case 'event':
      return routeOf(body.event.type, body.channel === URGENT_CHANNEL ? 'urgent' : 'normal').windows === 'bus+port'
    case 'pending':
      return body.command.lane === 'urgent'
    case 'settled':
      return body.settled.command.lane === 'urgent'
    case 'replaced':
    case 'freshness':
    case 'dismissed':
    case 'status':
    case 'outbox':
    case 'files':
    case 'reviewed':
    case 'session':
    case 'token-refreshed':
      return false
    default:
      return unreachable(body)
  }
}
