import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { useApp } from '../state/use-app.ts'
import { clockOrDay } from '../text/format.ts'
import { text } from '../text/text.ts'

/** Full-width lines under the alarms: what is old, what was refused, what could not even be saved. */
export function Bars() {
  return (
    <>
      <HaltedBar />
      <NoticeBar />
      <RefusedBar />
      <OfflineBar />
    </>
  )
}

/** Also on top of the P0 overlay, which covers everything else. */
export function OfflineBar() {
  const { status, now } = useApp()
  const { state, since } = status.value
  if (state === 'live') return null
  const words =
    since === null ? text.connection.barNever : text.connection.bar(clockOrDay(new Date(since), new Date(now.value)))
  return (
    <div class="bar bar-stale">
      <Sign name="stale" />
      <p>
        <strong>{words}</strong> {text.connection.barSaved}
      </p>
    </div>
  )
}

function RefusedBar() {
  const { rejected, sheet } = useApp()
  const refused = rejected.value.length
  if (refused === 0) return null
  return (
    <div class="bar bar-needs-you" role="alert">
      <p>{text.outbox.bar(refused)}</p>
      <Button kind="quiet" onPress={() => (sheet.value = { kind: 'outbox' })}>
        {text.outbox.show}
      </Button>
    </div>
  )
}

/** The relay itself is away: nothing can be saved, so this says it before anybody types. */
function HaltedBar() {
  const { halted } = useApp()
  if (halted.value === null) return null
  return (
    <div class="bar bar-needs-you" role="alert">
      <p>
        <strong>{text.start.unavailable}.</strong> {halted.value}
      </p>
      <Button kind="quiet" onPress={() => location.reload()}>
        {text.start.reload}
      </Button>
    </div>
  )
}

function NoticeBar() {
  const { notice } = useApp()
  if (notice.value === null) return null
  return (
    <div class="bar bar-needs-you" role="alert">
      <p>
        <strong>{text.notice.title}.</strong> {notice.value}
      </p>
      <Button kind="quiet" onPress={() => (notice.value = null)}>
        {text.notice.dismiss}
      </Button>
    </div>
  )
}
