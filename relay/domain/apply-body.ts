import { parseChannel, type ChannelName } from '../protocol/channels.ts'
import type { StoredEvent } from '../protocol/events.ts'
import type { Epoch } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { Lane } from '../protocol/lanes.ts'
import {
  LOCAL_LIMITS,
  type BusBody,
  type ChannelView,
  type SessionView,
  type SettledCommand,
} from '../protocol/local.ts'
import { unreachable } from '../protocol/rights.ts'
import { applyEvent } from './channel-events.ts'
import { isCovered, type WindowModel } from './window-model.ts'

/** `needsView`: the message tells of something only the relay's view can show. */
export interface Applied {
  readonly model: WindowModel
  readonly needsView: boolean
}

/** What one message of the relay changes for a window. Order and repeats of messages are `feed.ts`'s business. */
export function applyBody(model: WindowModel, body: BusBody): Applied {
  switch (body.t) {
    case 'event':
      return withEvent(model, body.channel, body.epoch, body.event)
    case 'replaced':
      return { model, needsView: model.channels.has(body.channel) }
    case 'freshness':
      return done(withFreshness(model, body.channels))
    case 'pending':
      return done(withPending(model, body.command))
    case 'settled':
      return done(withSettled(model, body.settled))
    case 'dismissed':
      return done({ ...model, rejected: model.rejected.filter(({ command }) => command.id !== body.id) })
    case 'outbox':
      return done({ ...model, outbox: body.outbox })
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

function withEvent(model: WindowModel, name: ChannelName, epoch: Epoch, event: StoredEvent): Applied {
  const seen = withoutCause(model, event)
  const held = model.channels.get(name)
  // Bus messages reach every window; one that does not show the channel only learns that the command took effect.
  if (held === undefined) return done(seen)
  const outcome = applyEvent(held, epoch, event, model.recent.ids)
  if (outcome.kind === 'repeat') return done(seen)
  if (outcome.kind === 'missing') return { model, needsView: true }
  const next = withChannel(seen, outcome.channel)
  return {
    model: { ...next, recent: { ...next.recent, ids: remember(next.recent.ids, event.id) } },
    needsView: outcome.missing,
  }
}

/** The event names its command: from now on the channel shows the effect, and the overlay may go. */
function withoutCause(model: WindowModel, event: StoredEvent): WindowModel {
  const { cause } = event
  if (cause === undefined || model.recent.causes.includes(cause)) return model
  return {
    ...model,
    pending: model.pending.filter((command) => command.id !== cause),
    settling: model.settling.filter(({ command }) => command.id !== cause),
    recent: { ...model.recent, causes: remember(model.recent.causes, cause) },
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
function withPending(model: WindowModel, command: WindowModel['pending'][number]): WindowModel {
  if (model.recent.causes.includes(command.id)) return model
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

function withSettled(model: WindowModel, settled: SettledCommand): WindowModel {
  const { id } = settled.command
  const pending = model.pending.filter((command) => command.id !== id)
  if (settled.outcome === 'rejected') {
    const others = model.rejected.filter(({ command }) => command.id !== id)
    return { ...model, pending, rejected: [...others, settled].slice(-LOCAL_LIMITS.shownRejected) }
  }
  if (model.recent.causes.includes(id)) return { ...model, pending }
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
  return { model: { ...model, session, areas, channels }, needsView: true }
}

function isOfDevice(name: ChannelName): boolean {
  const domain = parseChannel(name)?.domain
  return domain === 'alerts' || domain === 'telemetry'
}

function remember(ids: readonly string[], id: string): readonly string[] {
  return [...ids, id].slice(-LIMITS.rememberedIds)
}
