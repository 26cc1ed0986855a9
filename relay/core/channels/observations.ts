/** What the host is still to be told of a channel, once what it speaks of is durable. */
import type { ChannelName } from '../../protocol/channels.ts'
import { amendWaiting } from '../disk/ledger.ts'
import type { Turn } from '../step/turn.ts'

/** Strikes it out; false when there was nothing. */
export function dropObservations(turn: Turn, channel: ChannelName): boolean {
  return amendWaiting(turn.ledger, (done) => {
    const isDropped = done.kind === 'channelStored' && done.channel === channel && done.observations.length > 0
    return isDropped ? { ...done, observations: [] } : done
  })
}
