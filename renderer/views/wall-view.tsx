import { useEffect, useState } from 'preact/hooks'
import { isWrong, type LineState } from '../../relay/domain/line-state.ts'
import { countsWidth } from '../components/standing-counts.tsx'
import { Sign } from '../components/sign.tsx'
import { hashOf } from '../state/place.ts'
import { WALL_PLACES } from '../state/site-lines.ts'
import { useApp } from '../state/use-app.ts'
import { densityOf, isNight, rowsIn, useNameMeasure, useShape, useTurns } from '../state/wall.ts'
import { fitName, NAME_ROOM, type NameFit } from '../state/wall-names.ts'
import { useSite } from '../state/use-site.ts'
import { clock } from '../text/format.ts'
import { siteWords } from '../text/site-words.ts'
import { standingWords } from '../text/standing-words.ts'
import { text } from '../text/text.ts'
import { HaltedBar, StorageBar } from './bars.tsx'
import { LineBand } from './line-band.tsx'
import { SiteNotes, SiteSummary } from './site-summary.tsx'
import { SoundBar } from './sound-bar.tsx'
import { UpdateBar } from './update-bar.tsx'

/**
 * All lines for those who walk by: nothing has to be touched. Pages turn by themselves where not all lines have room. Names and
 * states have one size of letters, whatever they say: where there is no room for them a page has fewer lines.
 */
export function WallView() {
  const { isLive, memory, serverNow } = useApp()
  const shape = useShape()
  const measure = useNameMeasure()
  const fitOf = (line: LineState): NameFit => {
    const standing = isCounted(line) ? countsWidth(line.active, measure) : measure(standingWords(line.standing))
    return fitName(text.areaName(line.area), standing, NAME_ROOM[shape], measure)
  }
  const sizeOf = (line: LineState): number => fitOf(line).places
  const site = useSite({ places: WALL_PLACES, sizeOf, turn: useTurns(), by: 'itself' })
  const [dims, setDims] = useState(memory.dimsAtNight())
  useEffect(() => memory.rememberDimming(dims), [dims, memory])
  const { lines, page, values } = site
  const byArea = new Map(lines.map((line) => [line.area, line]))
  const shown = page.areas.map((area) => byArea.get(area)).filter((line) => line !== undefined)
  const fitted = shown.map((line) => ({ line, fit: fitOf(line) }))
  const places = fitted.reduce((sum, { fit }) => sum + fit.places, 0)
  const density = densityOf(places, page.areas.length)
  const at = new Date(serverNow.value)
  const isDim = dims && isNight(at)
  const wrong = lines.filter(isWrong).length
  const words = siteWords()
  return (
    <div class={`wall ${isDim ? 'is-dim' : ''} wall-${density}`}>
      <header class={`wall-head ${wrong > 0 ? 'has-wrong' : ''}`}>
        <h1 class="visually-hidden">{words.wallLabel}</h1>
        <p class="wall-summary" role="status">
          <Sign name={isLive.value ? 'live' : 'stale'} />
          <span>
            <span>
              <SiteSummary site={site} />
            </span>
            {page.wrongElsewhere === 0 ? null : (
              <strong class="wall-elsewhere">{words.wrongElsewhere(page.wrongElsewhere)}</strong>
            )}
            <SiteNotes site={site} />
          </span>
        </p>
        {page.pages === 1 && page.of === 'all' ? null : (
          <p class="wall-page">
            {page.of === 'all' ? null : <span>{words.pageOf[page.of]}</span>}
            {page.pages === 1 ? null : <span>{words.page(page.page, page.pages)}</span>}
          </p>
        )}
        <time class="wall-clock" dateTime={at.toISOString()}>
          {clock(at)}
        </time>
      </header>
      <ul
        class="bands bands-wall"
        style={{ gridTemplateRows: fitted.map(({ fit }) => `minmax(0, ${fit.places}fr)`).join(' ') }}
      >
        {fitted.map(({ line, fit }) => {
          const rows = rowsIn(fit, { places, density, shape })
          const wall = { fit, rows, density, counts: isCounted(line), measure }
          return <LineBand key={line.area} line={line} values={values.get(line.area) ?? []} wall={wall} />
        })}
      </ul>
      <footer class="wall-foot">
        <HaltedBar />
        <StorageBar />
        <UpdateBar />
        <SoundBar />
        <p class="wall-ways">
          <a href={hashOf('site', null)}>{words.leave}</a>
          <label>
            <input type="checkbox" checked={dims} onChange={(event) => setDims(event.currentTarget.checked)} />
            {words.dim}
          </label>
        </p>
      </footer>
    </div>
  )
}

/** Of a line with several alerts it is said how many there are of each priority, where of one its state says all. */
function isCounted({ active, standing }: LineState): boolean {
  return active.length > 1 && standing.kind === 'alert'
}
