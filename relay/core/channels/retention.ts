/** What leaves memory and disk: what nobody wants, and what was private to a person who went. */
import { domainRow, parseChannel, URGENT_CHANNEL, type Channel } from '../../protocol/channels.ts'
import { save } from '../disk/ledger.ts'
import type { ChannelRow } from '../disk/rows.ts'
import type { Turn } from '../step/turn.ts'
import { channelRow, emptyReplica, newReplica } from './replica.ts'
import type { ChannelsState } from './slice.ts'

/** How long a replica that nobody wants stays on disk. */
export const KEEP_REPLICA_MS = 30 * 24 * 3_600_000

/** Replicas that nobody wants on one disk; beyond it those that were wanted longest ago go first. */
export const MAX_STORED_CHANNELS = 1000

/** Replicas that one call lets go of: each is a range to delete, and a start must not wait for hundreds of them. */
export const PRUNED_AT_ONCE = 16

/** Forgets the memory of channels nobody wants once all of it is on disk. Called every second. */
export function sweepChannels(channels: ChannelsState, turn: Turn): void {
  const { subscriptions, stored } = channels
  for (const [name, sub] of subscriptions) {
    if (sub.isWanted || sub.link.kind !== 'apart' || sub.lastToken > turn.ledger.durable) continue
    subscriptions.delete(name)
    if (sub.replica.cursor !== null) stored.set(name, channelRow(sub.replica))
  }
}

/** Called at start, when nobody wants anything yet, and every hour. */
export function pruneReplicas(channels: ChannelsState, turn: Turn): void {
  const { stored } = channels
  const wantedAt = ({ wantedAt: at, confirmedAt }: ChannelRow) => at ?? confirmedAt ?? turn.wall
  const tooMany = stored.size - MAX_STORED_CHANNELS
  const byAge = [...stored].toSorted(([, a], [, b]) => wantedAt(a) - wantedAt(b))
  for (const [index, [name, row]] of byAge.slice(0, PRUNED_AT_ONCE).entries()) {
    const channel = parseChannel(name)
    const isOld = turn.wall - wantedAt(row) > KEEP_REPLICA_MS
    if (channel === null || name === URGENT_CHANNEL || (!isOld && index >= tooMany)) continue
    save(turn, emptyReplica(newReplica(channel, row)))
    stored.delete(name)
  }
}

/** What private channels leave behind when their person goes: nothing (P9). Their rows are read only with that person. */
export function purgePrivate(channels: ChannelsState, turn: Turn): void {
  const { subscriptions, stored } = channels
  for (const sub of subscriptions.values()) {
    if (isPrivate(sub.replica.channel)) sub.lastToken = save(turn, emptyReplica(sub.replica))
  }
  for (const name of stored.keys()) {
    const channel = parseChannel(name)
    if (channel === null || !isPrivate(channel)) continue
    save(turn, emptyReplica(newReplica(channel, undefined)))
    stored.delete(name)
  }
}

function isPrivate(channel: Channel): boolean {
  return domainRow(channel).readers === 'owner'
}
