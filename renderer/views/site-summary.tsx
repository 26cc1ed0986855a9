import type { LineState } from '../../relay/domain/line-state.ts'
import { isWrong } from '../../relay/domain/line-state.ts'
import { allQuietSince } from '../state/quiet.ts'
import { useApp } from '../state/use-app.ts'
import { clockOrDay } from '../text/format.ts'
import { siteWords } from '../text/site-words.ts'
import { text } from '../text/text.ts'

/** In one sentence whether anything is wrong anywhere; of what is not current it says only that (P5). */
export function SiteSummary({ lines }: { readonly lines: readonly LineState[] }) {
  const { isLive, now, quiet, relay, status } = useApp()
  const site = siteWords()
  const { since, sinceUrgent } = text.boards
  const today = new Date(now.value)
  if (!isLive.value) {
    const from = status.value.since
    return <>{from === null ? site.notYet : site.offline(clockOrDay(new Date(from), today))}</>
  }
  const wrong = lines.filter(isWrong)
  const open = wrong.filter(({ known }) => known.kind === 'alert' && !known.isTaken).length
  if (open > 0) return <>{site.wrong(open)}</>
  if (wrong.length > 0) return <>{site.taken(wrong.length)}</>
  const areas = lines.map(({ area }) => area)
  const at = allQuietSince(quiet.value, areas, { now: now.value, monotonic: relay.now() })
  if (at === null) return <>{site.lines(lines.length)}</>
  const time = clockOrDay(new Date(at), today)
  return <>{lines.some(({ isUrgentOnly }) => isUrgentOnly) ? sinceUrgent(time) : since(time)}</>
}
