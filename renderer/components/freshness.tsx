import type { ChannelView } from '../../relay/protocol/local.ts'
import { timeWords } from '../state/moments.ts'
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
