import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { RelayView } from '../../relay/protocol/local.ts'
import type { AlertRecord } from '../../relay/protocol/records.ts'
import {
  alert,
  ALERTS,
  command,
  EPOCH,
  event,
  id,
  order,
  ORDERS,
  rejected,
  SESSION,
  setting,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import type { App } from '../state/app.ts'
import { centre, tap } from '../testing/finger.ts'
import { HandClock } from '../testing/hand-clock.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'
import { painted, setStage } from '../testing/stage.ts'
import { FILTER_IDLE_MS } from '../state/use-filter.ts'

const MANY = 1_200
/** More than a screen holds, with those drawn beyond it; far fewer than there are. */
const A_SCREENFUL = 60
const HIGH = alert(5_000, { priority: 'P1', title: 'Pressure low' })

const stage = setStage()
let clock: HandClock

beforeEach(async () => {
  await page.viewport(1_280, 800)
  clock = new HandClock()
})

/** Alert 1 is the newest. */
function raised(n: number, over: Partial<AlertRecord> = {}): AlertRecord {
  const at = new Date(Date.UTC(2026, 10, 20, 12) - n * 1_000).toISOString()
  return alert(n, { title: `Alert ${n}`, raised: { by: 'lee', on: null, at }, ...over })
}

async function open(
  hash: string,
  over: Partial<RelayView> = {},
): Promise<{ readonly relay: FakeRelay; readonly app: App }> {
  const area = Array.from({ length: MANY }, (_, n) => raised(n + 1))
  const channels = [
    stateChannel(URGENT_CHANNEL, 1, [HIGH]),
    stateChannel(ALERTS, 1, area),
    stateChannel(
      ORDERS,
      1,
      Array.from({ length: MANY }, (_, n) => order(n + 1)),
    ),
  ]
  const mounted = await stage.open({ hash, view: view(0, { channels, ...over }), clock })
  await painted()
  clock.pass(60_000)
  return mounted
}

const main = (): HTMLElement => stage.find('.main')
const rows = (): readonly HTMLElement[] => stage.all('.rows > .row')
const rowOf = (title: string) => rows().find((row) => row.querySelector('h2')?.textContent === title)

/** The value once it has been the same for twenty frames. */
async function still<T>(look: () => T): Promise<T> {
  let value = look()
  for (let frames = 0, all = 0; frames < 20 && all < 200; frames += 1, all += 1) {
    await painted()
    const next = look()
    if (JSON.stringify(next) !== JSON.stringify(value)) frames = 0
    value = next
  }
  return value
}

async function scrollTo(top: number): Promise<void> {
  main().scrollTop = top
  await painted()
  await painted()
}

test.each(['#/line-3/alerts', '#/line-3/orders'])(
  '[F5] of %s only what is in sight is in the document, and a screen reader hears of all',
  async (hash) => {
    await open(hash)
    expect(rows().length).toBeGreaterThan(5)
    expect(rows().length).toBeLessThan(A_SCREENFUL)
    const all = hash.endsWith('alerts') ? MANY + 1 : MANY
    expect(rows()[0]?.ariaSetSize).toBe(String(all))
    expect(rows().map(({ ariaPosInSet }) => ariaPosInSet)).toEqual(rows().map((_, index) => String(index + 1)))
    await scrollTo(main().scrollHeight)
    expect(rows().at(-1)?.ariaPosInSet).toBe(String(all))
    expect(rows().length).toBeLessThan(A_SCREENFUL)
    const { bottom } = rows().at(-1)?.getBoundingClientRect() ?? { bottom: 0 }
    expect(Math.abs(bottom - main().getBoundingClientRect().bottom)).toBeLessThan(4)
  },
)

test('[F5] the banner of the board stays in sight wherever it is scrolled', async () => {
  await open('#/line-3/alerts')
  await scrollTo(40_000)
  const pinned = rowOf('Pressure low')?.getBoundingClientRect()
  expect(Math.abs((pinned?.top ?? 0) - main().getBoundingClientRect().top)).toBeLessThan(4)
})

describe('of several P1s the one at the top of a scrolled board', () => {
  const URGENT = [5_003, 5_002, 5_001].map((n) => alert(n, { priority: 'P1', title: `Urgent ${n}` }))
  const acked = (relay: FakeRelay): readonly unknown[] =>
    relay.heard.flatMap((one) => (one.t === 'command' && one.type === 'alert.ack' ? [one.data] : []))
  const opened = async () => {
    const { relay } = await open('#/line-3/alerts', {
      channels: [
        stateChannel(URGENT_CHANNEL, 1, URGENT),
        stateChannel(
          ALERTS,
          1,
          Array.from({ length: MANY }, (_, n) => raised(n + 1)),
        ),
      ],
    })
    await scrollTo(40_000)
    const top = stage.find('.alert-pinned')
    const title = top.querySelector('h2')?.textContent ?? ''
    return { relay, title, spot: centre(top.querySelector('.alert-action button')) }
  }
  const taken = (title: string) => {
    const record = URGENT.find((one) => one.title === title)
    if (record === undefined) throw new Error(`no ${title}`)
    const by = { by: 'lee', on: null, at: record.raised.at }
    return { id: record.id, event: event(2, setting({ ...record, acknowledged: by }), { type: 'alert.acknowledged' }) }
  }

  test('[F3] is not replaced under a hand when somebody else takes it', async () => {
    const { relay, title, spot } = await opened()
    // Where nothing is to be pressed.
    await tap({ x: 700, y: 500 })
    clock.pass(250)
    relay.tell({ t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: taken(title).event })
    await expect.poll(() => rowOf(title)?.textContent ?? 'out of sight, lee').toContain('lee')
    await tap(spot)
    expect(acked(relay)).toEqual([])
  })

  test('[F3] takes one press, not one for the next of them', async () => {
    const { relay, title, spot } = await opened()
    await tap(spot)
    clock.pass(750)
    await painted()
    await tap(spot)
    expect(acked(relay)).toEqual([{ id: taken(title).id }])
  })

  test('[F3] that comes in its place has to stand for a moment', async () => {
    const { relay, title, spot } = await opened()
    relay.tell({ t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: taken(title).event })
    await expect.poll(() => stage.find('.alert-pinned').querySelector('h2')?.textContent).not.toBe(title)
    await tap(spot)
    expect(acked(relay)).toEqual([])
    clock.pass(60_000)
    await tap(centre(stage.find('.alert-pinned').querySelector('.alert-action button')))
    expect(acked(relay)).toHaveLength(1)
  })
})

test('[F8] no search hides what is urgent and has nobody', async () => {
  const urgent = [
    alert(5_003, { priority: 'P1', title: 'Urgent 3' }),
    alert(5_002, { priority: 'P1', title: 'Urgent 2' }),
  ]
  const area = Array.from({ length: 40 }, (_, n) => raised(n + 1))
  await open('#/line-3/alerts', {
    channels: [stateChannel(URGENT_CHANNEL, 1, urgent), stateChannel(ALERTS, 1, area)],
  })
  await userEvent.keyboard('/')
  await expect.poll(() => document.activeElement?.getAttribute('type')).toBe('search')
  await userEvent.keyboard('alert 12')
  await expect
    .poll(() => rows().map((row) => row.querySelector('h2')?.textContent))
    .toEqual(['Urgent 3', 'Urgent 2', 'Alert 12'])
})

test('[F5] what comes above does not move what is in sight', async () => {
  const { relay } = await open('#/line-3/alerts')
  await scrollTo(40_000)
  const at = (): readonly (readonly [string, number])[] =>
    rows()
      .filter((row) => !row.classList.contains('alert-pinned'))
      .map((row) => [row.querySelector('h2')?.textContent ?? '', Math.round(row.getBoundingClientRect().top)] as const)
      .filter(([, top]) => top > 100 && top < 700)
  // Rows are measured once it has stopped scrolling.
  const before = await still(at)
  expect(before.length).toBeGreaterThan(3)
  const news = event(2, setting(raised(0, { id: id(7_777), title: 'New' })), { type: 'alert.raised' })
  relay.tell({ t: 'event', channel: ALERTS, epoch: EPOCH, event: news })
  await expect.poll(() => rows().at(-1)?.ariaSetSize).toBe(String(MANY + 2))
  await expect.poll(at).toEqual(before)
})

test('[F5] a row with the focus stays when it is scrolled out of sight, and the keyboard goes on from it', async () => {
  await open('#/line-3/alerts')
  const first = stage.root.querySelector<HTMLElement>('[aria-label="I have it: Alert 2"]')
  first?.focus()
  await scrollTo(40_000)
  expect(document.activeElement).toBe(first)
  await userEvent.keyboard('{Tab}')
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^I have it: /)
})

