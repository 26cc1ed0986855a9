import { render } from 'preact'
import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { AppContext } from '../state/use-app.ts'
import type { App } from '../state/app.ts'
import { centre, tap } from '../testing/finger.ts'
import { HandClock } from '../testing/hand-clock.ts'
import { SCENES } from '../testing/scenes.ts'
import { painted, setStage } from '../testing/stage.ts'
import { lateWindow, ROW_WINDOW, type LateWindow } from './late-window.ts'
import { PLAIN_ROWS } from './plain-rows.ts'
import { RowList } from './row-list.tsx'
import { WINDOW_AGAIN_MS, WINDOW_PATIENCE_MS } from './use-row-places.ts'

const MANY = 400
/** No row has the height that is guessed, nor a whole one. */
const ESTIMATE = 50
const heightOf = (key: string): number => 40.4 + (Number(key.slice(1)) % 3) * 10

const stage = setStage()
let clock: HandClock
let place: HTMLElement
let app: App
let pressed: string[] = []
let loading: Loading

/** What leaves rows out, when the test says that it is there, or that it cannot be had. */
class Loading {
  readonly late: LateWindow
  asked = 0
  #settle: { readonly arrive: () => void; readonly fail: () => void } | null = null

  constructor() {
    this.late = lateWindow(async () => {
      this.asked += 1
      await new Promise<void>((resolve, reject) => {
        this.#settle = { arrive: resolve, fail: () => reject(new TypeError('Failed to fetch')) }
      })
      const { loaded } = ROW_WINDOW
      if (loaded === null) throw new Error('the stage loads it')
      return loaded
    })
  }

  async arrive(): Promise<void> {
    this.#settle?.arrive()
    await painted()
  }

  async fail(): Promise<void> {
    this.#settle?.fail()
    await painted()
  }
}

beforeEach(async () => {
  await page.viewport(1_280, 800)
  clock = new HandClock()
  pressed = []
  loading = new Loading()
  const scene = SCENES['alerts']
  if (scene === undefined) throw new Error('no scene')
  app = (await stage.open({ ...scene, clock })).app
  place = document.body.appendChild(document.createElement('div'))
  place.style.cssText = 'position: fixed; inset: 100px 0 0 0; overflow-y: auto; background: white; z-index: 10'
  return () => {
    render(null, place)
    place.remove()
  }
})

const keys = (count: number, first = 1): readonly string[] => Array.from({ length: count }, (_, n) => `k${first + n}`)

async function show(order: readonly string[], { pinned = null }: { readonly pinned?: string | null } = {}) {
  const rows = order.map((key) => ({ key, row: key, isGone: false }))
  render(
    <AppContext.Provider value={app}>
      <div style={{ height: '30px' }}>The line</div>
      <RowList
        label="Rows"
        held={{ rows, order, waiting: [], showAll: () => undefined }}
        estimate={ESTIMATE}
        pinned={pinned}
        attributes={({ key }) => ({
          class: key === pinned ? 'alert-pinned' : '',
          style: { height: `${heightOf(key)}px` },
        })}
        late={loading.late}
      >
        {({ key }) => (
          <button type="button" onClick={() => pressed.push(key)}>
            {key}
          </button>
        )}
      </RowList>
    </AppContext.Provider>,
    place,
  )
  await painted()
}

const drawn = (): readonly HTMLElement[] => [...place.querySelectorAll<HTMLElement>('[data-row]')]
const names = (): readonly string[] => drawn().map((row) => row.dataset['row'] ?? '')
const row = (key: string) => place.querySelector<HTMLElement>(`[data-row="${key}"]`)
const button = (key: string) => row(key)?.querySelector('button') ?? null

/** Where the rows stand that are in sight, pixels from the top of the page. */
function seen(): ReadonlyMap<string, number> {
  const { top, bottom } = place.getBoundingClientRect()
  const boxes = drawn().map((one) => [one.dataset['row'] ?? '', one.getBoundingClientRect()] as const)
  return new Map(boxes.filter(([, box]) => box.bottom > top && box.top < bottom).map(([key, box]) => [key, box.top]))
}

/** By how much rows that were in sight stand elsewhere, pixels; a page cannot be scrolled by less than one. */
function shift(before: ReadonlyMap<string, number>): number {
  const now = new Map(drawn().map((one) => [one.dataset['row'], one.getBoundingClientRect().top]))
  return Math.max(...[...before].map(([key, top]) => Math.abs((now.get(key) ?? Number.POSITIVE_INFINITY) - top)))
}

test('[F5] a short list is drawn as it is, and loads nothing for long ones', async () => {
  await show(keys(PLAIN_ROWS))
  expect(names()).toEqual(keys(PLAIN_ROWS))
  expect(drawn()[0]?.ariaSetSize).toBe(String(PLAIN_ROWS))
  expect(place.querySelector<HTMLElement>('.rows-gap')?.offsetHeight).toBe(0)
  expect(loading.asked).toBe(0)
})

