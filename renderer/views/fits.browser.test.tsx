import { describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import { alert, ALERTS, SESSION, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { VIEWS, type ViewName } from '../state/place.ts'
import { BOARD_SCENES } from '../testing/board-scenes.ts'
import { EQUIPMENT_SCENES } from '../testing/equipment-scenes.ts'
import { openScreenKeyboard } from './screen-keyboard.tsx'
import { GLOVE_PX, painted, setStage, THUMB_PX } from '../testing/stage.ts'
import { en } from '../text/en.ts'
import { ko } from '../text/ko.ts'
import { setWords } from '../text/text.ts'

const stage = setStage({ ...BOARD_SCENES, ...EQUIPMENT_SCENES })
const SUPERVISOR = { ...SESSION, role: 'supervisor', areas: ['*'] } as const

/** Views that a way leads to: the first to the own line, or to all of them. */
function waysOf(role: 'operator' | 'supervisor'): readonly ViewName[] {
  const others: readonly ViewName[] = role === 'operator' ? ['wall', 'site', 'rejections'] : ['wall', 'line']
  return VIEWS.filter((one) => !others.includes(one))
}

/** Words that stand on more than one line, each with how many. */
function broken(within: Element): readonly string[] {
  const range = document.createRange()
  return [...within.childNodes].flatMap((node) =>
    [...(node instanceof Text ? node.data.matchAll(/\S+/g) : [])].flatMap(({ 0: word, index }) => {
      range.setStart(node, index)
      range.setEnd(node, index + word.length)
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size
      return lines > 1 ? [`${word}: ${lines} lines`] : []
    }),
  )
}

/** Whether this end of it, and what stands before that, are on two lines. */
function isBroken({ firstChild }: Element, end: RegExp): boolean {
  const at = firstChild instanceof Text ? firstChild.data.search(end) : -1
  if (!(firstChild instanceof Text) || at < 1) return false
  const range = document.createRange()
  range.setStart(firstChild, at - 1)
  range.setEnd(firstChild, firstChild.length)
  return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1
}

describe.each([390, 360])('on a phone of %i', (width) => {
  const MANY = Array.from({ length: 60 }, (_, n) => alert(100 + n, { title: `Alert ${n}` }))

  test.each([
    ['en', 'operator'],
    ['en', 'supervisor'],
    ['ko', 'supervisor'],
  ] as const)(
    'no way to a view breaks in a word, chosen or not, nor does its count (%s, %s)',
    async (language, role) => {
      await page.viewport(width, 844)
      const session = role === 'operator' ? SESSION : SUPERVISOR
      const channels = [stateChannel(URGENT_CHANNEL, 1), stateChannel(ALERTS, 1, MANY)]
      const { app } = await stage.open({ hash: '#/line-3/alerts', view: view(0, { channels, session }) })
      app.deviceLanguage.value = language
      const table = language === 'ko' ? ko : en
      setWords(table)
      await expect.poll(() => stage.root.querySelector('.navigation')?.ariaLabel).toBe(table.nav.label)
      for (const name of waysOf(role)) {
        app.place.value = { ...app.place.value, view: name }
        const chosen = () => stage.root.querySelector('.navigation-item[aria-current]')?.getAttribute('href')
        await expect.poll(chosen).toContain(name)
        const items = stage.all('.navigation-item, .navigation-count')
        expect(items.flatMap(broken), name).toEqual([])
      }
      const count = stage.root.querySelector('.navigation-count')
      expect(count?.textContent).toBe('60')
    },
  )
})

/** Where each word stands, and how large what can be chosen is: the same whether it is chosen or not. */
function placesOf(selector: string): readonly (readonly number[])[] {
  const range = document.createRange()
  return stage.all(selector).map((one) => {
    range.selectNodeContents(one)
    const lines = [...range.getClientRects()].map(({ top, left }) => [Math.round(top), Math.round(left)])
    return [one.clientWidth, one.clientHeight, ...lines.flat()]
  })
}

describe.each([
  [1920, 1080],
  [1366, 768],
  [1280, 800],
  [1024, 768],
  [844, 390],
  [390, 844],
])('at %i × %i', (width, height) => {
  test.each([
    ['en', en],
    ['ko', ko],
  ] as const)('what is chosen has the lines and the size that it has unchosen (%s)', async (language, table) => {
    await page.viewport(width, height)
    const { app } = await stage.open({ hash: '#/line-3/alerts', view: view(0, { session: SUPERVISOR }) })
    app.deviceLanguage.value = language
    setWords(table)
    await expect.poll(() => stage.root.querySelector('.navigation')?.ariaLabel).toBe(table.nav.label)
    const seen = []
    for (const name of waysOf('supervisor')) {
      app.place.value = { ...app.place.value, view: name }
      const chosen = () => stage.root.querySelector('.navigation-item[aria-current]')?.getAttribute('href')
      await expect.poll(chosen).toContain(name)
      seen.push(placesOf('.navigation-item'))
    }
    expect(new Set(seen.map((places) => JSON.stringify(places))).size, JSON.stringify(seen)).toBe(1)
    app.sheet.value = { kind: 'raise', draft: { priority: null, area: 'line-3', title: '', body: '' } }
    const faces = '.choice-option input + .choice-face'
    await expect.poll(() => stage.all(faces).length).toBeGreaterThan(3)
    const unchosen = placesOf(faces)
    for (const radio of stage.all('dialog input[type="radio"]')) {
      radio.click()
      await expect.poll(() => radio.matches(':checked')).toBe(true)
      expect(placesOf(faces), radio.getAttribute('value') ?? '').toEqual(unchosen)
    }
  })
})

test.each([
  [1920, 1080, 300],
  [1366, 768, 255],
  [1280, 800, 300],
])('at %i × %i every way is whole above a keyboard on the screen of %i', async (width, height, keyboard) => {
  await page.viewport(width, height)
  document.documentElement.style.setProperty('--keyboard', `${keyboard}px`)
  try {
    await stage.open({ hash: '#/line-3/chat', view: view(0, { session: SUPERVISOR }) })
    const ways = stage.all('.navigation-item').map((way) => way.getBoundingClientRect())
    expect(ways).toHaveLength(8)
    for (const [index, { top, bottom }] of ways.entries()) {
      expect(top).toBeGreaterThanOrEqual(ways[index - 1]?.bottom ?? 0)
      expect(bottom).toBeLessThanOrEqual(height - keyboard)
      expect(bottom - top).toBeGreaterThanOrEqual(THUMB_PX)
    }
    for (const table of [en, ko]) {
      setWords(table)
      await painted()
      for (const way of stage.all('.navigation-item')) expect(way.scrollHeight).toBeLessThanOrEqual(way.clientHeight)
    }
  } finally {
    document.documentElement.style.removeProperty('--keyboard')
  }
})

test.each([
  [1920, 1080],
  [1280, 800],
])('at %i × %i every deed on an alert is 20 mm of a 24-inch panel high', async (width, height) => {
  await page.viewport(width, height)
  await stage.show('alerts-p1')
  await expect.poll(() => stage.all('.alert-action .button').length).toBeGreaterThan(3)
  for (const button of stage.all('.alert-action .button')) {
    expect(button.getBoundingClientRect().height, button.textContent).toBeGreaterThanOrEqual(GLOVE_PX)
  }
})

describe.each([390, 360])('in the overview on a phone of %i', (width) => {
  test.each([
    ['site-offline', 4],
    ['site', 8],
  ] as const)('no name of a line breaks in a word, however its state is said (%s)', async (name, lines) => {
    await page.viewport(width, 844)
    await stage.show(name)
    await expect.poll(() => stage.all('.band-open bdi').length).toBe(lines)
    expect(stage.all('.band-open bdi').flatMap(broken)).toEqual([])
    // Nor is what is wrong broken before the number of its machine.
    const titles = stage.all('.band-title')
    expect(titles.length).toBeGreaterThan(1)
    expect(titles.filter((title) => isBroken(title, /\s\d+$/u))).toEqual([])
  })
})

test.each([
  [1280, 800],
  [1366, 768],
  [1920, 1080],
  [390, 844],
])('the times below a trend are to be seen with it on %i × %i', async (width, height) => {
  await page.viewport(width, height)
  const { app, relay } = await stage.show('equipment')
  await expect.poll(() => stage.all('[data-testid=tile]').length).toBeGreaterThan(3)
  for (const [channel, values] of Object.entries(EQUIPMENT_SCENES['equipment']?.live ?? {}))
    relay.live(channel as ChannelName, values)
  app.sheet.value = { kind: 'trend', machine: 'press-1', signal: 'pressure' }
  await expect.poll(() => stage.all('.trend-chart canvas').length).toBe(1)
  await expect.poll(() => stage.all('[data-testid=present]').length).toBe(1)
  await painted()
  expect(stage.find('.trend-chart').getBoundingClientRect().bottom).toBeLessThanOrEqual(height)
  expect(stage.find('.trend-chart').getBoundingClientRect().height).toBeGreaterThanOrEqual(220)
})

test.each([1920, 1280, 390, 360])(
  'a quantity that waits for the server says so beside it, over nothing (%i wide)',
  async (width) => {
    await page.viewport(width, 900)
    await stage.show('orders-offline')
    await expect.poll(() => stage.all('.cell-quantity .value-waiting .sign').length).toBe(1)
    const sign = stage.find('.cell-quantity .value-waiting .sign')
    const box = sign.getBoundingClientRect()
    const row = sign.closest('.order') ?? document.body
    const range = document.createRange()
    const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT)
    const over: string[] = []
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      range.selectNodeContents(node)
      for (const words of range.getClientRects())
        if (
          words.left < box.right + 1 &&
          words.right > box.left - 1 &&
          words.top < box.bottom &&
          words.bottom > box.top
        )
          over.push(node.textContent ?? '')
    }
    expect(over.filter((words) => words.trim() !== '')).toEqual([])
  },
)

