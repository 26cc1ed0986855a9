/** What a window is told about everything at once. */
import type { ChannelName } from '../../protocol/channels.ts'
import type { RelayView } from '../../protocol/local.ts'
import { channelView } from '../channels/view.ts'
import { filesView } from '../files/telling.ts'
import { statusView } from '../link/status.ts'
import { outboxView } from '../outbox/counts.ts'
import { rejectedCommands } from '../outbox/refs.ts'
import { shownCommands } from '../outbox/shown.ts'
import { sessionView } from '../people/view.ts'
import type { Turn } from '../step/turn.ts'
import { busTop } from '../tell/bus.ts'
import { mayShow } from '../tell/reading.ts'
import type { WindowsReach } from './slice.ts'

/** Everything a window that shows these channels needs. Bus messages up to `bus` are already in it. */
export function relayView(
  { outbox, channels }: Pick<WindowsReach, 'outbox' | 'channels'>,
  turn: Turn,
  shows: ReadonlySet<ChannelName>,
): RelayView {
  const { identity } = turn.link
  const subscriptions = [...channels.subscriptions.values()]
  return {
    bus: busTop(turn.bus),
    build: identity.build,
    deviceName: identity.name,
    outboxEpoch: outbox.epoch,
    status: statusView(turn),
    session: sessionView(turn.people.current),
    areas: turn.people.site.areas,
    pending: shownCommands(outbox).filter((command) => mayShow(turn, command)),
    outbox: outboxView(outbox),
    files: filesView(turn.files, turn),
    rejected: rejectedCommands(outbox.refs).filter(({ command }) => mayShow(turn, command)),
    channels: subscriptions
      .filter(({ replica }) => replica.channel.lane === 'urgent' || shows.has(replica.channel.name))
      .map((sub) => channelView(turn, sub)),
  }
}
