import { useRef } from 'preact/hooks'
import { Sign, type SignName } from '../components/sign.tsx'
import { chosenArea } from '../state/actions.ts'
import { hashOf, VIEWS, type ViewName } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
import { useSteadyParts } from '../state/use-moved.ts'
import { text } from '../text/text.ts'

const SIGN: Record<ViewName, SignName> = {
  alerts: 'alerts',
  equipment: 'equipment',
  orders: 'orders',
  chat: 'chat',
  rejections: 'refused',
}

/** A rail beside the view; on a phone the bar under the thumb. Raising an alert is at most one press away, anywhere. */
export function Navigation() {
  const app = useApp()
  const { area, board, place, rejections, sheet, supervises } = app
  const ways = useRef<HTMLElement>(null)
  // A supervisor who signs in has one more way, which moves the others on a phone.
  useSteadyParts(ways)
  const open = board.value.open.length
  const refused = rejections.value.filter(({ closing }) => closing === null).length
  const raise = (): void => {
    sheet.value = { kind: 'raise', draft: { priority: null, area: area.value, title: '', body: '' } }
  }
  return (
    <nav ref={ways} class="navigation" aria-label={text.nav.label}>
      {VIEWS.filter((view) => view !== 'rejections' || supervises.value).map((view) => (
        <a
          key={view}
          class="navigation-item"
          href={hashOf(view, chosenArea(app))}
          aria-current={place.value.view === view ? 'page' : undefined}
        >
          <Sign name={SIGN[view]} />
          {text.nav[view]}
          {view === 'alerts' ? <Count of={open} words={text.countOpen(open)} /> : null}
          {view === 'rejections' ? <Count of={refused} words={text.rejections.count(refused)} /> : null}
        </a>
      ))}
      <button type="button" class="navigation-item navigation-raise" onClick={raise}>
        <Sign name="plus" />
        {text.nav.raise}
      </button>
    </nav>
  )
}

function Count({ of, words }: { readonly of: number; readonly words: string }) {
  if (of === 0) return null
  return (
    <span class={`navigation-count ${of > 99 ? 'is-long' : ''}`} role="img" aria-label={words}>
      {of}
    </span>
  )
}