test.each([
  [1920, 1080],
  [1280, 800],
  [1024, 768],
])(
  'the field that the keyboard on the screen writes into is all above it, frame and all, on %i × %i',
  async (width, height) => {
    await page.viewport(width, height)
    const { app } = await stage.show('orders')
    const release = openScreenKeyboard({ isWanted: () => true })
    app.sheet.value = { kind: 'new-order', area: 'line-3', draft: null }
    await expect.poll(() => stage.all('dialog .input').length).toBeGreaterThan(2)
    const field = stage.all('dialog .input').at(-1)
    if (field === undefined) throw new Error('no field')
    for (const name of ['pointerdown', 'pointerup'])
      field.dispatchEvent(new PointerEvent(name, { bubbles: true, pointerType: 'touch' }))
    field.focus()
    field.click()
    await expect.poll(() => document.querySelector('.keyboard')).not.toBeNull()
    await expect.poll(() => document.documentElement.style.getPropertyValue('--keyboard')).toMatch(/^[1-9]/)
    await painted()
    const { left, bottom, width: across } = field.getBoundingClientRect()
    // What a finger meets just below it is still the form.
    const below = document.elementFromPoint(left + across / 2, bottom + 6)
    expect(below?.closest('.sheet-body')).not.toBeNull()
    expect(below?.closest('.sheet-body')).toBe(field.closest('.sheet-body'))
    release()
  },
)
