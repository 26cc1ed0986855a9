import { domainRow, parseChannel, type ChannelName } from '../protocol/channels.ts'
import type { StoredEvent } from '../protocol/events.ts'
import type { Lane } from '../protocol/lanes.ts'
import {
  LOCAL_LIMITS,
  type BusBody,
  type ChannelView,
  type PendingCommand,
  type SessionView,
  type SettledCommand,
} from '../protocol/local.ts'
import { unreachable } from '../protocol/rights.ts'
import { applyEvent, type Own } from './channel-events.ts'
import { isNew, newRecentIds, recall, remember, type RecentIds } from './recent.ts'
import { isCovered, type WindowModel } from './window-model.ts'

/** `needsView`: the message tells of something only the relay's view can show. */
export interface Applied {
  readonly model: WindowModel
  readonly needsView: boolean
}

/** What a window met lately, to know repeats; changed in place. */
export interface Memory {
  /** Of events that were laid on a channel. */
  readonly ids: RecentIds
  /** Of commands whose event was seen: their overlay is over, whatever is heard of them later. */
  readonly causes: RecentIds
}

export function newMemory(): Memory {
  return { ids: newRecentIds(), causes: newRecentIds() }
}

/** What a message is met with. `own`: what was made since somebody last saw the model. */
interface Meeting extends Memory {
  readonly own?: Own | undefined
}

/** What one message of the relay changes for a window. Order and repeats of messages are `feed.ts`'s business. */
export function applyBody(model: WindowModel, body: BusBody, met: Meeting): Applied {
  switch (body.t) {
    case 'event':
      return withEvent(model, body, met)
    case 'replaced':
      return { model, needsView: model.channels.has(body.channel) }
    case 'freshness':
      return done(withFreshness(model, body.channels))
    case 'pending':
      return done(withPending(model, body.command, met))
    case 'settled':
      return done(withSettled(model, body.settled, met))
    case 'dismissed':
      return done({ ...model, rejected: model.rejected.filter(({ command }) => command.id !== body.id) })
    case 'outbox':
      return done({ ...model, outbox: body.outbox })
    case 'files':
      return done({ ...model, files: body.files })
    case 'reviewed':
      return { model, needsView: true }
    case 'status':
      return done({ ...model, status: body.status })
    case 'session':
      return withSession(model, body.session, body.areas)
    case 'token-refreshed':
      return done(model)
    default:
      return unreachable(body)
  }
}

function done(model: WindowModel): Applied {
  return { model, needsView: false }
}

function withEvent(model: WindowModel, said: Extract<BusBody, { t: 'event' }>, met: Meeting): Applied {
  const { channel: name, epoch, event } = said
  const held = model.channels.get(name)
  const outcome = held === undefined ? null : applyEvent(held, epoch, event, met)
  if (outcome?.kind === 'missing') return { model, needsView: true }
  // Bus messages reach every window; one that does not show the channel only learns that the command took effect.
  const seen = withoutCause(model, event, met)
  if (outcome === null || outcome.kind === 'repeat') return done(seen)
  remember(met.ids, event.id, true)
  return { model: withChannel(seen, outcome.channel), needsView: outcome.missing }
}

/** The event names its command: from now on the channel shows the effect, and the overlay may go. */
function withoutCause(model: WindowModel, { cause }: StoredEvent, { causes }: Meeting): WindowModel {
  if (cause === undefined || !isNew(causes, cause)) return model
  // Most commands are another device's: then the arrays stay, and with them what follows from them.
  const isOurs = [...model.pending, ...model.settling.map(({ command }) => command)].some(({ id }) => id === cause)
  if (!isOurs) return model
  return {
    ...model,
    pending: model.pending.filter((command) => command.id !== cause),
    settling: model.settling.filter(({ command }) => command.id !== cause),
  }
}

function withChannel(model: WindowModel, channel: ChannelView): WindowModel {
  const channels = new Map(model.channels).set(channel.channel, channel)
  return { ...model, channels, settling: model.settling.filter(({ awaits }) => !isCovered(channels, awaits)) }
}

function withFreshness(model: WindowModel, news: Extract<BusBody, { t: 'freshness' }>['channels']): WindowModel {
  const channels = new Map(model.channels)
  for (const [name, channel] of model.channels) {
    const fresh = news[name]
    if (fresh !== undefined) channels.set(name, { ...channel, ...fresh })
  }
  return { ...model, channels }
}

/** Adds a command, or replaces what is known of it (saved, notice). One whose effect was seen is not laid over again. */
function withPending(model: WindowModel, command: PendingCommand, { causes }: Meeting): WindowModel {
  if (recall(causes, command.id) !== undefined) return model
  const isKnown = model.pending.some((known) => known.id === command.id)
  if (isKnown) {
    return { ...model, pending: model.pending.map((known) => (known.id === command.id ? command : known)) }
  }
  return { ...model, pending: [...withRoom(model.pending, command.lane), command] }
}

/** The oldest of a lane that is full goes: the queue is longer than what windows show of it. */
function withRoom(pending: WindowModel['pending'], lane: Lane): WindowModel['pending'] {
  if (pending.length < LOCAL_LIMITS.shownPending) return pending
  const ofLane = pending.filter((command) => command.lane === lane)
  const [oldest] = ofLane
  return ofLane.length < LOCAL_LIMITS.shownPending ? pending : pending.filter((command) => command !== oldest)
}

function withSettled(model: WindowModel, settled: SettledCommand, { causes }: Meeting): WindowModel {
  const { id } = settled.command
  const pending = model.pending.filter((command) => command.id !== id)
  if (settled.outcome === 'rejected') {
    const others = model.rejected.filter(({ command }) => command.id !== id)
    return { ...model, pending, rejected: [...others, settled].slice(-LOCAL_LIMITS.shownRejected) }
  }
  if (recall(causes, id) !== undefined) return { ...model, pending }
  const awaits = Object.entries(settled.offsets).flatMap(([name, offset]) => {
    const held = model.channels.get(name as ChannelName)
    return held === undefined ? [] : [{ channel: held.channel, epoch: held.epoch, offset }]
  })
  if (isCovered(model.channels, awaits)) return { ...model, pending }
  return { ...model, pending, settling: [...model.settling, { command: settled.command, awaits }] }
}

/** Another person, or nobody: what the last one alone could read goes at once, also offline (P9); a view brings the rest. */
function withSession(model: WindowModel, session: SessionView | null, areas: readonly string[]): Applied {
  if (model.session?.id === session?.id) return done({ ...model, session, areas })
  const channels = new Map([...model.channels].filter(([name]) => isOfDevice(name)))
  const files = { ...model.files, waiting: [] }
  return { model: { ...model, session, areas, channels, files }, needsView: true }
}

/** Whether a device reads it with nobody signed in. */
function isOfDevice(name: ChannelName): boolean {
  const channel = parseChannel(name)
  return channel !== null && domainRow(channel).readers === 'device'
}
