/** What a window is told about everything at once; and how the parts of it look. */
import type { ChannelName } from '../protocol/channels.ts'
import { ERRORS } from '../protocol/errors.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ChannelView, RelayView, SessionView, StatusView } from '../protocol/local.ts'
import { busTop } from './bus.ts'
import type { Subscription } from './channels.ts'
import { outboxView, shownCommands } from './outbox.ts'
import { isCurrent, isReadable, mayShow } from './reading.ts'
import { rejectedCommands } from './refs.ts'
import type { Session } from './sessions.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

/** Everything a window that shows these channels needs. Bus messages up to `bus` are already in it. */
export function relayView(state: EngineState, turn: Turn, shows: ReadonlySet<ChannelName>): RelayView {
  const { current } = state.sessions
  const subscriptions = [...state.channels.subscriptions.values()]
  return {
    bus: busTop(state.bus),
    build: state.identity.build,
    deviceName: state.identity.name,
    outboxEpoch: state.outbox.epoch,
    status: statusView(state, turn),
    session: sessionView(current),
    areas: state.site.areas,
    pending: shownCommands(state.outbox).filter((command) => mayShow(command, current)),
    outbox: outboxView(state.outbox),
    rejected: rejectedCommands(state.outbox.refs).filter(({ command }) => mayShow(command, current)),
    channels: subscriptions
      .filter(({ replica }) => replica.channel.lane === 'urgent' || shows.has(replica.channel.name))
      .map((sub) => channelView(state, sub)),
  }
}

/** A channel as it may be seen now. What the person may not read looks refused and empty, whatever this disk holds. */
export function channelView(state: EngineState, sub: Subscription): ChannelView {
  const { channel, cursor, confirmedAt, records, events } = sub.replica
  if (!isReadable(state, channel)) {
    const code = state.sessions.current === null ? 'sign-in-needed' : 'forbidden'
    return { ...NOTHING, channel: channel.name, refused: code }
  }
  const hasData = cursor !== null && sub.link.kind !== 'loading'
  return {
    channel: channel.name,
    epoch: cursor?.epoch ?? null,
    offset: cursor?.offset ?? 0,
    confirmedAt,
    current: isCurrent(state, sub),
    refused: sub.refused?.code ?? null,
    records: channel.kind === 'state' && hasData ? Object.fromEntries(records) : null,
    events: channel.kind === 'log' && hasData ? events.slice(-LIMITS.logSnapshotEvents) : null,
  }
}

const NOTHING = { epoch: null, offset: 0, confirmedAt: null, current: false, records: null, events: null } as const

export function sessionView(session: Session | null): SessionView | null {
  if (session === null) return null
  const { id, operator, role, areas, confirmed } = session
  return { id, operator, role, areas, confirmed }
}

/** The uplink as a person needs it; times on this device's clock. */
export function statusView(state: EngineState, turn: Turn): StatusView {
  const { connection } = state
  const trouble = 'trouble' in connection && connection.kind !== 'live' ? connection.trouble : null
  const warnings = [...state.identity.warnings]
  if (state.storage === 'failing') warnings.push(ERRORS['storage-failed'].says)
  return {
    state: connection.kind,
    reason: trouble?.says ?? null,
    code: trouble?.code ?? null,
    since: state.notLiveSince,
    retryAt: connection.kind === 'waiting' ? Math.round(turn.wall + connection.retryAt - turn.now) : null,
    warnings,
    storage: state.storage,
  }
}
