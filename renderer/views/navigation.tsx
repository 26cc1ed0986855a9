import { Sign, type SignName } from '../components/sign.tsx'
import { hashOf, VIEWS, type ViewName } from '../state/place.ts'
import { useApp } from '../state/use-app.ts'
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
  const { area, board, place, rejections, sheet, supervises } = useApp()
  const open = board.value.open.length
  const refused = rejections.value.filter(({ closing }) => closing === null).length
  const raise = (): void => {
    sheet.value = { kind: 'raise', draft: { priority: null, area: area.value, title: '', body: '' } }
  }
  return (
    <nav class="navigation" aria-label={text.nav.label}>
      {VIEWS.filter((view) => view !== 'rejections' || supervises.value).map((view) => (
        <a
          key={view}
          class="navigation-item"
          href={hashOf(view, area.value)}
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
    <span class="navigation-count" role="img" aria-label={words}>
      {of}
    </span>
  )
}
