import { Sheet } from '../components/sheet.tsx'
import { go } from '../state/actions.ts'
import { useApp } from '../state/use-app.ts'
import { text } from '../text/text.ts'

export function AreaSheet() {
  const app = useApp()
  const choose = (area: string): void => {
    app.sheet.value = null
    const { value: view } = app.view
    // Whoever looks at all lines and chooses one goes to it.
    go(app, view === 'site' || view === 'wall' ? 'line' : view, area)
  }
  const showAll = (): void => {
    app.sheet.value = null
    go(app, 'site')
  }
  return (
    <Sheet title={text.area.title} onClose={() => (app.sheet.value = null)}>
      <p class="lead">{text.area.choose}</p>
      <ul class="pick-list">
        {app.areas.value.length < 2 ? null : (
          <li>
            <button type="button" class="pick" onClick={showAll}>
              {text.nav.site}
            </button>
          </li>
        )}
        {app.areas.value.map((area) => (
          <li key={area}>
            <button type="button" class="pick" aria-pressed={area === app.area.value} onClick={() => choose(area)}>
              {text.areaName(area)}
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
