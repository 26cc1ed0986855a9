import { signal } from '@preact/signals'
import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { alert, EPOCH, event, setting } from '../../relay/domain/testing/samples.ts'
import { CALM, type Attention } from '../state/attention.ts'
import { NO_SOUND } from '../state/sound.ts'
import { press } from '../testing/finger.ts'
import { LONG_SCENES } from '../testing/long-scenes.ts'
import { ALARM_SCREENS, isInside, leastPressed, setStage } from '../testing/stage.ts'

const stage = setStage(LONG_SCENES)
const { all } = stage

/** A P0 sounds: the button that silences it takes its room. */
const SOUNDING: Attention = { ...CALM, sound: { ...NO_SOUND, isAlarming: signal(true) } }

async function open(name: string, panels: number) {
  const mounted = await stage.show(name, { attention: SOUNDING })
  await expect.poll(() => all('.alarm')).toHaveLength(panels)
  return mounted
}

/** What a person sees of the title in a panel: its letters that are neither cut off, nor under a fade, nor off the screen. */
function seenTitle(panel: HTMLElement): string {
  const title = panel.querySelector('.alarm-title:not(.is-measured)')
  const words = panel.querySelector('.alarm-words')
  const letters = title?.firstChild
  if (title === null || words === null || !(letters instanceof Text)) throw new Error('no title')
  const boxes = [title, words].map((element) => element.getBoundingClientRect())
  const top = Math.max(...boxes.map((box) => box.top))
  const fade = all('.scroller-more').map((more) => more.getBoundingClientRect().top)
  const bottom = Math.min(innerHeight, ...boxes.map((box) => box.bottom), ...fade)
  const range = document.createRange()
  return Array.from({ length: letters.data.length }, (_, n) => {
    range.setStart(letters, n)
    range.setEnd(letters, n + 1)
    const box = range.getBoundingClientRect()
    // Letters are a little higher than their lines.
    return box.top >= top - SLACK && box.bottom <= bottom + SLACK ? letters.data[n] : ''
  }).join('')
}
/** Pixels by which a line of letters stands out of its box. */
const SLACK = 6

/** Where the panels with these titles are. */
function places(...titles: readonly string[]): readonly string[] {
  return titles.map((title) => {
    const panel = all('.alarm').find(({ textContent }) => textContent.includes(title))
    const { x, y, width, height } = panel?.getBoundingClientRect() ?? new DOMRect()
    return [x, y, width, height].join(' ')
  })
}

describe.each(ALARM_SCREENS)('at %i × %i', (width, height) => {
  beforeEach(() => page.viewport(width, height))

  test.each([
    ['p0-three', 3, 2],
    ['p0-ten', 10, 10],
    ['p0-ten-alike', 10, 10],
    ['long-p0', 3, 3],
    ['p0-several-signed-out', 3, 0],
  ])('%s: all are seen together, each with its own button', async (name, panels, buttons) => {
    await open(name, panels)
    expect(all('.alarm-title:not(.is-measured)').map(isInside)).toEqual(Array(panels).fill(true))
    const acknowledging = all('.alarm .overlay-acknowledge')
    expect(acknowledging.map(isInside)).toEqual(Array(buttons).fill(true))
    expect(all('.scroller-more')).toHaveLength(0)
    const least = leastPressed(width, height)
    for (const button of all('.overlay .button')) {
      expect(isInside(button), button.textContent).toBe(true)
      expect(button.getBoundingClientRect().height, button.textContent).toBeGreaterThanOrEqual(least)
    }
    // As many names as titles, of which two may be the same.
    const titles = all('.alarm:has(.overlay-acknowledge) .alarm-title-place > :first-child')
    const names = new Set(acknowledging.map((button) => button.ariaLabel))
    expect(names.size).toBe(new Set(titles.map(({ textContent }) => textContent)).size)
  })

  test.each([
    ['p0-ten', 10],
    ['p0-ten-alike', 10],
    ['p0-three', 3],
  ])('%s: what is seen of each title tells it from the others', async (name, panels) => {
    await open(name, panels)
    // Each names its machine or place, which are different; and a screen reader has all of it.
    const ends = all('.alarm-title-place > :first-child').map(({ textContent }) => textContent.split('· ')[1] ?? '-')
    expect(new Set(ends).size).toBe(name === 'p0-three' ? 2 : panels)
    const lacking = () => all('.alarm').filter((panel, index) => !seenTitle(panel).includes(ends[index] ?? '-'))
    await expect.poll(lacking).toEqual([])
    expect(new Set(all('.alarm').map(seenTitle)).size).toBe(panels)
    const buttons = all('.alarm-words').map(({ ariaLabel, textContent }) => ariaLabel ?? textContent)
    expect(buttons.filter((words) => / · /.test(words))).toHaveLength(panels)
  })

  test('what one of them gets, or another that comes, moves none of the others', async () => {
    const { relay } = await open('p0-three', 3)
    const [gas, smoke] = ['Gas warning', 'Smoke at the extractor']
    const before = places(gas, smoke)
    await page.getByRole('button', { name: /^I have it: Emergency stop pulled/ }).click()
    await expect.poll(() => all('.alarm-settled').map(({ textContent }) => textContent)).toHaveLength(1)
    expect(all('.alarm-settled')[0]?.textContent).toContain('Saved here, waiting for server')
    expect(places(gas, smoke)).toEqual(before)

    const fire = alert(19, { priority: 'P0', title: 'Fire at press 7' })
    const raised = event(2, setting(fire), { type: 'alert.raised' })
    relay.tell({ t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: raised })
    await expect.poll(() => all('.alarm').some(({ textContent }) => textContent.includes('Fire at press 7'))).toBe(true)
    expect(all('.alarm')).toHaveLength(3)
    expect(places(gas, smoke)).toEqual(before)
    // It came under the finger that has just pressed.
    const [button] = all('.overlay-acknowledge').filter(({ ariaLabel }) => ariaLabel?.includes('Fire') === true)
    expect(button?.ariaDisabled).toBe('true')
  })
})

