import { useEffect, useState } from 'preact/hooks'
import { isWrong } from '../../relay/domain/line-state.ts'
import { Sign } from '../components/sign.tsx'
import { hashOf } from '../state/place.ts'
import { WALL_PLACES } from '../state/site-lines.ts'
import { useApp } from '../state/use-app.ts'
import { isNight, useTurns } from '../state/wall.ts'
import { useSite } from '../state/use-site.ts'
import { clock } from '../text/format.ts'
import { siteWords } from '../text/site-words.ts'
import { HaltedBar, StorageBar } from './bars.tsx'
import { LineBand } from './line-band.tsx'
import { SiteNotes, SiteSummary } from './site-summary.tsx'
import { SoundBar } from './sound-bar.tsx'
import { UpdateBar } from './update-bar.tsx'

/** All lines for those who walk by: nothing has to be touched. Pages turn by themselves where not all lines have room. */
export function WallView() {
  const { isLive, memory, serverNow } = useApp()
  const site = useSite(WALL_PLACES, useTurns())
  const [dims, setDims] = useState(memory.dimsAtNight())
  useEffect(() => memory.rememberDimming(dims), [dims, memory])
  const { lines, page, values } = site
  const byArea = new Map(lines.map((line) => [line.area, line]))
  const at = new Date(serverNow.value)
  const isDim = dims && isNight(at)
  const wrong = lines.filter(isWrong).length
  const words = siteWords()
  return (
    <div class={`wall ${isDim ? 'is-dim' : ''} wall-${density(page.areas.length)}`}>
      <header class={`wall-head ${wrong > 0 ? 'has-wrong' : ''}`}>
        <h1 class="visually-hidden">{words.wallLabel}</h1>
        <p class="wall-summary" role="status">
          <Sign name={isLive.value ? 'live' : 'stale'} />
          <span>
            <span>
              <SiteSummary site={site} />
            </span>
            <SiteNotes site={site} />
          </span>
        </p>
        {page.pages === 1 ? null : <p class="wall-page">{words.page(page.page, page.pages)}</p>}
        <time class="wall-clock" dateTime={at.toISOString()}>
          {clock(at)}
        </time>
      </header>
      <ul class="bands bands-wall" style={{ '--bands': page.areas.length }}>
        {page.areas.map((area) => {
          const line = byArea.get(area)
          return line === undefined ? null : (
            <LineBand key={area} line={line} values={values.get(area) ?? []} opens="nothing" />
          )
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

/** How large letters can be: by how many bands share the height. */
function density(bands: number): 'roomy' | 'even' | 'dense' {
  return bands <= 3 ? 'roomy' : bands <= 5 ? 'even' : 'dense'
}
