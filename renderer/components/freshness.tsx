import { useComputed } from '@preact/signals'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { ChannelView } from '../../relay/protocol/local.ts'
import { timeWords } from '../state/moments.ts'
import { CURRENT, roomAge, type RoomAge } from '../state/rosters.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { Sign } from './sign.tsx'

/** Says since when a list is old (P5); silent while it is current, and where the view itself says why it has nothing. */
export function Freshness({ channel }: { readonly channel: ChannelView | null }) {
  const app = useApp()
  const at = channel?.confirmedAt ?? null
  if (at === null || isFresh(channel, app.isLive.value)) return null
  const words = text.freshness.asOf(timeWords(app, at))
  return (
    <span class="freshness">
      <Sign name="stale" />
      {words}
    </span>
  )
}

/** Whether this device ever had the whole of it. A list that is empty for want of an answer must not say that nothing is there (P5). */
export function isReceived(channel: ChannelView | null): boolean {
  return (channel?.confirmedAt ?? null) !== null
}

export function isFresh(channel: ChannelView | null, isLive: boolean): boolean {
  return isLive && channel !== null && channel.current
}

/** Of these the one that was current longest ago; null where all that was ever received is current. */
export function stalestOf(channels: readonly (ChannelView | null)[], isLive: boolean): ChannelView | null {
  const stale = channels.filter((channel) => isReceived(channel) && !isFresh(channel, isLive))
  return stale.toSorted((a, b) => (a?.confirmedAt ?? 0) - (b?.confirmedAt ?? 0))[0] ?? null
}

/** How current a room is; drawn anew only when that changes, whatever else is news. `room` reads signals. */
export function useRoomAge(room: () => ChannelName | null): RoomAge {
  const { model } = useApp()
  const age = useComputed(() => {
    const name = room()
    return name === null ? CURRENT : roomAge(model.value, name)
  })
  const isOld = useComputed(() => age.value.isOld).value
  const since = useComputed(() => (age.value.isOld ? age.value.since : null)).value
  return isOld ? { isOld, since } : CURRENT
}

/** Says since when it is old who is where (P5); nothing while that is current. */
export function RoomAgeWords({ age }: { readonly age: RoomAge }) {
  const app = useApp()
  if (!age.isOld) return null
  return (
    <span class="freshness">
      <Sign name="stale" />
      {age.since === null ? text.boards.standing.away : text.freshness.asOf(timeWords(app, age.since))}
    </span>
  )
}
