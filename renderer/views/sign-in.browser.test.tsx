import { signal } from '@preact/signals'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { CALM, type Attention } from '../state/attention.ts'
import { NO_SOUND, type SoundState } from '../state/sound.ts'
import styles from '../styles/styles.css?inline'
import { mount } from '../testing/mount.tsx'
import { SCENES } from '../testing/scenes.ts'

/** Panels, phones, and a phone on its side. */
const SIZES = [
  [1920, 1080],
  [1280, 800],
  [390, 844],
  [844, 390],
] as const

let root: HTMLElement
let release: (() => void) | null = null

beforeAll(() => {
  document.head.appendChild(document.createElement('style')).textContent = styles
})
beforeEach(() => {
  root = document.body.appendChild(document.createElement('div'))
  root.id = 'root'
})
afterEach(() => {
  release?.()
  release = null
  root.remove()
})

async function open(attention: Attention = CALM) {
  const scene = SCENES['signed-out']
  if (scene === undefined) throw new Error('no scene')
  const mounted = await mount(root, { ...scene, attention })
  release = mounted.release
  await expect.element(page.getByRole('button', { name: '5', exact: true })).toBeInTheDocument()
  return mounted
}

function find(selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector)
  if (found === null) throw new Error(`no ${selector}`)
  return found
}

/** Where the keys are on the screen. */
function keys(): readonly (readonly [number, number, number])[] {
  return [...root.querySelectorAll('.pin-key')].map((key) => {
    const { left, top, height } = key.getBoundingClientRect()
    return [left, top, height]
  })
}

describe.each(SIZES)('at %i × %i', (width, height) => {
  beforeEach(() => page.viewport(width, height))

  test('no key of the PIN moves when bars come and go, or words about a wrong PIN', async () => {
    const state = signal<SoundState>('on')
    const { app, relay } = await open({ ...CALM, sound: { ...NO_SOUND, state } })
    const before = keys()
    expect(before).toHaveLength(12)
    const stays = async (selector: string, isThere: boolean): Promise<void> => {
      await expect.poll(() => root.querySelector(selector) !== null, { message: selector }).toBe(isThere)
      expect(keys(), selector).toEqual(before)
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

  test('choosing a view brings its words into sight', async () => {
    const { app } = await open()
    app.place.value = { ...app.place.value, view: 'orders' }
    await expect.poll(() => root.querySelector('.empty p')?.textContent).toContain('who are signed in')
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
