import { expect } from '@playwright/test'
import { seededRandom } from '../../relay/testing/seeded-random.ts'
import { isLive, startRelay } from '../support/processes.ts'
import type { RunningKiosk } from './kiosk-device.ts'
import { test } from './kiosk-floor.ts'
import { newlySeen, watchWindows, type Seen } from './kiosk-watch.ts'

const WINDOWS = 4
const EVENTS = 10_000
/** Edits a second: a floor in uproar, and the machine that runs this is also rendering it four times. */
const BATCH = 100
const BATCH_MS = 250
/** Also the time within which every window must show one: far more than the second that is promised, for a machine that is busy otherwise. */
const P0_EVERY_MS = 5_000
const TROUBLE_EVERY_MS = 2_000
/** How long the bridge's page is held still: longer than the relay waits for a receipt. */
const FREEZE_MS = 2_500

const TROUBLES = ['crash', 'reload', 'freeze'] as const

test('[P3 R44] four windows end alike after 10,000 events, whatever of them crashes, reloads or hangs', async ({
  floor,
  folder,
  openKiosk,
}) => {
  const seed = Number(process.env['ANDON_KIOSK_SEED'] ?? 20_261_120)
  const random = seededRandom(seed)
  const kiosk = await openKiosk(WINDOWS)
  const user = ['lee', '2222'] as const
  const author = startRelay({ url: floor.url, folder: `${folder}/author`, user, extra: ['--linger'] })
  try {
    await kiosk.tab(0).signIn('kim', '1111')
    await watchWindows(kiosk)
    // Three show what changes, one the machines, whose values must stay off the bus.
    for (let index = 0; index < WINDOWS; index += 1) {
      const view = index === WINDOWS - 1 ? 'equipment' : 'orders'
      await kiosk.ask(index, `location.hash = '#/line-3/${view}'`)
    }
    for (let index = 0; index < WINDOWS - 1; index += 1) {
      await expect.poll(() => kiosk.ask(index, ROWS)).toContain('WO-3301')
    }
    await expect.poll(() => kiosk.ask(WINDOWS - 1, 'document.body.innerText')).toContain('kN')
    await author.until(isLive)
    const orders = await floor.orders()
    const p0s: { readonly title: string; readonly at: number }[] = []
    const seen: Seen[] = []
    const troubles: Trouble[] = []

    const over = new AbortController()
    const busy = (async () => {
      for (let sent = 0; sent < EVENTS; sent += BATCH) {
        for (let number = sent; number < sent + BATCH; number += 1) {
          const order = orders[number % orders.length]
          const data = { id: order?.id, fields: { quantity: number + 1 }, baseVersion: order?.version }
          author.send({ ref: `e${number}`, command: 'order.edit', data })
        }
        await pause(BATCH_MS)
      }
      await author.until((line) => line.kind === 'result' && line['ref'] === `e${EVENTS - 1}`)
      over.abort()
    })()
    const alarms = (async () => {
      while (!over.signal.aborted) {
        const title = `Evacuate ${p0s.length}`
        p0s.push({ title, at: Date.now() })
        const id = await floor.raise('P0', title)
        await pause(P0_EVERY_MS)
        await floor.api(`alerts/${id}/ack`, { method: 'POST', body: {} })
      }
    })()
    const trouble = (async () => {
      while (!over.signal.aborted) {
        await pause(TROUBLE_EVERY_MS)
        const kind = TROUBLES[Math.floor(random.next() * TROUBLES.length)] ?? 'crash'
        const at = Math.floor(random.next() * WINDOWS)
        const since = Date.now()
        if (kind === 'crash') await kiosk.crash(at)
        if (kind === 'reload') await kiosk.ask(at, 'location.reload()')
        if (kind === 'freeze') await kiosk.freeze(at, FREEZE_MS)
        troubles.push({ kind, window: at, since, until: Date.now() })
        seen.push(...(await newlySeen(kiosk, seen.length)))
      }
    })()
    await Promise.all([busy, alarms, trouble])

    // The truth is the server's; every window shows it, and so all the same.
    const last = await floor.orders()
    const expected = last.map(({ number, fields }) => `${number} ${fields.quantity}`).toSorted()
    for (let index = 0; index < WINDOWS - 1; index += 1) {
      // A page that crashed again and again is loaded again after a longer pause each time.
      await expect.poll(() => kiosk.ask(index, QUANTITIES)).toEqual(expected)
    }
    seen.push(...(await newlySeen(kiosk, seen.length)))
    report(seed, { kiosk, seen, p0s, troubles })

    const due = p0s.flatMap((raised) =>
      openAndLeftAlone(raised, { seen, troubles }).map((window) => ({ raised, window })),
    )
    expect(due.length).toBeGreaterThan(p0s.length)
    const without = due.filter(({ raised, window }) => !isOn(window, raised, seen))
    expect(without, 'no window that stood open when an alert was raised went without it').toEqual([])
    // No live value, and nothing else that is not the relay's, was ever heard on the bus; its windows do get live values.
    const words = new Set(seen.flatMap((one) => (one.kind === 'bus' ? one.words : [])))
    expect([...words].filter((word) => !BUS_WORDS.has(word))).toEqual([])
    expect(words.has('event')).toBe(true)
    expect(kiosk.log.filter(({ event }) => event === 'bridge-opened').length).toBeGreaterThan(1)
  } finally {
    await author.kill()
  }
})

