/** What is wanted at this moment, and what of it waits for a host that is behind. */
import { parseChannel, URGENT_CHANNEL, type Channel, type ChannelName } from '../../protocol/channels.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { ChannelsState, Subscription } from './slice.ts'

/** At most as many as a connection may have, the urgent one first. */
export function wantedChannels(channels: ChannelsState): Map<ChannelName, Channel> {
  const wanted = new Map<ChannelName, Channel>()
  const want = (name: string) => {
    const channel = parseChannel(name)
    if (channel !== null && wanted.size < LIMITS.maxSubscriptions) wanted.set(channel.name, channel)
  }
  want(URGENT_CHANNEL)
  for (const name of channels.hostWants.keys()) want(name)
  for (const names of channels.shown.values()) for (const name of names) want(name)
  return wanted
}

/** Whether it stands still because the host is behind, and no window needs it. */
export function isHeld({ isHostBehind, shown }: ChannelsState, sub: Subscription): boolean {
  const { name, kind } = sub.replica.channel
  // Who waits for a first snapshot gets that; a live channel has none to wait for.
  const isTold = sub.host === 'following' || (sub.host === 'awaiting' && kind === 'live')
  const isShown = (): boolean => [...shown.values()].some((names) => names.has(name))
  return isHostBehind && isTold && name !== URGENT_CHANNEL && !isShown()
}

/** How often values of a live channel are wanted, per second: by whoever wants them most often. */
export function wantedHz({ hostWants, shown, paces }: ChannelsState, name: ChannelName): number {
  let hz = hostWants.get(name) ?? 0
  for (const [port, names] of shown) if (names.has(name)) hz = Math.max(hz, paces.get(port) ?? LIMITS.liveHz)
  return hz === 0 ? LIMITS.liveHz : hz
}