test('[F5] the focus goes to the row when a press takes its button away', async () => {
  await open('#/line-3/alerts')
  stage.root.querySelector<HTMLElement>('[aria-label="I have it: Alert 2"]')?.focus()
  await userEvent.keyboard('{Enter}')
  await expect.poll(() => document.activeElement?.getAttribute('data-alert-id')).toBe(id(2))
})

test('[F5] an alert that a notification asks for is brought into sight', async () => {
  const { app } = await open('#/line-3/alerts')
  expect(rowOf('Alert 900')).toBeUndefined()
  app.reveal.value = id(900)
  await expect.poll(() => rowOf('Alert 900')?.getBoundingClientRect().top).toBeGreaterThan(100)
  expect(app.reveal.value).toBeNull()
})

test('[F5] of hundreds of refusals and waiting commands a few are in the sheet; below and above each other they are found by scrolling', async () => {
  const post = (n: number) => command(n, 'chat.post', { line: 'line-3', text: `Said ${n}` })
  const refused = Array.from({ length: 500 }, (_, n) => rejected(post(n + 1), 'forbidden'))
  const pending = Array.from({ length: 500 }, (_, n) => post(n + 1_001))
  const { app } = await open('#/line-3/orders', { rejected: refused, pending })
  app.sheet.value = { kind: 'outbox' }
  const items = (): HTMLElement[] => [...stage.root.querySelectorAll<HTMLElement>('.outbox-item')]
  await expect.poll(() => items().length).toBeGreaterThan(0)
  expect(items().length).toBeLessThan(A_SCREENFUL)
  expect(items()[0]?.ariaSetSize).toBe('500')
  const body = stage.root.querySelector('.sheet-body')
  if (body === null) throw new Error('no sheet')
  await expect
    .poll(() => {
      body.scrollTop = body.scrollHeight
      return items().at(-1)?.textContent
    })
    .toContain('Said 1500')
  expect(items().length).toBeLessThan(A_SCREENFUL)
  await expect
    .poll(() => {
      body.scrollTop = 0
      return items()[0]?.textContent
    })
    .toContain('Said 1')
})

