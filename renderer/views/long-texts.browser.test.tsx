import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { LONG_SCENES, WORD } from '../testing/long-scenes.ts'
import { press } from '../testing/finger.ts'
import { isInside, setStage, THUMB_PX } from '../testing/stage.ts'

/** The kiosk and the phone of the review. */
const SIZES = [
  [1920, 1080],
  [390, 844],
] as const
const stage = setStage(LONG_SCENES)
const { find } = stage

/** Elements that are wider inside than outside and do not cut it off by intent. */
function overflowing(within: Element): readonly string[] {
  return [...within.querySelectorAll('*')]
    .filter((element) => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
    .filter((element) => !(element instanceof HTMLInputElement) && element.closest('svg') === null)
    .filter((element) => {
      const { display, overflowX } = getComputedStyle(element)
      return display !== 'inline' && overflowX !== 'hidden' && overflowX !== 'clip'
    })
    .filter((element) => !element.matches('.outbox-refused')) // its list reaches into the sheet's margins
    .map((element) => `${element.className} ${element.scrollWidth} > ${element.clientWidth}`)
}

describe.each(SIZES)('at %i × %i', (width, height) => {
  beforeEach(() => page.viewport(width, height))

  test.each(['long-p0', 'long-p0-offline'] as const)(
    'the longest texts and three P0 leave each button on screen, and the way to all that one says (%s)',
    async (name) => {
      await stage.show(name)
      expect(stage.all('.overlay-acknowledge').map(isInside)).toEqual([true, true, true])
      expect(overflowing(find('.overlay'))).toEqual([])
      find('.alarm-words').click()
      await expect.element(page.getByRole('region', { name: 'What the alert says' })).toBeVisible()
      const scroller = find('.scroller-view')
      for (const top of [0, scroller.scrollHeight]) {
        scroller.scrollTo({ top, behavior: 'instant' })
        expect(isInside(find('.overlay-acknowledge'))).toBe(true)
        expect(stage.all('.overlay-steps .button').map(isInside)).toEqual([true])
      }
      expect(find('.overlay').scrollHeight).toBeLessThanOrEqual(height)
      expect(overflowing(find('.overlay'))).toEqual([])
    },
  )

  test('what is below is announced, paged to by a button, and from the top again for the next alert', async () => {
    await stage.show('long-p0')
    find('.alarm-words').click()
    const more = page.getByRole('button', { name: 'More below' })
    await expect.element(more).toBeVisible()
    expect(isInside(find('.scroller-more .button'))).toBe(true)
    await press(more)
    await expect.poll(() => find('.scroller-view').scrollTop).toBeGreaterThan(100)
    expect(document.activeElement).toBe(find('.scroller-view'))
    find('.scroller-view').scrollTo({ top: 100_000, behavior: 'instant' })
    await expect.element(more).not.toBeInTheDocument()
    await page.getByRole('button', { name: 'All 3' }).click()
    await expect.poll(() => stage.all('.alarm')).toHaveLength(3)
    stage.all('.alarm-words')[1]?.click()
    await expect.poll(() => stage.all('.alarm')).toHaveLength(0)
    expect(find('.scroller-view').scrollTop).toBe(0)
  })

  test.each(['long-p1', 'long-p1-short'] as const)(
    'with a second P1 the title of the banner keeps half of the width (%s)',
    async (name) => {
      await stage.show(name)
      const banner = find('.banner-P1')
      const words = find('.banner-what').getBoundingClientRect().width
      expect(words).toBeGreaterThanOrEqual(banner.getBoundingClientRect().width / 2)
      await expect.element(page.getByRole('button', { name: '1 more' })).toBeVisible()
      const buttons = [...banner.querySelectorAll('.button')]
      expect(buttons.map(isInside)).toEqual([true, true])
      for (const button of buttons) expect(button.getBoundingClientRect().height).toBeGreaterThanOrEqual(THUMB_PX)
    },
  )

  test.each(['long-p1', 'long-alerts', 'long-alerts-unbroken', 'long-orders', 'long-chat'] as const)(
    'a word with no place to break stays inside (%s)',
    async (name) => {
      await stage.show(name)
      expect(stage.root.textContent).toContain(WORD.slice(0, 100))
      expect(overflowing(stage.root)).toEqual([])
    },
  )

  test('nor do the sheets overflow sideways', async () => {
    await stage.show('long-orders')
    await page.getByTestId('outbox-count').click()
    await expect.element(page.getByRole('dialog')).toBeVisible()
    expect(overflowing(find('dialog'))).toEqual([])
    expect(find('dialog').textContent).toMatch(/waiting since \d\d:\d\d/)
    await userEvent.keyboard('{Escape}')
    await page.getByRole('button', { name: 'Needs your choice' }).click()
    await expect.element(page.getByRole('button', { name: 'Send my choice' })).toBeVisible()
    expect(overflowing(find('dialog'))).toEqual([])
  })

  test('the newest P1 is said once on the board: its row is the banner, and stays in sight', async () => {
    await stage.show('long-alerts-many')
    const pinned = find('.alert-pinned')
    expect(stage.root.querySelector('.banner')).toBeNull()
    expect(pinned.textContent).toContain('Extractor stands')
    find('.main').scrollTo({ top: 100_000, behavior: 'instant' })
    await expect.poll(() => isInside(pinned)).toBe(true)
  })
})

test('nobody signed in, the P1 banner stays: on a phone the board is below the form', async () => {
  await page.viewport(390, 844)
  await stage.show('signed-out')
  await expect.element(page.getByText('Hydraulic pressure low · Press 2').first()).toBeVisible()
  expect(isInside(find('.banner-P1'))).toBe(true)
  expect(stage.root.querySelector('.alert-pinned')).toBeNull()
})

test('a phone shows at least five alerts, each with a target for a thumb', async () => {
  await page.viewport(390, 844)
  for (const name of ['alerts', 'alerts-p1', 'long-alerts-many'] as const) {
    await stage.show(name)
    const bottom = find('.main').getBoundingClientRect().bottom
    const rows = stage.all('.alert')
    expect(rows.filter((row) => row.getBoundingClientRect().bottom <= bottom).length, name).toBeGreaterThanOrEqual(5)
    for (const button of stage.all('.alert-action .button')) {
      const box = button.getBoundingClientRect()
      expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(THUMB_PX)
    }
    stage.clear()
  }
})

test('a long body is opened in its row, by a button that says of what', async () => {
  await page.viewport(390, 844)
  await stage.show('long-alerts-unbroken')
  const more = page.getByRole('button', { name: /^All of: Stop the press/ })
  await expect.element(more).toHaveAttribute('aria-expanded', 'false')
  const before = find(':nth-last-child(1 of .alert) .alert-where').clientHeight
  await more.click()
  await expect.element(more).toHaveAttribute('aria-expanded', 'true')
  expect(find(':nth-last-child(1 of .alert) .alert-where').clientHeight).toBeGreaterThan(before * 5)
})