test('one that a terminal has taken says its name as other views do', async () => {
  await page.viewport(1280, 800)
  const { relay } = await open('p0-three', 3)
  const acknowledged = { by: 'device:Press 7', on: null, at: '2026-11-20T05:03:00.000Z' }
  const acked = event(41, setting(alert(18, { priority: 'P0', title: 'Smoke', acknowledged })), {
    type: 'alert.acknowledged',
  })
  relay.tell({ t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: acked })
  await expect.poll(() => all('.alarm-settled').length).toBe(1)
  expect(all('.alarm-settled .alarm-action')[0]?.textContent).toMatch(/^✓ Press 7 /)
})

test('all that one of them says is one press away, and all of them one more', async () => {
  await page.viewport(1280, 800)
  await open('p0-three', 3)
  all('.alarm-words')[2]?.click()
  await expect.element(page.getByRole('heading', { name: 'Smoke at the extractor · Paint booth' })).toBeVisible()
  await expect.element(page.getByText('Cut the power at panel B.')).toBeVisible()
  await press(page.getByRole('button', { name: 'All 3' }))
  await expect.poll(() => all('.alarm')).toHaveLength(3)
})

describe('a mark that flashes', () => {
  const MARKS = ['.mark-P0', '.banner-P1 .mark', '.alert .mark-P1', '.mark-outline', '.alarm .mark'] as const

  test('is drawn twice a second and not in every frame: nothing on the page is animated [F7]', async () => {
    await open('p0-three', 3)
    await expect.poll(() => document.documentElement.dataset['dim']).toBeDefined()
    expect(document.getAnimations()).toEqual([])
  })

  test.each(['light', 'dark'] as const)('has letters that can be read in both halves of it (%s)', async (theme) => {
    document.documentElement.dataset['theme'] = theme
    for (const scene of ['p0-three', 'alerts-p1', 'p0-acked-offline']) {
      await stage.show(scene)
      document.documentElement.dataset['theme'] = theme
      await expect.poll(() => all('.mark').length).toBeGreaterThan(0)
      for (const mark of all(MARKS.join())) {
        const [shape, letters] = [mark.querySelector('.mark-shape'), mark.querySelector('.mark-text')]
        if (shape === null || letters === null) throw new Error('no mark')
        const fills = ['', 'fast slow'].map((dim) => {
          document.documentElement.dataset['dim'] = dim
          const contrast = contrastOf(getComputedStyle(shape).fill, getComputedStyle(letters).fill)
          expect(getComputedStyle(shape).fillOpacity).toBe('1')
          expect(contrast, `${scene} ${mark.getAttribute('class')} ${dim}`).toBeGreaterThanOrEqual(3)
          return getComputedStyle(shape).fill
        })
        expect(fills[0] !== fills[1]).toBe(mark.matches('.mark-P0.mark-flashing, .mark-P1.mark-flashing'))
      }
    }
    delete document.documentElement.dataset['theme']
  })
})

/** WCAG 2.2 contrast of two `rgb(…)`. */
function contrastOf(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

function luminanceOf(color: string): number {
  const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
    const share = Number(part) / 255
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
