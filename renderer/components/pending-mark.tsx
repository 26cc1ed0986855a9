import type { Waiting } from '../../relay/domain/pending.ts'
import { text } from '../text/text.ts'
import { Sign } from './sign.tsx'
import { Time } from './time.tsx'

/** Done here, not yet the server's word. Says what and since when; never colour. */
export function PendingMark({ waiting, words }: { readonly waiting: Waiting; readonly words?: string }) {
  return (
    <span class="pending-mark" data-testid="pending-mark">
      <Sign name="waiting" />
      <span>
        {words ?? text.pending.waiting} {text.pending.since.before}
        <Time at={waiting.since} />
        {text.pending.since.after}
      </span>
    </span>
  )
}

/** For an alert made here, beside the time of its making. */
export function NotSentMark() {
  return (
    <span class="pending-mark" data-testid="pending-mark">
      <Sign name="waiting" />
      {text.pending.notSent}
    </span>
  )
}
