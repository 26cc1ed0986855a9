import { useSignalEffect } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { flashInOnePhase } from '../state/one-phase.ts'
import { useApp } from '../state/use-app.ts'
import { speak, text } from '../text/text.ts'

/**
 * Puts the theme and language of the moment on the page itself: `styles/tokens.css` reads `data-theme`, screen readers and
 * line breaking read `lang`, and marks flash in one phase. Draws nothing.
 */
export function Appearance() {
  const { theme, language } = useApp()
  const page = document.documentElement
  useSignalEffect(() => {
    if (theme.value === 'system') delete page.dataset['theme']
    else page.dataset['theme'] = theme.value
    paintBrowser()
  })
  useSignalEffect(() => {
    void speak(language.value)
  })
  // What is written, not what was asked for: a table may be on its way.
  useSignalEffect(() => {
    page.lang = text.language
  })
  useEffect(() => flashInOnePhase(page), [page])
  return null
}

/** The bar that a phone draws above the page takes the colour of the ground. With the system's theme the page's head has both. */
function paintBrowser(): void {
  const ground = getComputedStyle(document.body).backgroundColor
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.dataset['system'] ??= meta.content
    meta.content = document.documentElement.dataset['theme'] === undefined ? (meta.dataset['system'] ?? '') : ground
  }
}
