import type { Browser, CDPSession, Page } from 'playwright-core'
import { rowsOf, type Bench } from './bench.ts'
import { onGallery } from './gallery-page.ts'
import { pause } from './processes.ts'
import type { Row } from './table.ts'

/** How often a second every value changes. */
const RATE = 10
const WARM_UP_MS = 3_000
/** How long the processor time of the page is taken, milliseconds. */
const CPU_MS = 5_000
/** Presses, each of which opens a sheet and closes it again. */
const PRESSES = 15

interface Setting {
  readonly name: string
  readonly throttle: number
  readonly height: number
}

/** 1080 lines show about fifty tiles; 7000 show all, which no screen does: the most that there could be to draw. */
const SETTINGS: readonly Setting[] = [
  { name: 'full speed, 1920 × 1080', throttle: 1, height: 1_080 },
  { name: '6 × slower, 1920 × 1080', throttle: 6, height: 1_080 },
  { name: '6 × slower, all in sight', throttle: 6, height: 7_000 },
]

export const TILES: Bench = {
  name: 'tiles',
  says: `240 tiles, each changing ${RATE} times a second, in Chromium with a throttled processor: frames, long tasks, presses`,
  seconds: 90,
  async run(progress) {
    const rows = await onGallery(progress, (browser, url) =>
      rowsOf(SETTINGS, progress, (setting) => measure(browser, `${url}?scene=equipment-240&rate=${RATE}`, setting)),
    )
    return [tableOf(rows)]
  },
}

function tableOf(rows: readonly Row[]) {
  return {
    title: `240 tiles at ${RATE} Hz`,
    columns: [
      { name: 'main thread, CPU ms/s', better: 'less', digits: 0 },
      { name: 'changes/s of one tile', better: 'more', digits: 1 },
      { name: 'frame gap p50 ms', better: 'less', digits: 0 },
      { name: 'p95', better: 'less', digits: 0 },
      { name: 'max', better: 'less', digits: 0 },
      { name: 'long tasks/s', better: 'less', digits: 1 },
      { name: 'longest ms', better: 'less', digits: 0 },
      { name: 'press p50 ms', better: 'less', digits: 0 },
      { name: 'max', better: 'less', digits: 0 },
      { name: 'presses carried out', better: 'more', digits: 0 },
    ],
    rows,
    ours: '',
    notes: [
      `The gallery's page over a relay that answers in the page, so its cost is in the figures, too. ${PRESSES} presses.`,
      'A long task holds the page for 50 ms and more (W3C Long Tasks). A press is measured to the next paint (W3C Event Timing).',
      `Slower: CDP Emulation.setCPUThrottlingRate. Headless Chromium draws without a graphics card.`,
    ],
  } as const
}

async function measure(browser: Browser, url: string, { name, throttle, height }: Setting): Promise<Row> {
  const page = await browser.newPage({ viewport: { width: 1_920, height } })
  try {
    await page.goto(url)
    await page.locator('[data-testid=tile]').first().waitFor()
    const session = await page.context().newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: throttle })
    await pause(WARM_UP_MS)
    const cpu = throttle === 1 ? await cpuOf(session) : null
    await page.evaluate(watch)
    const carriedOut = await press(page)
    return { name, values: [cpu, ...(await page.evaluate(read)), carriedOut] }
  } finally {
    await page.close()
  }
}

/** Milliseconds a second in which the page's thread computes; a throttled one would count its waiting as well. */
async function cpuOf(session: CDPSession): Promise<number> {
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const busyMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000
  }
  const before = await busyMs()
  await pause(CPU_MS)
  const after = await busyMs()
  await session.send('Performance.disable')
  return ((after - before) * 1_000) / CPU_MS
}

/** Presses as a person does; counts those that did what they are for. */
async function press(page: Page): Promise<number> {
  let carriedOut = 0
  for (let n = 0; n < PRESSES; n += 1) {
    await page.mouse.click(300, 36) // the name of the area, at the top left of the header
    await page.waitForSelector('dialog.sheet[open]', { timeout: 5_000 }).then(
      () => (carriedOut += 1),
      () => undefined, // a dropped press is the finding, not a failure of the bench
    )
    await pause(250)
    await page.keyboard.press('Escape')
    await pause(250)
  }
  return carriedOut
}

/** What the page writes down while it is watched. */
interface Watched {
  readonly began: number
  readonly gaps: number[]
  readonly tasks: number[]
  readonly presses: number[]
  changes: number
}
declare global {
  interface Window {
    watched?: Watched
  }
}

/** Runs in the page. */
function watch(): void {
  const watched: Watched = { began: performance.now(), gaps: [], tasks: [], presses: [], changes: 0 }
  window.watched = watched
  const value = document.querySelector('.tile-number')
  let before = performance.now()
  let text = value?.textContent
  const frame = (now: number): void => {
    watched.gaps.push(now - before)
    before = now
    if (value?.textContent !== text) watched.changes += 1
    text = value?.textContent
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.tasks.push(duration)
  }).observe({ type: 'longtask' })
  // Events are told in steps of 8 ms; what is below 16 ms is not told and counts as that.
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) if (name === 'click') watched.presses.push(duration)
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
}

/** Runs in the page. */
function read(): number[] {
  const { watched } = window
  if (watched === undefined) return []
  const at = (values: readonly number[], share: number): number => {
    return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
  }
  const seconds = (performance.now() - watched.began) / 1_000
  const { gaps, tasks, presses, changes } = watched
  return [
    changes / seconds,
    at(gaps, 0.5),
    at(gaps, 0.95),
    at(gaps, 1),
    tasks.length / seconds,
    at(tasks, 1),
    at(presses, 0.5),
    at(presses, 1),
  ]
}