test('[F8] a long list is searched from the keyboard; what is urgent stays, and what is hidden is counted', async () => {
  await open('#/line-3/alerts')
  await userEvent.keyboard('{Control>}f{/Control}')
  await expect.poll(() => document.activeElement?.getAttribute('type')).toBe('search')
  await userEvent.keyboard('alert 1100')
  const alerts = (): readonly string[] =>
    [...stage.root.querySelectorAll('[data-testid="alert-row"]')].map((row) => row.textContent)
  await expect.poll(() => alerts().length).toBe(2)
  expect(alerts()[0]).toContain('Pressure low')
  expect(alerts()[1]).toContain('Alert 1100')
  await expect.element(page.getByText('2 of 1,201')).toBeVisible()
  await userEvent.keyboard('{Escape}')
  await expect.poll(() => alerts().length).toBeGreaterThan(2)
})

test('[F8] what nothing matches says so; a filter that nobody is at goes by itself', async () => {
  await open('#/line-3/orders')
  await userEvent.keyboard('/')
  await expect.poll(() => document.activeElement?.getAttribute('type')).toBe('search')
  await userEvent.keyboard('zzz')
  await expect.element(page.getByText('Nothing matches “zzz”.')).toBeVisible()
  clock.pass(FILTER_IDLE_MS - 1)
  await painted()
  expect(stage.root.querySelector('.order-open')).toBeNull()
  clock.pass(FILTER_IDLE_MS)
  await expect.poll(() => stage.root.querySelector('.order-open')).not.toBeNull()
})

test('[F8] [P9] what somebody looked for hides nothing from the next person', async () => {
  const { relay, app } = await open('#/line-3/alerts')
  await userEvent.keyboard('/')
  await expect.poll(() => document.activeElement?.getAttribute('type')).toBe('search')
  await userEvent.keyboard('zzz')
  await expect.poll(() => rows().length).toBe(1)
  relay.tell({ t: 'session', session: { ...SESSION, operator: 'lee' }, areas: app.areas.value })
  await expect.poll(() => rows().length).toBeGreaterThan(1)
})