describe('a short list', () => {
  test('[F5] what comes above does not move what is in sight, the pinned row neither', async () => {
    await show(keys(40), { pinned: 'k1' })
    place.scrollTop = 600
    await painted()
    const before = seen()
    await show(['k1', ...keys(5, 101), ...keys(39, 2)], { pinned: 'k1' })
    expect(shift(before)).toBeLessThanOrEqual(1)
    expect(place.scrollTop).toBeGreaterThan(600)
  })

  test('[F3] rows that stand elsewhere take no press at first, the others do', async () => {
    await show(keys(10))
    clock.pass(60_000)
    await show(['k1', 'k3', 'k2', ...keys(7, 4)])
    await tap(centre(button('k3')))
    await tap(centre(button('k1')))
    expect(pressed).toEqual(['k1'])
  })

  test('[F5] the row that is asked for is brought into sight', async () => {
    app.reveal.value = 'k50'
    await show(keys(60))
    await expect.poll(() => [...seen().keys()]).toContain('k50')
    expect(app.reveal.value).toBeNull()
  })
})

describe('a list that becomes a long one', () => {
  const GROWN = [...keys(40), ...keys(MANY, 1_001)]

  test('[F5] shows its first rows and the room of the others, until it can leave rows out', async () => {
    await show(GROWN)
    expect(names()).toEqual(GROWN.slice(0, PLAIN_ROWS))
    expect(drawn().at(-1)?.ariaSetSize).toBe(String(GROWN.length))
    const room = place.scrollHeight
    expect(room).toBeGreaterThan((GROWN.length - PLAIN_ROWS) * ESTIMATE)
    await loading.arrive()
    expect(drawn().length).toBeLessThan(PLAIN_ROWS)
    expect(Math.abs(place.scrollHeight - room)).toBeLessThan(PLAIN_ROWS)
    place.scrollTop = place.scrollHeight
    await expect.poll(() => drawn().at(-1)?.ariaPosInSet).toBe(String(GROWN.length))
  })

  test('[F3] [F5] moves nothing that is in sight as it begins to leave rows out', async () => {
    await show(keys(40))
    place.scrollTop = 900
    await painted()
    const before = seen()
    expect(before.size).toBeGreaterThan(5)
    await show(GROWN)
    clock.pass(1_500)
    expect(shift(before)).toBeLessThanOrEqual(1)
    const elements = [...before.keys()].map(row)
    await loading.arrive()
    await painted()
    expect(names()).not.toContain('k1')
    expect(shift(before)).toBeLessThanOrEqual(1)
    expect([...before.keys()].map(row)).toEqual(elements)
    // A finger that is on its way finds what it was aimed at.
    const key = [...before.keys()][4] ?? ''
    await tap(centre(button(key)))
    expect(pressed).toEqual([key])
  })

  test('[F5] keeps in sight what was in sight, when hundreds of rows come above it', async () => {
    await show(keys(40))
    place.scrollTop = 900
    await painted()
    const before = seen()
    await show([...keys(MANY, 1_001), ...keys(40)])
    expect(shift(before)).toBeLessThanOrEqual(1)
    await loading.arrive()
    await painted()
    expect(shift(before)).toBeLessThanOrEqual(1)
  })

  test('[F5] keeps the focus, in sight or not', async () => {
    await show(keys(40))
    const focused = button('k3')
    focused?.focus({ preventScroll: true })
    place.scrollTop = 900
    await painted()
    await show(GROWN)
    await loading.arrive()
    await painted()
    expect(names()).not.toContain('k2')
    expect(document.activeElement).toBe(focused)
    expect(focused?.isConnected).toBe(true)
  })

  test('[F5] brings a row into sight that is asked for before it knows where that one stands', async () => {
    app.reveal.value = 'k1300'
    await show(GROWN)
    expect(app.reveal.value).toBe('k1300')
    await loading.arrive()
    await expect.poll(() => [...seen().keys()]).toContain('k1300')
    expect(app.reveal.value).toBeNull()
  })

  test('[F5] goes on leaving rows out when it is short again', async () => {
    await show(GROWN)
    await loading.arrive()
    await show(keys(40))
    expect(drawn().length).toBeLessThan(40)
    await show(GROWN)
    expect(loading.asked).toBe(1)
  })
})

describe('what leaves rows out', () => {
  test('[F5] cannot be loaded: all rows are drawn, and it is asked for again later', async () => {
    await show(keys(MANY))
    await loading.fail()
    await expect.poll(names).toEqual(keys(MANY))
    expect(loading.asked).toBe(1)
    place.scrollTop = 9_000
    await painted()
    const before = seen()
    clock.pass(WINDOW_AGAIN_MS)
    await expect.poll(() => loading.asked).toBe(2)
    await loading.arrive()
    await expect.poll(() => drawn().length).toBeLessThan(PLAIN_ROWS)
    expect(shift(before)).toBeLessThanOrEqual(1)
  })

  test('[F5] does not come, nor fail: all rows are drawn after a moment, and it is taken when it comes', async () => {
    await show(keys(MANY))
    clock.pass(WINDOW_PATIENCE_MS - 1)
    await painted()
    expect(names()).toEqual(keys(PLAIN_ROWS))
    clock.pass(1)
    await expect.poll(names).toEqual(keys(MANY))
    await loading.arrive()
    await expect.poll(() => drawn().length).toBeLessThan(PLAIN_ROWS)
    expect(loading.asked).toBe(1)
  })
})
