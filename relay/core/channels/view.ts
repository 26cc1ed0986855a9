import { LIMITS } from '../../protocol/limits.ts'
import type { ChannelView } from '../../protocol/local.ts'
import { isUp } from '../link/slice.ts'
import type { Reader } from '../step/turn.ts'
import { isReadable } from '../tell/reading.ts'
import type { Subscription } from './slice.ts'

/** How a channel looks to a person at this device. */

/** A channel as it may be seen now. What the person may not read looks refused and empty, whatever this disk holds. */
export function channelView(reader: Reader, sub: Subscription): ChannelView {
  const { channel, cursor, confirmedAt, records, events } = sub.replica
  if (!isReadable(reader, channel)) {
    const code = reader.people.current === null ? 'sign-in-needed' : 'forbidden'
    return { ...NOTHING, channel: channel.name, refused: code }
  }
  const hasData = cursor !== null && sub.link.kind !== 'loading'
  return {
    channel: channel.name,
    epoch: cursor?.epoch ?? null,
    offset: cursor?.offset ?? 0,
    confirmedAt,
    current: isCurrent(reader, sub),
    refused: sub.refused?.code ?? null,
    records: channel.kind === 'state' && hasData ? Object.fromEntries(records) : null,
    events: channel.kind === 'log' && hasData ? events.slice(-LIMITS.logSnapshotEvents) : null,
  }
}

const NOTHING = { epoch: null, offset: 0, confirmedAt: null, current: false, records: null, events: null } as const

/** Nothing of it is known to be missing. */
export function isCurrent({ link }: Reader, sub: Subscription): boolean {
  return sub.link.kind === 'attached' && isUp(link.connection)
}
