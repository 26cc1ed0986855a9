import type { Browser, Page } from 'playwright-core'
import { rowsOf, type Bench } from './bench.ts'
import { onGallery } from './gallery-page.ts'
import { pause } from './processes.ts'
import { quantile } from './quantile.ts'
import type { Row } from './table.ts'

/** Alerts a second, and for how long before anything is measured: 1,200 rows. */
const RATE = 60
const WARM_UP_MS = 20_000
/** Half as many of which a quarter are P0 that nobody takes: 150 before anything is measured. */
const P0_RATE = 30
const P0_EVERY = 4
/** The processor of a weak terminal. */
const THROTTLE = 4
/** P0s, each shown for a while and then taken by somebody else; and how long one is waited for. */
const P0S = 20
const P0_MS = 400
const P0_PATIENCE_MS = 10_000
/** Pairs of presses on "Alerts" and "Equipment". */
const PRESSES = 8
/** Longer than what has moved takes no press, on a page that counts it from a late frame. */
const STEADY_MS = 1_500
const PRESS_PATIENCE_MS = 60_000

interface Setting {
  readonly name: string
  readonly query: string
  /** What can be pressed: the views, or under a flood of P0 the button that shows others of them. */
  readonly presses: 'views' | 'others'
  readonly reducedMotion: 'reduce' | 'no-preference'
}

const SETTINGS: readonly Setting[] = [
  { name: 'the board', query: `scene=alerts&flood=${RATE}`, presses: 'views', reducedMotion: 'no-preference' },
  { name: 'the board, reduced motion', query: `scene=alerts&flood=${RATE}`, presses: 'views', reducedMotion: 'reduce' },
  {
    name: '240 signals at 10 Hz',
    query: `scene=equipment-240&rate=10&flood=${RATE}`,
    presses: 'views',
    reducedMotion: 'no-preference',
  },
  {
    name: `P0 flood: ${P0_RATE}/s, a quarter P0`,
    query: `scene=alerts&flood=${P0_RATE}&p0-every=${P0_EVERY}`,
    presses: 'others',
    reducedMotion: 'no-preference',
  },
]

export const FLOOD: Bench = {
  name: 'flood',
  says: `${RATE} new alerts a second in Chromium with a processor slowed ${THROTTLE} times: the P0 overlay, presses, changes of view`,
  seconds: 200,
  async run(progress) {
    const rows = await onGallery(progress, (browser, url) =>
      rowsOf(SETTINGS, progress, (setting) => measure(browser, url, setting)),
    )
    return [tableOf(rows)]
  },
}

function tableOf(rows: readonly Row[]) {
  return {
    title: `${RATE} alerts a second, after ${(RATE * WARM_UP_MS) / 1_000} of them, ${THROTTLE} × slower`,
    columns: [
      { name: 'P0 painted p50, ms', better: 'less', digits: 0 },
      { name: 'p99', better: 'less', digits: 0 },
      { name: 'not in 10 s', better: 'less', digits: 0 },
      { name: 'press longest, ms', better: 'less', digits: 0 },
      { name: 'view longest, ms', better: 'less', digits: 0 },
      { name: 'busy, ms/s', better: 'less', digits: 0 },
      { name: 'rows in the page', better: 'less', digits: 0 },
      { name: 'P0 over it', better: 'less', digits: 0 },
    ],
    rows,
    ours: '',
    notes: [
      `The gallery's page over a relay that answers in the page. ${P0S} P0s, from the relay's word to the frame after the one that draws it.`,
      'A press on “Alerts” or “Equipment” is measured to the next paint (W3C Event Timing), a view to the frame after its heading is there.',
      `P0 flood: every ${P0_EVERY}th of ${P0_RATE} a second is one that nobody takes. One more is painted when it is named as the newest; a press is on “Show others”, a view the next ten.`,
      'Busy: tasks of 50 ms and more (W3C Long Tasks) over the whole measurement.',
    ],
  } as const
}

