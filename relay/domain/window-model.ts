import type { ChannelName } from '../protocol/channels.ts'
import type { CommandId, Epoch } from '../protocol/ids.ts'
import type {
  ChannelView,
  FilesView,
  OutboxView,
  PendingCommand,
  RelayView,
  SessionView,
  SettledCommand,
  StatusView,
} from '../protocol/local.ts'

/**
 * Everything one window knows, as values. Each change makes a new model that shares what did not change, so that views
 * compare by identity. Nothing here is authoritative: a `view` of the relay replaces all of it.
 */
export interface WindowModel {
  readonly build: string
  readonly deviceName: string
  readonly status: StatusView
  readonly session: SessionView | null
  readonly areas: readonly string[]
  readonly channels: ReadonlyMap<ChannelName, ChannelView>
  /** Commands the server has not answered, oldest first; of a long queue the newest (`LOCAL_LIMITS`). */
  readonly pending: readonly PendingCommand[]
  /** The whole queue in numbers; up to a quarter of a second older than `pending`. */
  readonly outbox: OutboxView
  /** Photos and files on this device, and how far those of this person are on their way. */
  readonly files: FilesView
  /** Applied by the server, but its events have not reached this window: still laid over, so that nothing flickers. */
  readonly settling: readonly SettlingCommand[]
  /** Refused by the server; each stays until a person dismisses it. */
  readonly rejected: readonly SettledCommand[]
}

export interface SettlingCommand {
  readonly command: PendingCommand
  /** Positions that show the command's effect; it is dropped once one event names it or all of these are reached. */
  readonly awaits: readonly AwaitedOffset[]
}

export interface AwaitedOffset {
  readonly channel: ChannelName
  readonly epoch: Epoch | null
  readonly offset: number
}

/** The commands to lay over records and logs, in the order in which the server takes or took them. */
export function laidCommands(model: WindowModel): readonly PendingCommand[] {
  if (model.settling.length === 0) return model.pending
  return [...model.settling.map((settling) => settling.command), ...model.pending]
}

/** Commands of this device that wait for the server, as far as this window knows: not fewer than it shows. */
export function waitingCount({ outbox, pending }: WindowModel): number {
  return Math.max(outbox.urgent + outbox.normal, pending.length)
}

/** Commands from which a person wonders how far a queue has come; a few are gone before they could be counted. */
export const LONG_QUEUE = 50

/** How far a long queue has come, for as long as it is one; null when there is nothing to wonder about. */
export function queueProgress(model: WindowModel): { readonly ended: number; readonly of: number } | null {
  const { ended } = model.outbox
  const of = ended + waitingCount(model)
  return of >= LONG_QUEUE && ended < of ? { ended, of } : null
}

/** A fresh model from the relay's view. `before` keeps what the view cannot know: commands whose effect it may lack. */
export function modelOfView(view: RelayView, before: WindowModel | null): WindowModel {
  const channels = new Map(view.channels.map((channel) => [channel.channel, channel]))
  const named = new Set<CommandId>(view.pending.map((command) => command.id))
  const settling = (before?.settling ?? []).filter(
    ({ command, awaits }) => !named.has(command.id) && !isCovered(channels, awaits),
  )
  return {
    build: view.build,
    deviceName: view.deviceName,
    status: view.status,
    session: view.session,
    areas: view.areas,
    channels,
    pending: view.pending,
    outbox: view.outbox,
    files: view.files,
    settling,
    rejected: view.rejected,
  }
}

/** Whether the channels held show everything awaited. A channel that is not held, or lives in a new epoch, hides nothing. */
export function isCovered(channels: ReadonlyMap<ChannelName, ChannelView>, awaits: readonly AwaitedOffset[]): boolean {
  return awaits.every(({ channel, epoch, offset }) => {
    const held = channels.get(channel)
    return held === undefined || held.epoch !== epoch || held.offset >= offset
  })
}
