import { signal } from '@preact/signals'
import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { CALM, type Attention } from '../state/attention.ts'
import { NO_SOUND, type SoundState } from '../state/sound.ts'
import { GLOVE_PX, isInside, setStage, THUMB_PX } from '../testing/stage.ts'

/** Panels, phones, and a phone on its side. */
const SIZES = [
  [1920, 1080],
  [1366, 768],
  [1280, 800],
  [1024, 768],
  [390, 844],
  [844, 390],
  [740, 360],
  [640, 360],
] as const

const stage = setStage()
const { find } = stage

/** As many as a device remembers, some of them long. */
const OPERATORS = ['kim', 'lee', 'park', 'alexandra', 'jeong-hyun', 'nightshift-2']
/** As long as names may be, with a place to break and without; and one that burst its button on a panel of 1280 × 800. */
const LONG_NAMES = [
  'maintenance',
  'm'.repeat(64),
  'night-shift-'.repeat(6).slice(0, 63),
  'w'.repeat(20),
  'kim',
  'quality',
]

async function open(attention: Attention = CALM, name = 'signed-out', operators = OPERATORS) {
  const mounted = await stage.show(name, { attention, operators })
  await expect.element(page.getByRole('button', { name: '5', exact: true })).toBeInTheDocument()
  return mounted
}

/** Where on the screen is what can be pressed of the form: fields, languages, names, keys, the button. */
function places(): readonly (readonly [number, number, number])[] {
  return stage.all('.sign-in :is(button, input)').map((one) => {
    const { left, top, height } = one.getBoundingClientRect()
    return [left, top, height]
  })
}

function doOverlap(one: DOMRect | undefined, other: DOMRect): boolean {
  if (one === undefined) return false
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
}

describe.each(SIZES)('at %i × %i', (width, height) => {
  beforeEach(() => page.viewport(width, height))

  test('nothing of the form moves when bars come and go, or words about the server or a wrong PIN', async () => {
    const state = signal<SoundState>('on')
    const { app, relay } = await open({ ...CALM, sound: { ...NO_SOUND, state } })
    const before = places()
    expect(before).toHaveLength(12 + OPERATORS.length + 2 + 2 + 1)
    const stays = async (selector: string, isThere: boolean): Promise<void> => {
      await expect.poll(() => stage.root.querySelector(selector) !== null, { message: selector }).toBe(isThere)
      expect(places(), selector).toEqual(before)
    }
    state.value = 'blocked'
    await stays('.bar-sound', true)
    relay.tell({ t: 'status', status: { ...app.status.peek(), state: 'waiting', since: Date.now() - 90_000_000 } })
    await stays('.bar-stale', true)
    app.notice.value = 'This terminal cannot write to its disk.'
    await stays('.bar-needs-you', true)
    app.update.value = { kind: 'ready', restart: () => Promise.resolve(null) }
    await stays('.bar-update', true)
    state.value = 'on'
    await stays('.bar-sound', false)
    app.notice.value = null
    app.update.value = null
    await stays('.bar-update', false)
    relay.tell({ t: 'status', status: { ...app.status.peek(), state: 'live', since: null } })
    await stays('.bar-stale', false)
    find('.sign-in-submit').click()
    await stays('.field-error', true)
    find('.pin-key').click()
    await stays('.field-error', false)
  })

  test.runIf(width >= 1024)(
    'all of the form is on the screen at once, each button 20 mm of a 24-inch panel high',
    async () => {
      await open(CALM, 'signed-out-offline')
      const { scrollHeight, clientHeight } = find('.sign-in')
      expect(scrollHeight).toBeLessThanOrEqual(clientHeight)
      for (const button of stage.all('.sign-in :is(.button, .pin-key, .choice-option)')) {
        expect(button.getBoundingClientRect().height, button.textContent).toBeGreaterThanOrEqual(GLOVE_PX)
      }
    },
  )

  test('names stay inside their buttons, which stand side by side, and each says the whole name', async () => {
    await open(CALM, 'signed-out', LONG_NAMES)
    const buttons = stage.all('.sign-in-recent .button')
    expect(buttons.map((button) => button.textContent)).toEqual(LONG_NAMES)
    expect(stage.all('.sign-in-name').map(({ title }) => title)).toEqual(LONG_NAMES)
    const boxes = buttons.map((button) => button.getBoundingClientRect())
    for (const [n, button] of buttons.entries()) {
      const name = LONG_NAMES[n]
      expect(button.scrollWidth, name).toBeLessThanOrEqual(button.clientWidth)
      expect(button.scrollHeight, name).toBeLessThanOrEqual(button.clientHeight)
      for (const other of boxes.slice(n + 1)) expect(doOverlap(boxes[n], other), name).toBe(false)
      expect(Math.min(button.clientWidth, button.clientHeight), name).toBeGreaterThanOrEqual(THUMB_PX)
    }
    const { scrollWidth, clientWidth } = find('.sign-in')
    expect(scrollWidth).toBeLessThanOrEqual(clientWidth)
  })

  test.runIf(height < 400)('on its side each digit, each field and the button are in sight over a P1', async () => {
    await open()
    const banner = find('.banner-P1').getBoundingClientRect()
    expect(banner.bottom).toBeLessThanOrEqual(height)
    const deeds = stage.all('.pin-key, .sign-in .input, .sign-in-submit')
    expect(deeds).toHaveLength(15)
    for (const deed of deeds) {
      expect(isInside(deed), deed.textContent).toBe(true)
      expect(deed.getBoundingClientRect().bottom, deed.textContent).toBeLessThanOrEqual(banner.top)
    }
  })

  test('choosing a view brings its words into sight', async () => {
    const { app } = await open()
    app.place.value = { ...app.place.value, view: 'orders' }
    await expect.poll(() => stage.root.querySelector('.empty p')?.textContent).toContain('who are signed in')
    await expect
      .poll(() => {
        const words = find('.empty p').getBoundingClientRect()
        const bars = find('.bars').getBoundingClientRect()
        const end = bars.height > 0 && bars.left < words.right && bars.top > words.top ? bars.top : innerHeight
        return words.top >= 0 && words.bottom <= end
      })
      .toBe(true)
  })
})
