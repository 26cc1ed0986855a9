import { useRef } from 'preact/hooks'
import type { News as NewsOfTalk } from '../../relay/domain/read-marks.ts'
import { Sign, type SignName } from '../components/sign.tsx'
import { chosenArea } from '../state/actions.ts'
import { hashOf, type ViewName } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
import { useSteadyParts } from '../state/use-moved.ts'
import { text } from '../text/text.ts'

/** Ways from every view, in the order of their places. The first leads up: to the own line, or to all of them. */
const WAYS = ['home', 'alerts', 'equipment', 'orders', 'chat', 'notes', 'rejections'] as const satisfies readonly (
  | ViewName
  | 'home'
)[]

const SIGN: Record<Exclude<ViewName, 'wall'>, SignName> = {
  line: 'line',
  site: 'site',
  alerts: 'alerts',
  equipment: 'equipment',
  orders: 'orders',
  chat: 'chat',
  notes: 'notes',
  rejections: 'refused',
}

/** A rail beside the view; on a phone the bar under the thumb. Raising an alert is at most one press away, anywhere. */
export function Navigation() {
  const app = useApp()
  const { area, areas, board, rejections, sheet, supervises, talk, view: shown } = app
  const ways = useRef<HTMLElement>(null)
  // A supervisor who signs in has one more way, which moves the others on a phone.
  useSteadyParts(ways)
  const open = board.value.open.length
  const refused = rejections.value.filter(({ closing }) => closing === null).length
  const home: Exclude<ViewName, 'wall'> = supervises.value && areas.value.length > 1 ? 'site' : 'line'
  const raise = (): void => {
    sheet.value = { kind: 'raise', draft: { priority: null, area: area.value, title: '', body: '' } }
  }
  return (
    <nav ref={ways} class="navigation" aria-label={text.nav.label}>
      {WAYS.filter((way) => way !== 'rejections' || supervises.value).map((way) => {
        const view = way === 'home' ? home : way
        const isHere = shown.value === view || (way === 'home' && (shown.value === 'line' || shown.value === 'site'))
        return (
          <a
            key={way}
            class={`navigation-item ${way === 'notes' ? 'navigation-wide' : ''}`}
            href={hashOf(view, chosenArea(app))}
            aria-current={isHere ? (shown.value === view ? 'page' : 'true') : undefined}
          >
            <Sign name={SIGN[view]} />
            {text.nav[view]}
            {view === 'alerts' ? <Count of={open} words={text.countOpen(open)} /> : null}
            {view === 'chat' ? <News of={talk.news.value} /> : null}
            {view === 'rejections' ? <Count of={refused} words={text.rejections.count(refused)} /> : null}
          </a>
        )
      })}
      <button type="button" class="navigation-item navigation-raise" onClick={raise}>
        <Sign name="plus" />
        {text.nav.raise}
      </button>
    </nav>
  )
}

/** What is new in the chat; with an @ where some of it names the person. */
function News({ of: { count, mentions } }: { readonly of: NewsOfTalk }) {
  const words = mentions === 0 ? text.chat.news(count) : `${text.chat.news(count)}, ${text.chat.named(mentions)}`
  return <Count of={count} words={words} mark={mentions === 0 ? '' : '@'} />
}

function Count({ of, words, mark = '' }: { readonly of: number; readonly words: string; readonly mark?: string }) {
  if (of === 0) return null
  return (
    <span class={`navigation-count ${of > 99 || mark !== '' ? 'is-long' : ''}`} role="img" aria-label={words}>
      {mark}
      {of}
    </span>
  )
}