async function measure(browser: Browser, url: string, setting: Setting): Promise<Row> {
  const { name, query, reducedMotion } = setting
  const page = await browser.newPage({ viewport: { width: 1_920, height: 1_080 }, reducedMotion })
  page.setDefaultTimeout(PRESS_PATIENCE_MS)
  try {
    await page.goto(`${url}?${query}`)
    await page.locator('.main h1').first().waitFor()
    const session = await page.context().newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE })
    await pause(WARM_UP_MS)
    await page.evaluate(watch)
    const late: number[] = []
    for (let n = 0; n < P0S; n += 1) {
      late.push(await page.evaluate(paintP0, { patienceMs: P0_PATIENCE_MS, shownMs: P0_MS }))
      await pause(100)
    }
    const shown = late.filter((ms) => ms < P0_PATIENCE_MS)
    const views = setting.presses === 'views' ? await changeViews(page) : await showOthers(page)
    const { presses, busy, rows, p0s } = await page.evaluate(read)
    return {
      name,
      values: [
        quantile(late, 0.5),
        quantile(late, 0.99),
        late.length - shown.length,
        Math.max(0, ...presses),
        Math.max(0, ...views),
        busy,
        rows,
        p0s,
      ],
    }
  } finally {
    await page.close()
  }
}

/** Presses as a person does; milliseconds until each view is there. */
async function changeViews(page: Page): Promise<readonly number[]> {
  const views: number[] = []
  for (let n = 0; n < PRESSES * 2; n += 1) {
    // What has just been uncovered, or has moved, takes no press for a second [F3].
    await pause(STEADY_MS)
    const [view, x, y] = n % 2 === 0 ? (['equipment', 64, 160] as const) : (['alerts', 64, 50] as const)
    const began = performance.now()
    await page.mouse.click(x, y)
    await page.waitForFunction(shows, view, { polling: 'raf' })
    views.push(performance.now() - began)
  }
  return views
}

/** Presses on the button that shows others; milliseconds until they are there. */
async function showOthers(page: Page): Promise<readonly number[]> {
  const views: number[] = []
  const button = page.locator('.alarms-waiting button')
  for (let n = 0; n < PRESSES; n += 1) {
    const before = await firstP0(page)
    const began = performance.now()
    await button.click()
    await page.waitForFunction(isAnother, before, { polling: 'raf' })
    views.push(performance.now() - began)
    // The same.
    await pause(STEADY_MS)
  }
  return views
}

function firstP0(page: Page): Promise<string | null> {
  return page.locator('[data-testid="alarm"]').first().getAttribute('data-alert-id')
}

/** Runs in the page. */
function isAnother(before: string | null): boolean {
  return document.querySelector('[data-testid="alarm"]')?.getAttribute('data-alert-id') !== before
}

/** What the page writes down while it is watched. */
interface WatchedFlood {
  readonly began: number
  readonly presses: number[]
  busyMs: number
}
declare global {
  interface Window {
    watchedFlood?: WatchedFlood
  }
}

/** Runs in the page. */
function watch(): void {
  const watched: WatchedFlood = { began: performance.now(), presses: [], busyMs: 0 }
  window.watchedFlood = watched
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.busyMs += duration
  }).observe({ type: 'longtask' })
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === 'click') watched.presses.push(duration)
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
}

/** Runs in the page. */
function shows(view: string): boolean {
  return (
    location.hash.endsWith(view) &&
    document.querySelector(`.navigation [aria-current="page"]`)?.getAttribute('href')?.endsWith(view) === true &&
    document.querySelector(view === 'alerts' ? '[data-testid="alert-row"]' : '.main h1') !== null
  )
}

/** Runs in the page: milliseconds from the relay's word to the paint. */
async function paintP0({ patienceMs, shownMs }: { patienceMs: number; shownMs: number }): Promise<number> {
  const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve))
  const { flood } = window
  if (flood === undefined) throw new Error('the gallery has no flood')
  const began = performance.now()
  const { title, end } = flood.raiseP0()
  const isThere = (): boolean =>
    document.querySelector('[data-testid="p0-overlay"]')?.textContent.includes(title) === true
  while (!isThere() && performance.now() - began < patienceMs) await frame()
  await frame()
  const painted = performance.now() - began
  await new Promise((resolve) => setTimeout(resolve, shownMs))
  end()
  const ended = performance.now()
  while (isThere() && performance.now() - ended < patienceMs) await frame()
  return painted
}

/** Runs in the page. */
function read() {
  const { watchedFlood: watched } = window
  if (watched === undefined) throw new Error('nobody watched')
  const seconds = (performance.now() - watched.began) / 1_000
  const rows = document.querySelectorAll('[data-testid="alert-row"]').length
  const p0s = document.querySelectorAll('[data-testid="alarm"]').length
  return { presses: watched.presses, busy: watched.busyMs / seconds, rows, p0s }
}
