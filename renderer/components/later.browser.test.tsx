import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { render } from 'preact'
import { isInside, setStage } from '../testing/stage.ts'
import { en } from '../text/en.ts'
import { ko } from '../text/ko.ts'
import { setWords } from '../text/text.ts'
import { AppContext } from '../state/use-app.ts'
import { UnloadedSheet } from '../views/unloaded-sheet.tsx'
import { later } from './later.tsx'

const stage = setStage()
/** Not while a test looks. */
const NOT_BY_ITSELF = { againMs: 3_600_000 }

/** A view that is to be had from the second try on. */
function loadedAtLast(): () => Promise<() => string> {
  let tries = 0
  return () =>
    ++tries === 1 ? Promise.reject(new TypeError('Failed to fetch')) : Promise.resolve(() => 'The machines')
}

test('a view that cannot be loaded says so in words, and is there once it can', async () => {
  const { View } = later(loadedAtLast(), NOT_BY_ITSELF)
  render(<View />, stage.root)
  await expect.element(page.getByRole('alert')).toBeVisible()
  expect(stage.find('[role="alert"]').textContent).toContain('This part could not be loaded')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect.element(page.getByText('The machines')).toBeVisible()
  expect(stage.all('[role="alert"]')).toHaveLength(0)
  render(null, stage.root)
})

test('a view that cannot be loaded is there by itself once the server is back', async () => {
  const { View } = later(loadedAtLast(), { againMs: 500 })
  render(<View />, stage.root)
  await expect.element(page.getByText('The machines')).toBeVisible()
  render(null, stage.root)
})

test('a view that came between being drawn and being asked for is drawn all the same', async () => {
  const { View, load } = later(() => Promise.resolve(() => 'The machines'))
  render(<View />, stage.root)
  // Somebody else asked for it; it is at hand before the drawn view asks.
  await load()
  await expect.element(page.getByText('The machines')).toBeVisible()
  render(null, stage.root)
})

/** Lets the moment in which nothing is said go by. */
function waited(): void {
  for (const animation of stage.find('.later-coming').getAnimations()) animation.finish()
}

test('a view whose loading neither ends nor fails says after a moment that it is coming', async () => {
  const { View } = later(() => new Promise(() => undefined))
  for (const table of [en, ko]) {
    setWords(table)
    render(<View />, stage.root)
    // What comes at once does not flash.
    const words = stage.find('.later-coming')
    expect(getComputedStyle(words).visibility).toBe('hidden')
    waited()
    await expect.element(page.getByText(table.later.coming)).toBeVisible()
    expect(words.role).toBe('status')
    render(null, stage.root)
  }
})

test('so does a sheet, in sight, over a view that can be used', () => {
  const { View } = later(() => new Promise(() => undefined), { Frame: UnloadedSheet })
  const shell = stage.root.appendChild(document.createElement('div'))
  shell.className = 'shell'
  render(<View />, shell)
  waited()
  const words = stage.find('.later-coming')
  expect(getComputedStyle(words).visibility).toBe('visible')
  expect(isInside(words)).toBe(true)
  expect(words.clientWidth).toBeLessThan(innerWidth / 2)
  expect(document.querySelector('dialog')).toBeNull()
  render(null, shell)
})

test('a sheet that cannot be loaded says so where the sheet would be, and can be closed', async () => {
  const { app } = await stage.show('alerts')
  const { View } = later(loadedAtLast(), { Frame: UnloadedSheet, ...NOT_BY_ITSELF })
  const place = document.body.appendChild(document.createElement('div'))
  app.sheet.value = null
  render(
    <AppContext.Provider value={app}>
      <View />
    </AppContext.Provider>,
    place,
  )
  await expect.element(page.getByRole('heading', { name: 'Not loaded' })).toBeVisible()
  await expect.element(page.getByRole('button', { name: 'Close' })).toBeVisible()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect.element(page.getByText('The machines')).toBeVisible()
  render(null, place)
  place.remove()
})
