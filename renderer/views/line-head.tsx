import { needsPerson } from '../../relay/domain/alerts.ts'
import type { LineState } from '../../relay/domain/line-state.ts'
import { AlertCounts } from '../components/alert-counts.tsx'
import { isReceived } from '../components/freshness.tsx'
import { Sign } from '../components/sign.tsx'
import { StandingSign } from '../components/standing-sign.tsx'
import { momentOf, timeWords } from '../state/moments.ts'
import { useApp } from '../state/use-app.ts'
import { clock } from '../text/format.ts'
import { minutesSince, standingWords } from '../text/standing-words.ts'
import { text } from '../text/text.ts'

/** "Is my line all right?", answered at 3 m: its name, how it stands, since when, and how old that is. */
export function LineHead({ line }: { readonly line: LineState }) {
  const { area, standing, known } = line
  const look = `line-head line-${standing.kind} ${known.kind === 'alert' ? `line-${known.priority}` : ''}`
  return (
    <header class={look} data-testid="line-head" data-standing={standing.kind}>
      <StandingSign line={line} />
      <h1>
        <bdi class="line-name">{text.areaName(area)}</bdi> <span class="line-standing">{standingWords(standing)}</span>
      </h1>
      <p class="line-since" role="status">
        <Since line={line} />
      </p>
      <Age line={line} />
    </header>
  )
}

function Since({ line: { standing, known, active } }: { readonly line: LineState }) {
  const app = useApp()
  const { boards } = text
  if (standing.kind === 'unknown') {
    if (standing.why !== 'away' && standing.why !== 'behind') return null
    const { since } = standing
    return (
      <>
        {since === null ? boards.contactNever : boards.contactSince(timeWords(app, since))}
        {since === null || known.kind === 'quiet' ? null : <> · {boards.wasThen(standingWords(known))}</>}
      </>
    )
  }
  const first = active[0]
  // Since when nothing is wrong stands below, in letters of its own.
  if (first === undefined) return null
  const at = first.raised?.at ?? first.raising?.since
  const open = active.filter(needsPerson).length
  return (
    <>
      {at === undefined ? null : <>{boards.lasting(minutesSince(momentOf(app, at), app.serverNow.value))} · </>}
      {boards.line.wrongCount(active.length, open)} <AlertCounts rows={active} />
    </>
  )
}

/** How old what stands here is, as the oldest of its parts. */
function Age({ line: { standing } }: { readonly line: LineState }) {
  const app = useApp()
  const { urgent, alerts } = app.channels.value
  const parts = [urgent, alerts].filter(isReceived)
  const confirmed = parts.map((channel) => channel?.confirmedAt ?? 0)
  const behind = standing.kind === 'unknown' && standing.why === 'behind' ? [standing.since ?? 0] : []
  const oldest = Math.min(...confirmed, ...behind)
  if (parts.length === 0) return null
  const isNow = standing.kind !== 'unknown'
  return (
    <p class="line-age">
      <Sign name={isNow ? 'live' : 'stale'} />
      {isNow ? text.freshness.confirmed(clock(momentOf(app, oldest))) : text.freshness.asOf(timeWords(app, oldest))}
    </p>
  )
}
