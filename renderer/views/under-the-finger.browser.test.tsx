import { beforeEach, describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { RelayView, WindowMessage } from '../../relay/protocol/local.ts'
import type { AlertRecord } from '../../relay/protocol/records.ts'
import {
  alert,
  ALERTS,
  command,
  EPOCH,
  event,
  id,
  logChannel,
  CHAT,
  order,
  ORDERS,
  rejected,
  setting,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import { PACE_MS } from '../state/held-order.ts'
import { SAME_SPOT_MS, STEADY_MS } from '../state/press-guard.ts'
import { AFTER_TOUCH_MS } from '../state/touch.ts'
import { UNDO_MS } from '../state/undo.ts'
import { centre, tap } from '../testing/finger.ts'
import { HandClock } from '../testing/hand-clock.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'
import { leastPressed, painted, setStage } from '../testing/stage.ts'

const stage = setStage()
let clock: HandClock
/** Of the last event of the one channel in which a test lets something happen. */
let offset = 1

beforeEach(async () => {
  await page.viewport(1_280, 800)
  clock = new HandClock()
  offset = 1
})

async function open(hash: string, over: Partial<RelayView>): Promise<FakeRelay> {
  const mounted = await stage.open({ hash, view: view(0, over), clock })
  await painted()
  // What came with the page has stood for long when somebody presses it.
  clock.pass(60_000)
  return mounted.relay
}

const alerts = (urgent: readonly AlertRecord[], area: readonly AlertRecord[] = []) => [
  stateChannel(URGENT_CHANNEL, 1, urgent),
  stateChannel(ALERTS, 1, area),
  stateChannel(ORDERS, 1, [order(1)]),
  logChannel(CHAT, []),
]

/** The next alert of the line. */
function raise(relay: FakeRelay, n: number, over: Partial<AlertRecord> = {}): void {
  const record = alert(n, { title: `Raised ${n}`, ...over })
  const isUrgent = record.priority === 'P0' || record.priority === 'P1'
  const raised = event((offset += 1), setting(record), { type: 'alert.raised' })
  relay.tell({ t: 'event', channel: isUrgent ? URGENT_CHANNEL : ALERTS, epoch: EPOCH, event: raised })
}

const rows = (): readonly string[] => stage.all('[data-testid="alert-row"] h2').map(({ textContent }) => textContent)
const button = (title: string): Element | null => stage.root.querySelector(`[aria-label="I have it: ${title}"]`)
const sent = (relay: FakeRelay, type: string) =>
  relay.heard.flatMap((one: WindowMessage) => (one.t === 'command' && one.type === type ? [one.data] : []))

describe('a double tap', () => {
  const THREE = [alert(3), alert(2), alert(1)]

  test.each([120, 250])('[F1] of %i ms on an alert takes that one and no other, and resolves nothing', async (ms) => {
    const relay = await open('#/line-3/alerts', { channels: alerts([], THREE) })
    const spot = centre(button('Alert 3'))
    await tap(spot)
    clock.pass(ms)
    await tap(spot)
    expect(sent(relay, 'alert.ack')).toEqual([{ id: id(3) }])
    expect(sent(relay, 'alert.resolve')).toEqual([])
  })

  test.each(['P1', 'P2'] as const)(
    '[F1] on its way to "I have it" of a %s that somebody else takes resolves nothing',
    async (priority) => {
      const mine = alert(3, { priority })
      const isUrgent = priority === 'P1'
      const relay = await open('#/line-3/alerts', {
        channels: isUrgent ? alerts([mine], [alert(2)]) : alerts([], [mine, alert(2)]),
      })
      const spot = centre(stage.root.querySelector('.alert-action [aria-label="I have it: Alert 3"]'))
      // A hand is here: what is shown stands still, the button included.
      await tap(centre(stage.root.querySelector('h1')))
      raise(relay, 3, {
        ...mine,
        title: 'Alert 3',
        acknowledged: { by: 'lee', on: null, at: mine.raised.at },
      })
      await painted()
      clock.pass(50)
      await painted()
      await tap(spot)
      expect(sent(relay, 'alert.resolve')).toEqual([])
      clock.pass(AFTER_TOUCH_MS + PACE_MS)
      await expect.poll(() => stage.root.querySelector('[aria-label="Resolve: Alert 3"]')).not.toBeNull()
    },
  )

  test('[F2] [P9] what stands still under a hand is not what the person before could read', async () => {
    const relay = await open('#/line-3/alerts', { channels: alerts([alert(9, { priority: 'P1' })], THREE) })
    await tap(centre(stage.root.querySelector('h1')))
    relay.passTo(null, alerts([alert(9, { priority: 'P1' })], []))
    await expect.poll(rows).toEqual(['Alert 9'])
  })

  test('[F2] the row stays where it was pressed for two seconds, then the list is in order', async () => {
    await open('#/line-3/alerts', { channels: alerts([], THREE) })
    expect(rows()).toEqual(['Alert 3', 'Alert 2', 'Alert 1'])
    await tap(centre(button('Alert 3')))
    clock.pass(AFTER_TOUCH_MS - 100)
    await painted()
    expect(rows()).toEqual(['Alert 3', 'Alert 2', 'Alert 1'])
    clock.pass(PACE_MS)
    await expect.poll(rows).toEqual(['Alert 2', 'Alert 1', 'Alert 3'])
  })

  test('[F1] a deliberate press on another row counts at once', async () => {
    const relay = await open('#/line-3/alerts', { channels: alerts([], THREE) })
    await tap(centre(button('Alert 3')))
    clock.pass(20)
    await tap(centre(button('Alert 1')))
    expect(sent(relay, 'alert.ack')).toEqual([{ id: id(3) }, { id: id(1) }])
  })

  test.each([120, 250])('[F1] of %i ms on a banner does not take the next one', async (ms) => {
    const urgent = [2, 1].map((n) => alert(n, { priority: 'P1' }))
    const relay = await open('#/line-3/orders', { channels: alerts(urgent) })
    const spot = centre(button('Alert 2'))
    await tap(spot)
    clock.pass(ms)
    await tap(spot)
    expect(sent(relay, 'alert.ack')).toEqual([{ id: id(2) }])
    clock.pass(AFTER_TOUCH_MS)
    await expect.poll(() => button('Alert 1')).not.toBeNull()
  })

  test.each([120, 250])('[F1] of %i ms on "discard" discards one refusal', async (ms) => {
    const refused = [1, 2].map((n) =>
      rejected(command(n, 'chat.post', { line: 'line-3', text: `Said ${n}` }), 'forbidden'),
    )
    const relay = await open('#/line-3/orders', { channels: alerts([]), rejected: refused })
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    clock.pass(60_000)
    const spot = centre(stage.root.querySelector('.outbox-actions .button-secondary'))
    await tap(spot)
    clock.pass(ms)
    await tap(spot)
    clock.pass(UNDO_MS)
    await painted()
    expect(relay.heard.filter(({ t }) => t === 'dismiss')).toHaveLength(1)
  })

  test('[F1] of the key Enter takes one alert', async () => {
    const relay = await open('#/line-3/alerts', { channels: alerts([], THREE) })
    const first = button('Alert 3')
    if (first instanceof HTMLElement) first.focus()
    await userEvent.keyboard('{Enter}')
    await painted()
    clock.pass(120)
    await userEvent.keyboard('{Enter}')
    await painted()
    expect(sent(relay, 'alert.ack')).toEqual([{ id: id(3) }])
    expect(sent(relay, 'alert.resolve')).toEqual([])
  })

  test('[F1] the overlay that a press closes does not hand the second tap to the view below', async () => {
    const fire = alert(9, { priority: 'P0', title: 'Fire' })
    const relay = await open('#/line-3/alerts', { channels: alerts([fire], THREE) })
    await expect.element(page.getByRole('button', { name: 'I have it', exact: true })).toBeEnabled()
    const spot = centre(stage.root.querySelector('.overlay-acknowledge'))
    await tap(spot)
    clock.pass(120)
    await tap(spot)
    expect(sent(relay, 'alert.ack')).toEqual([{ id: id(9) }])
  })
})

describe('while a hand is at the window', () => {
  test('[F2] newcomers wait behind a count, and come when the hand is away or asks', async () => {
    const relay = await open('#/line-3/alerts', { channels: alerts([], [alert(1)]) })
    await tap(centre(stage.root.querySelector('[data-testid="alert-row"] h2')))
    raise(relay, 21)
    raise(relay, 22)
    await expect.poll(() => stage.root.querySelector('.newcomers')?.textContent).toBe('2 new')
    expect(rows()).toEqual(['Alert 1'])
    clock.pass(STEADY_MS)
    await page.getByRole('button', { name: '2 new' }).click()
    await expect.poll(rows).toHaveLength(3)
    expect(stage.root.querySelector('.newcomers')?.textContent).toBe('')
  })

  test.each([
    [1_920, 1_080],
    [1_280, 800],
    [390, 844],
    [844, 390],
  ])('[F2] the count of newcomers covers no row on %i × %i, and moves none', async (width, height) => {
    await page.viewport(width, height)
    const many = Array.from({ length: 12 }, (_, n) => alert(n + 1))
    const relay = await open('#/line-3/alerts', { channels: alerts([], many) })
    const main = stage.find('main')
    const tops = () => stage.all('[data-testid="alert-row"]').map((row) => row.getBoundingClientRect().top)
    await tap(centre(stage.root.querySelector('[data-testid="alert-row"] h2')))
    main.scrollTop = 30
    const before = tops()
    raise(relay, 21)
    await expect.poll(() => stage.root.querySelector('.newcomers')?.textContent).toBe('1 new')
    const count = stage.find('.newcomers .button').getBoundingClientRect()
    expect(count.height).toBeGreaterThanOrEqual(leastPressed(width, height) - 1)
    expect(count.bottom).toBeLessThanOrEqual(innerHeight)
    // The rows end where the count begins.
    expect(main.getBoundingClientRect().bottom).toBeLessThanOrEqual(count.top + 0.5)
    expect(tops()).toEqual(before)
  })

  test('[F2] what goes meanwhile stands there as gone, and cannot be pressed', async () => {
    const relay = await open('#/line-3/alerts', { channels: alerts([], [alert(2), alert(1)]) })
    await tap(centre(stage.root.querySelector('[data-testid="alert-row"] h2')))
    const gone = event((offset += 1), { key: id(2), record: null }, { type: 'alert.cleared' })
    relay.tell({ t: 'event', channel: ALERTS, epoch: EPOCH, event: gone })
    await expect.poll(() => stage.root.querySelector('.row-gone')?.textContent).toContain('No longer here')
    expect(button('Alert 2')).toBeNull()
    await painted()
    clock.pass(AFTER_TOUCH_MS + PACE_MS)
    await expect.poll(rows).toEqual(['Alert 1'])
  })

  test('[F2] what is gone goes also where the timer was a moment too early', async () => {
    const relay = await open('#/line-3/alerts', { channels: alerts([], [alert(2), alert(1)]) })
    clock.earlyMs = 0.5
    await tap(centre(stage.root.querySelector('[data-testid="alert-row"] h2')))
    const gone = event((offset += 1), { key: id(2), record: null }, { type: 'alert.cleared' })
    relay.tell({ t: 'event', channel: ALERTS, epoch: EPOCH, event: gone })
    await expect.poll(() => stage.root.querySelector('.row-gone')).not.toBeNull()
    await painted()
    clock.pass(AFTER_TOUCH_MS - 0.5)
    await painted()
    clock.pass(60_000)
    await expect.poll(rows).toEqual(['Alert 1'])
  })

  test('[F4] a P0 is over everything at once', async () => {
    const relay = await open('#/line-3/alerts', { channels: alerts([], [alert(1)]) })
    await tap(centre(stage.root.querySelector('[data-testid="alert-row"] h2')))
    raise(relay, 30, { priority: 'P0', title: 'Fire' })
    await expect.element(page.getByTestId('p0-overlay')).toBeVisible()
  })
})

test('[F3] a press on what has just moved there does nothing, says why, and counts when it has stood', async () => {
  const relay = await open('#/line-3/alerts', { channels: alerts([], [alert(1)]) })
  raise(relay, 31)
  await expect.poll(rows).toEqual(['Raised 31', 'Alert 1'])
  const spot = centre(button('Alert 1'))
  clock.pass(STEADY_MS - 1)
  await tap(spot)
  expect(sent(relay, 'alert.ack')).toEqual([])
  await expect.element(page.getByText('This has just moved, so nothing was pressed. Press again.')).toBeVisible()
  clock.pass(SAME_SPOT_MS)
  await tap(spot)
  expect(sent(relay, 'alert.ack')).toEqual([{ id: id(1) }])
})

test('[F3] a banner that comes over the view makes its rows unpressable until they have stood', async () => {
  const relay = await open('#/line-3/orders', { channels: alerts([]) })
  raise(relay, 40, { priority: 'P1' })
  await expect.poll(() => button('Raised 40')).not.toBeNull()
  await painted()
  await tap(centre(stage.root.querySelector('.order-open')))
  expect(stage.root.querySelector('dialog')).toBeNull()
  clock.pass(STEADY_MS)
  await tap(centre(stage.root.querySelector('.order-open')))
  await expect.poll(() => stage.root.querySelector('dialog')).not.toBeNull()
})
