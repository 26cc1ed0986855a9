import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { BOARD_SCENES } from '../testing/board-scenes.ts'
import { press } from '../testing/finger.ts'
import { setStage } from '../testing/stage.ts'

const stage = setStage(BOARD_SCENES)
const titles = (): readonly (string | null)[] =>
  stage.all('.line-wrong [data-testid=alert-row] h2').map(({ textContent }) => textContent)

test.each([1920, 390])('many alerts of one machine are one row that opens to each of them (%i wide)', async (width) => {
  await page.viewport(width, 1080)
  await stage.show('line-machine-flood')
  await expect
    .poll(titles)
    .toEqual(['Hydraulic pressure low · Press 2', 'Coolant level low · Lathe 4', 'Label roll nearly empty · Packing'])
  const group = stage.find('[data-testid=alert-group]')
  expect(group.querySelector('h2')?.textContent).toBe('Press 3 5 alerts')
  expect(group.textContent).toContain('Hydraulic oil hot · Press 3')
  expect(group.textContent).toContain('5 active, 4 not acknowledged')
  await press(page.getByRole('button', { name: 'Show each alert: Press 3' }))
  await expect.poll(() => group.querySelectorAll('[data-testid=alert-row]').length).toBe(5)
  await expect.element(page.getByRole('button', { name: 'I have it: Guard door slow · Press 3' })).toBeVisible()
  await press(page.getByRole('button', { name: 'Fold: Press 3' }))
  await expect.poll(() => group.querySelectorAll('[data-testid=alert-row]').length).toBe(0)
})

test('whoever is not signed in can open it as well', async () => {
  await page.viewport(1280, 800)
  const { view, ...scene } = BOARD_SCENES['line-machine-flood'] ?? fail()
  await stage.open({ ...scene, view: { ...view, session: null } })
  await press(page.getByRole('button', { name: 'Show each alert: Press 3' }))
  await expect.poll(() => titles().length).toBe(8)
})

function fail(): never {
  throw new Error('there is no such scene')
}
