/** How complete and how old a channel is known to be: what the heartbeat says of it, what time says of it, who is told. */
import { URGENT_CHANNEL } from '../../protocol/channels.ts'
import type { ServerFrameOf } from '../../protocol/frames.ts'
import type { Write } from '../../ports.ts'
import { save } from '../disk/ledger.ts'
import type { Turn } from '../step/turn.ts'
import { announce } from '../tell/bus.ts'
import { rowWrite } from './replica.ts'
import type { ChannelsState, Subscription } from './slice.ts'
import { end } from './subscriptions.ts'
import { isCurrent } from './view.ts'

/** A link that should move and does not for this long is rebuilt. */
export const LINK_STALL_MS = 30_000

/** How much older the stored confirmation may be than the one in memory: it costs a write. */
const CONFIRM_STORE_MS = 60_000

/** How much older the stored time at which somebody wanted a channel may be. */
const WANTED_STORE_MS = 24 * 3_600_000

/** The heartbeat compares what was written to us with what we have, and what exists with what we have (H3). */
export function freshnessReceived(channels: ChannelsState, turn: Turn, frame: ServerFrameOf<'pong'>): void {
  for (const sub of channels.subscriptions.values()) {
    const { channel, cursor } = sub.replica
    const isActive = sub.link.kind === 'attached' || sub.link.kind === 'catching-up'
    if (sub.link.kind === 'attached' && channel.kind === 'live') confirmLive(channels, turn, sub)
    if (!isActive || cursor === null || channel.kind === 'live') continue
    const said = frame.channels[channel.name]
    sub.unnamed = said === undefined ? sub.unnamed + 1 : 0
    if (said === undefined) {
      // Once may be a subscription that was just being made.
      if (sub.unnamed > 1) gap(channels, turn, sub, 'not subscribed any more')
    } else if (said.epoch !== cursor.epoch) gap(channels, turn, sub, 'another epoch')
    else if (said.written > cursor.offset) gap(channels, turn, sub, 'written and not received')
    else reached(channels, turn, sub, said.top)
  }
}

/** A live channel has nothing to miss: as long as the link is proved it is confirmed (M1). */
export function confirmLive(channels: ChannelsState, turn: Turn, sub: Subscription): void {
  sub.link = { kind: 'attached' }
  sub.replica.confirmedAt = turn.wall
  channels.fresh.add(sub.replica.channel.name)
}

/** Where the channel stands now that its top is known. */
export function reached(channels: ChannelsState, turn: Turn, sub: Subscription, top: number): void {
  const { channel, cursor } = sub.replica
  if (cursor === null) return
  sub.toldRefusal = null
  const since = sub.link.kind === 'catching-up' && sub.link.top === top ? sub.link.at : turn.now
  if (cursor.offset < top) sub.link = { kind: 'catching-up', at: since, top }
  else {
    sub.link = { kind: 'attached' }
    sub.replica.confirmedAt = turn.wall
  }
  channels.fresh.add(channel.name)
}

export function gap(channels: ChannelsState, turn: Turn, sub: Subscription, why: string): void {
  const { name } = sub.replica.channel
  turn.effects.push({ kind: 'log', level: 'warn', event: 'channel-gap', fields: { channel: name, why } })
  end(channels, turn, sub)
}

/** Every second: ends pauses, stores confirmations. True when a link hangs and the connection has to be rebuilt. */
export function watchChannels(channels: ChannelsState, turn: Turn): boolean {
  const writes: Write[] = []
  let hangs = false
  for (const sub of channels.subscriptions.values()) {
    const { link, replica } = sub
    if (link.kind === 'paused' && turn.now >= link.until) {
      sub.link = { kind: 'apart' }
      channels.dirty = true
    }
    const isStill = 'at' in link && turn.now - link.at > LINK_STALL_MS
    if (isStill && link.kind === 'catching-up') gap(channels, turn, sub, 'no page')
    else if (isStill && link.kind === 'filling') gap(channels, turn, sub, 'no values')
    else if (isStill) hangs = true
    const isWantedNews = sub.isWanted && turn.wall - (replica.wantedAt ?? 0) >= WANTED_STORE_MS
    if (isWantedNews) replica.wantedAt = turn.wall
    const isConfirmedNews = (replica.confirmedAt ?? 0) - (sub.storedConfirmedAt ?? 0) >= CONFIRM_STORE_MS
    if (replica.cursor !== null && (isWantedNews || isConfirmedNews)) {
      sub.storedConfirmedAt = replica.confirmedAt
      writes.push(rowWrite(replica))
    }
  }
  if (writes.length > 0) save(turn, writes)
  return hangs
}

/** Whether the urgent channel is complete: what makes the connection `live`. */
export function isUrgentComplete(channels: ChannelsState): boolean {
  return channels.subscriptions.get(URGENT_CHANNEL)?.link.kind === 'attached'
}

/** Tells windows how fresh each channel is of which that has changed. Called at the end of every step. */
export function tellFreshness({ fresh, subscriptions }: ChannelsState, turn: Turn): void {
  if (fresh.size === 0) return
  const entries = [...fresh].flatMap((name) => {
    const sub = subscriptions.get(name)
    if (sub === undefined) return []
    return [[name, { confirmedAt: sub.replica.confirmedAt, current: isCurrent(turn, sub) }] as const]
  })
  fresh.clear()
  announce(turn, { t: 'freshness', channels: Object.fromEntries(entries) })
}
