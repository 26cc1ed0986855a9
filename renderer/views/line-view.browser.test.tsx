import { describe, expect, test } from 'vitest'
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

test.each(['en', 'ko'] as const)(
  'on a kiosk of 1280 a long title has two rows at most, and who said it since when one (%s)',
  async (language) => {
    await page.viewport(1280, 800)
    const { app } = await stage.show('line-long-titles')
    app.deviceLanguage.value = language
    await expect.poll(() => titles().length).toBe(2)
    await expect.poll(() => document.documentElement.lang).toBe(language)
    const range = document.createRange()
    const rowsOf = (part: Element): number => {
      range.selectNodeContents(part)
      const { lineHeight } = getComputedStyle(part)
      return Math.round(range.getBoundingClientRect().height / Number.parseFloat(lineHeight))
    }
    for (const row of stage.all('.line-wrong [data-testid=alert-row]')) {
      const [title, raised] = [row.querySelector('h2'), row.querySelector('.alert-raised')]
      if (title === null || raised === null) throw new Error('no such part')
      expect([rowsOf(title) <= 2, rowsOf(raised)]).toEqual([true, 1])
      // What is left out is left out of the middle, and said whole.
      expect(title.ariaLabel).toContain(title.textContent.split('…').at(-1))
      expect(row.scrollWidth).toBeLessThanOrEqual(row.clientWidth)
    }
    const heights = stage.all('.line-wrong [data-testid=alert-row]').map((row) => row.offsetHeight)
    expect(Math.max(...heights) - Math.min(...heights)).toBeLessThanOrEqual(2)
  },
)

const box = (selector: string): DOMRect => stage.find(selector).getBoundingClientRect()
const isOnScreen = (selector: string): boolean => {
  const { top, bottom } = box(selector)
  return top >= 0 && bottom <= innerHeight
}

describe.each([
  [1920, 1080],
  [1280, 800],
])('at %i × %i', (width, height) => {
  test.each(['line', 'line-quiet', 'line-flood', 'line-machine-flood'])(
    'all of the screen says something of the line: what runs is below what is wrong, or beside a long list of it (%s)',
    async (name) => {
      await page.viewport(width, height)
      await stage.show(name)
      await expect.poll(() => stage.all('.line-value-way').length).toBe(3)
      expect(box('.line-values').width).toBeGreaterThan(box('.line-parts').width * 0.4)
      const [wrong, work] = [box('.line-wrong'), box('.line-work')]
      if (name.endsWith('flood')) expect(work.left).toBeGreaterThanOrEqual(wrong.right)
      else expect([work.left, work.top]).toEqual([wrong.left, wrong.bottom])
      const parts = ['.line-wrong h2', '.line-work h2', '.line-value-way']
      expect(parts.filter((part) => !isOnScreen(part))).toEqual([])
      for (const tile of stage.all('.line-value-way')) {
        const { top, bottom } = tile.getBoundingClientRect()
        const cut = [...tile.querySelectorAll('*')].map((part) => part.getBoundingClientRect())
        expect(cut.filter((one) => one.top < top || one.bottom > bottom + 1)).toEqual([])
      }
    },
  )
})

function fail(): never {
  throw new Error('there is no such scene')
}

test.each([1920, 390])(
  '[P5] what is wrong says since when it is old, as all the rest of a line does (%i wide)',
  async (width) => {
    await page.viewport(width, 1080)
    await stage.show('line-offline')
    const said = (part: string) => stage.root.querySelector(`${part} .freshness`)?.textContent ?? ''
    await expect.poll(() => said('.line-work')).toMatch(/^As of /)
    expect([said('.line-wrong'), said('.line-values')]).toEqual([said('.line-work'), said('.line-work')])
    await stage.show('line-offline-quiet')
    await expect.poll(() => said('.line-wrong')).toMatch(/^As of /)
    // Nobody is signed in, and the alerts of the line are not shown: those that everybody gets are as old.
    const { view, ...scene } = BOARD_SCENES['line-offline'] ?? fail()
    const refused = { records: null, confirmedAt: null, refused: 'sign-in-needed' } as const
    const channels = view.channels.map((one) => (one.channel === 'alerts/line-3' ? { ...one, ...refused } : one))
    for (const [hash, part] of [
      ['#/line-3/line', '.line-wrong'],
      ['#/line-3/alerts', '.view-header'],
    ] as const) {
      await stage.open({ ...scene, hash, view: { ...view, channels, session: null } })
      await expect.poll(() => said(part)).toMatch(/^As of /)
    }
    // Orders alone are old.
    await stage.show('line-old-orders')
    await expect.poll(() => said('.line-work')).toMatch(/^As of /)
    expect(said('.line-wrong')).toBe('')
  },
)
