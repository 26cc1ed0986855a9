import { useRef, useState } from 'preact/hooks'
import type { LineState } from '../../relay/domain/line-state.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { hashOf } from '../state/place.ts'
import { SITE_PLACES } from '../state/site-lines.ts'
import { useHeldRows } from '../state/use-held-rows.ts'
import { useMovedRows } from '../state/use-moved.ts'
import { useSite, type Site } from '../state/use-site.ts'
import { siteWords } from '../text/site-words.ts'
import { LineBand } from './line-band.tsx'
import { SiteNotes, SiteSummary } from './site-summary.tsx'

/** All lines, each of which opens by a press: what a supervisor begins with. */
export function SiteView() {
  const [turn, setTurn] = useState(0)
  const site = useSite({ places: SITE_PLACES, turn, by: 'hand' })
  const { lines, page } = site
  const words = siteWords()
  return (
    <div class="site">
      <ViewHeader
        title={words.title}
        summary={
          <>
            <span>
              <SiteSummary site={site} />
            </span>
            <SiteNotes site={site} />
          </>
        }
        freshness={null}
      >
        <a class="button button-quiet site-as-wall" href={hashOf('wall', null)}>
          {words.asWall}
        </a>
      </ViewHeader>
      {lines.length === 0 ? <Empty more={words.emptyMore}>{words.empty}</Empty> : null}
      <Bands key={page.page} site={site} />
      {page.pages === 1 ? null : (
        <nav class="site-pages" aria-label={words.page(page.page, page.pages)}>
          <Button kind="secondary" onPress={() => setTurn(page.page - 2)}>
            {words.before}
          </Button>
          <span>{words.page(page.page, page.pages)}</span>
          <Button kind="secondary" onPress={() => setTurn(page.page)}>
            {words.next}
          </Button>
        </nav>
      )}
    </div>
  )
}

/** In an order that stands still under a finger. */
function Bands({ site: { lines, page, values } }: { readonly site: Site }) {
  const byArea = new Map(lines.map((line) => [line.area, line]))
  const shown = page.areas.map((area) => byArea.get(area)).filter((line) => line !== undefined)
  const held = useHeldRows<LineState>(shown, areaOf)
  const list = useRef<HTMLUListElement>(null)
  useMovedRows(list, held.order)
  return (
    <ul ref={list} class="bands bands-site">
      {held.rows.map(({ key, row }) => (
        <LineBand key={key} line={row} values={values.get(key) ?? []} />
      ))}
    </ul>
  )
}

function areaOf({ area }: LineState): string {
  return area
}
