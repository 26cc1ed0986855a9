import { isWrong } from '../../relay/domain/line-state.ts'
import { AlertCounts } from '../components/alert-counts.tsx'
import { timeWords } from '../state/moments.ts'
import { allQuietSince } from '../state/quiet.ts'
import { useApp } from '../state/use-app.ts'
import { useBreaches } from '../state/use-breaches.ts'
import type { Site } from '../state/use-site.ts'
import { siteWords } from '../text/site-words.ts'
import { text } from '../text/text.ts'

/** In one sentence whether anything is wrong anywhere; of what is not current it says only that (P5). */
export function SiteSummary({ site: { lines, page, values, unfollowed } }: { readonly site: Site }) {
  const app = useApp()
  const { channels, isLive, quiet, relay, serverNow, status } = app
  const beyond = useBreaches([...values.values()].flat())
  const words = siteWords()
  const { boards } = text
  if (!isLive.value) {
    const from = status.value.since
    return <>{from === null ? words.notYet : words.offline(timeWords(app, from))}</>
  }
  const wrong = lines.filter(isWrong)
  const open = wrong.filter(({ needing }) => needing > 0).length
  if (wrong.length > 0)
    return (
      <>
        {open > 0 ? words.wrong(open) : words.taken(wrong.length)}{' '}
        <AlertCounts rows={lines.flatMap(({ active }) => active)} />
      </>
    )
  if (beyond > 0) return <>{(page.pages === 1 ? boards.beyond : words.beyondHere)(beyond)}</>
  const areas = lines.map(({ area }) => area)
  const at = allQuietSince(quiet.value, areas, { now: serverNow.value, monotonic: relay.now() })
  if (at === null && unfollowed > 0 && channels.value.urgent?.current === true) return <>{words.noUrgent}</>
  if (at === null) return <>{words.lines(lines.length)}</>
  const time = timeWords(app, new Date(at))
  return <>{lines.some(({ isUrgentOnly }) => isUrgentOnly) ? words.sinceUrgent(time) : boards.since(time)}</>
}

/** What the sentence, and the bands, say nothing of. */
export function SiteNotes({ site: { unfollowed } }: { readonly site: Site }) {
  const { isLive, session } = useApp()
  if (!isLive.value) return null
  const notes = [
    ...(unfollowed > 0 ? [siteWords().unfollowed(unfollowed)] : []),
    ...(session.value === null ? [text.boards.line.ordersSignIn] : []),
  ]
  return notes.length === 0 ? null : <small class="site-notes">{text.and(notes)}</small>
}
