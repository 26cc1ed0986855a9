import type { StatusView } from '../../relay/protocol/local.ts'
import { Button } from '../components/button.tsx'
import { Sign } from '../components/sign.tsx'
import { timeWords } from '../state/moments.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'
import { MENTION_BAR } from './later-views.ts'
import { SoundBar } from './sound-bar.tsx'
import { UpdateBar } from './update-bar.tsx'

/** Full-width lines under the alarms: what is old, what was refused, what could not even be saved. */
export function Bars() {
  return (
    <>
      <HaltedBar />
      <StorageBar />
      <UpdateBar />
      <NoticeBar />
      <RefusedBar />
      <OfflineBar />
      <NamedBar />
      <SoundBar />
    </>
  )
}

/** Also on top of the P0 overlay, which covers everything else. */
export function OfflineBar() {
  const app = useApp()
  const { status, halted } = app
  const { state, since } = status.value
  if (state === 'live') return null
  const words = since === null ? text.connection.barNever : text.connection.bar(timeWords(app, since))
  return (
    <div class="bar bar-stale">
      <Sign name="stale" />
      <p>
        <strong>{words}</strong>{' '}
        {halted.value === null && status.value.storage === 'working' ? text.connection.barSaved : null}{' '}
        {causeForSite(status.value)}
      </p>
    </div>
  )
}

/** What does not pass by itself, and who has to act: the site. What passes is in the sheet of the connection. */
function causeForSite({ code, reason, forSite }: StatusView): string | null {
  return forSite && reason !== null ? text.connection.trouble(code, reason) : null
}

function NamedBar() {
  return useApp().talk.mentions.value.length === 0 ? null : <MENTION_BAR.View />
}

function RefusedBar() {
  const { undecided, sheet } = useApp()
  const refused = undecided.value
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
export function HaltedBar() {
  const { halted } = useApp()
  if (halted.value === null) return null
  const { title, sentence, useHere } = halted.value
  return (
    <div class="bar bar-needs-you" role="alert">
      <p>
        <strong>{title}.</strong> {sentence}
      </p>
      <Button kind="quiet" onPress={useHere ?? (() => location.reload())}>
        {useHere === null ? text.start.reload : text.start.useHere}
      </Button>
    </div>
  )
}

/** The disk of this device takes nothing: said before anybody types, and while what comes is still shown. */
export function StorageBar() {
  const { status } = useApp()
  if (status.value.storage === 'working') return null
  return (
    <div class="bar bar-needs-you" role="alert">
      <p>
        <strong>{text.storage.failing}</strong> {text.storage.explain}
      </p>
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
