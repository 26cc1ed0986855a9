/** Rows and names that get another height by themselves, while a finger is on its way to what stands below [F3]. */
import { beforeEach, describe, expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { RelayView } from '../../relay/protocol/local.ts'
import { machineKey } from '../../relay/protocol/machine-names.ts'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import {
  ALERTS,
  EPOCH,
  event,
  id,
  order,
  ORDERS,
  setting,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import { STEADY_MS } from '../state/press-guard.ts'
import { MISSED } from '../state/use-moved.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'
import { centre, tap } from '../testing/finger.ts'
import { HandClock } from '../testing/hand-clock.ts'
import { painted, setStage } from '../testing/stage.ts'

const stage = setStage()
let clock: HandClock

beforeEach(async () => {
  await page.viewport(1_280, 800)
  clock = new HandClock()
})

async function open(hash: string, over: Partial<RelayView>) {
  const mounted = await stage.open({ hash, view: view(0, over), clock })
  await painted()
  // What came with the page has stood for long when somebody presses it.
  clock.pass(60_000)
  await painted()
  return mounted
}

describe('[F3] a row that gets another height by itself', () => {
  const LONG = 'Mind the burr on the left. '.repeat(6)
  const opener = (n: number): HTMLElement => stage.find(`[data-order-id="${id(n)}"] .order-open`)
  const sheets = (): number => stage.all('dialog.sheet').length
  const orders = (count: number) => [
    stateChannel(URGENT_CHANNEL, 1),
    stateChannel(ALERTS, 1),
    stateChannel(
      ORDERS,
      1,
      Array.from({ length: count }, (_, n) => order(n + 1)),
    ),
  ]
  /** Which orders are drawn, from above. */
  const drawn = (): readonly string[] => stage.all('.order[data-order-id]').map((row) => row.dataset['orderId'] ?? '')
  const numberOf = (place: number, count: number): number =>
    Array.from({ length: count }, (_, n) => n + 1).find((n) => id(n) === drawn()[place]) ?? 0
  /** Somebody else gives the order at this place a long title. */
  const lengthens = async (relay: FakeRelay, n: number): Promise<void> => {
    const before = heightOf(opener(n))
    const longer = order(n, { title: LONG }, 2)
    const edited = event(2, setting(longer), { type: 'order.edited' })
    relay.tell({ t: 'event', channel: ORDERS, epoch: EPOCH, event: edited })
    await expect.poll(() => heightOf(opener(n))).toBeGreaterThan(before + MISSED)
    await painted()
  }
  const heightOf = (opens: HTMLElement): number => opens.closest('li')?.offsetHeight ?? 0

  test.each([
    [1_280, 800],
    [1_024, 768],
    [390, 844],
  ])('moves those below it, which take no press at first, at %i × %i', async (width, height) => {
    await page.viewport(width, height)
    const { relay } = await open('#/line-3/orders', { channels: orders(2) })
    await expect.poll(() => drawn().length).toBe(2)
    const [first, second] = [numberOf(0, 2), numberOf(1, 2)]
    const before = centre(opener(second))
    await lengthens(relay, first)
    expect(drawn()).toEqual([id(first), id(second)])
    expect(centre(opener(second)).y - before.y).toBeGreaterThanOrEqual(MISSED)
    await tap(centre(opener(second)))
    expect(sheets()).toBe(0)
    await expect.element(page.getByText('This has just moved, so nothing was pressed. Press again.')).toBeVisible()
    clock.pass(STEADY_MS)
    await tap(centre(opener(second)))
    await expect.poll(sheets).toBe(1)
  })

  test('itself takes a press, as what is above it does', async () => {
    const { relay } = await open('#/line-3/orders', { channels: orders(3) })
    await expect.poll(() => drawn().length).toBe(3)
    const [above, longer] = [numberOf(0, 3), numberOf(1, 3)]
    await lengthens(relay, longer)
    await tap(centre(opener(above)))
    await expect.poll(sheets).toBe(1)
  })

  test('above what is in sight moves nothing there', async () => {
    const { relay } = await open('#/line-3/orders', { channels: orders(40) })
    await expect.poll(() => drawn().length).toBe(40)
    const [above, below] = [numberOf(1, 40), numberOf(30, 40)]
    opener(below).scrollIntoView({ block: 'center', behavior: 'instant' })
    await painted()
    // What comes late over the list has come, and has stood for long.
    await expect.element(page.getByRole('searchbox')).toBeInTheDocument()
    clock.pass(60_000)
    const before = centre(opener(below))
    await lengthens(relay, above)
    expect(Math.abs(centre(opener(below)).y - before.y)).toBeLessThan(MISSED)
    await tap(centre(opener(below)))
    await expect.poll(sheets).toBe(1)
  })
})

test('[F3] the name of a machine that takes more lines moves its tiles, which take no press at first', async () => {
  await page.viewport(390, 844)
  const equipment = channelName('equipment', 'line-3')
  const labelled = (label: string): MachineRecord => ({
    id: 'press-1',
    area: 'line-3',
    label,
    simulated: false,
    signals: [{ name: 'oil', unit: '°C', label: null, limits: null }],
    lastSampleAt: null,
  })
  const key = machineKey('line-3', 'press-1')
  const { relay } = await open('#/line-3/equipment', {
    channels: [
      stateChannel(URGENT_CHANNEL, 1),
      stateChannel(ALERTS, 1),
      { ...stateChannel(equipment, 1), records: { [key]: { offset: 1, record: labelled('Press') } } },
    ],
  })
  const tile = (): HTMLElement => stage.find('[data-signal="oil"]')
  await expect.poll(() => stage.all('[data-signal="oil"]').length).toBe(1)
  const before = centre(tile())
  const renamed = event(2, { key, record: labelled('Press of the old hall '.repeat(6)) }, { type: 'machine.changed' })
  relay.tell({ t: 'event', channel: equipment, epoch: EPOCH, event: renamed })
  await expect.poll(() => centre(tile()).y).toBeGreaterThan(before.y + MISSED)
  await painted()
  await tap(centre(tile()))
  expect(stage.all('dialog.sheet')).toHaveLength(0)
  clock.pass(STEADY_MS)
  await tap(centre(tile()))
  await expect.poll(() => stage.all('dialog.sheet').length).toBe(1)
})