/** Every word of the bus (`BusBody`); `live` is not among them. */
const BUS_WORDS = new Set([
  'dismissed',
  'event',
  'freshness',
  'outbox',
  'pending',
  'replaced',
  'reviewed',
  'session',
  'settled',
  'status',
  'token-refreshed',
])

const ROWS = `[...document.querySelectorAll('[data-testid="order-row"]')].map((row) => row.innerText).join('\\n')`
const QUANTITIES = `[...document.querySelectorAll('[data-testid="order-row"]')]
  .map((row) => {
    const number = /WO-\\d+/.exec(row.innerText)?.[0]
    const quantity = row.querySelector('[data-field="quantity"]')?.innerText.replace(/\\D/g, '')
    return number + ' ' + quantity
  })
  .sort()`

/** What was done to a window. */
interface Trouble {
  readonly kind: (typeof TROUBLES)[number]
  readonly window: number
  readonly since: number
  readonly until: number
}

type P0 = { readonly title: string; readonly at: number }
type Shown = Extract<Seen, { kind: 'p0' }>

/** The windows on which this P0 must have been before it was answered: open when it was raised, and nothing happened to them. */
function openAndLeftAlone(
  { at }: P0,
  { seen, troubles }: { readonly seen: readonly Seen[]; readonly troubles: readonly Trouble[] },
): readonly number[] {
  return Array.from({ length: WINDOWS }, (_, window) => window).filter((window) => {
    const own = troubles.filter((one) => one.window === window)
    if (own.some(({ since, until }) => since < at + P0_EVERY_MS && until > at)) return false
    const opened = seen.findLast((one) => one.kind === 'open' && one.window === window && one.at < at)
    const since = opened?.kind === 'open' ? opened.at : Number.NEGATIVE_INFINITY
    return !own.some(({ kind, until }) => kind !== 'freeze' && until < at && until >= since)
  })
}

function isOn(window: number, { title }: P0, seen: readonly Seen[]): boolean {
  return seen.some((one) => one.kind === 'p0' && one.window === window && one.title === title)
}

/** Each P0 on each screen that was there when it was raised; how late, milliseconds. */
function latenesses(seen: readonly Seen[], p0s: readonly P0[]): readonly { late: number; shown: Shown; raised: P0 }[] {
  return p0s.flatMap((raised) =>
    seen.flatMap((shown) =>
      shown.kind === 'p0' && shown.title === raised.title && shown.openSince < raised.at
        ? [{ late: shown.at - raised.at, shown, raised }]
        : [],
    ),
  )
}

interface Run {
  readonly kiosk: RunningKiosk
  readonly seen: readonly Seen[]
  readonly p0s: readonly P0[]
  readonly troubles: readonly Trouble[]
}

/** Figures, not verdicts: how busy the machine is otherwise is no matter of the program. */
function report(seed: number, { kiosk, seen, p0s, troubles }: Run): void {
  const all = latenesses(seen, p0s)
  const isFrozen = ({ shown, raised }: (typeof all)[number]): boolean =>
    troubles.some(({ window, since, until }) => window === shown.window && since < shown.at && until > raised.at)
  const late = all
    .filter((one) => !isFrozen(one))
    .map((one) => one.late)
    .toSorted((a, b) => a - b)
  const count = (event: string): number => kiosk.log.filter((line) => line.event === event).length
  const done = TROUBLES.map((kind) => `${troubles.filter((one) => one.kind === kind).length} ${kind}`)
  const line = [
    `seed ${seed}`,
    `${p0s.length} P0 on ${late.length} open screens: median ${late[Math.floor(late.length / 2)]} ms, latest ${late.at(-1)} ms`,
    `${all.length - late.length} on screens that were held still`,
    `${done.join(', ')}; ${count('bridge-opened')} bridges, ${count('bridge-given-up')} given up`,
  ].join('; ')
  test.info().annotations.push({ type: 'figures', description: line })
  process.stdout.write(`${line}\n`)
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
