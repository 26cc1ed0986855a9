import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { RelayView } from '../../relay/protocol/local.ts'
import type { OrderRecord } from '../../relay/protocol/records.ts'
import {
  ALERTS,
  command,
  EPOCH,
  event,
  id,
  order,
  ORDERS,
  rejected,
  setting,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import { STEADY_MS } from '../state/press-guard.ts'
import { FILTER_IDLE_MS } from '../state/use-filter.ts'
import { HandClock } from '../testing/hand-clock.ts'
import { ORDER_SCENES } from '../testing/order-scenes.ts'
import { painted, setStage } from '../testing/stage.ts'

const stage = setStage(ORDER_SCENES)
let clock: HandClock

beforeEach(async () => {
  await page.viewport(1_280, 800)
  clock = new HandClock()
})

const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString()
const RECORDS = [
  order(1, { status: 'running', assignee: 'kim' }),
  order(2, { due: ago(90) }),
  order(3, { status: 'done' }),
  order(4, { due: ago(-90) }),
]

async function open(records: readonly OrderRecord[] = RECORDS, over: Partial<RelayView> = {}) {
  const channels = [stateChannel(URGENT_CHANNEL, 1), stateChannel(ALERTS, 1), stateChannel(ORDERS, 1, records)]
  const mounted = await stage.open({ hash: '#/line-3/orders', view: view(0, { channels, ...over }), clock })
  await later()
  return mounted
}

/** What has just come has stood for long. */
async function later(ms = STEADY_MS): Promise<void> {
  await painted()
  clock.pass(ms)
  await painted()
}

const numbers = (): readonly string[] => stage.all('.order-open').map(({ textContent }) => textContent)
const choose = (name: RegExp) => page.getByRole('radio', { name }).click()
const commands = (heard: readonly { readonly t: string }[]) => heard.filter(({ t }) => t === 'command')

test('what is to do stands there by its time, what is late says so, and what is done is away', async () => {
  await open()
  expect(numbers()).toEqual(['WO-2', 'WO-4', 'WO-1'])
  const late = stage.all('.order-late').map((mark) => mark.closest('li')?.dataset['orderId'])
  expect(late).toEqual([id(2)])
  await choose(/^Done/)
  await expect.poll(numbers).toEqual(['WO-3'])
  await choose(/^Mine/)
  await expect.poll(numbers).toEqual(['WO-1'])
  await choose(/^To do/)
  await choose(/number/)
  await expect.poll(numbers).toEqual(['WO-1', 'WO-2', 'WO-4'])
})

test('[P7] what is late is told by the clock of the server, and before that is known by none', async () => {
  const late = () => stage.all('.order-late').map((mark) => mark.closest('li')?.dataset['orderId'])
  const channels = [stateChannel(URGENT_CHANNEL, 1), stateChannel(ALERTS, 1), stateChannel(ORDERS, 1, RECORDS)]
  const at = (serverNow: () => number | null) =>
    stage.open({ hash: '#/line-3/orders', view: view(0, { channels }), clock, serverNow })
  await at(() => Date.now() - 12 * 3_600_000)
  expect(late()).toEqual([])
  await at(() => Date.now() + 12 * 3_600_000)
  expect(late()).toEqual([id(2), id(4)])
  await at(() => null)
  expect(late()).toEqual([])
})

test('[F2] an order that is done by somebody else stays under the hand as gone', async () => {
  const { relay } = await open()
  const first = page.getByRole('button', { name: 'Edit WO-2' })
  await userEvent.hover(first)
  await userEvent.keyboard('{Shift}')
  relay.tell({
    t: 'event',
    channel: ORDERS,
    epoch: EPOCH,
    event: event(2, setting(order(2, { status: 'done' }, 2)), { type: 'order.edited' }),
  })
  await expect.element(first).toBeDisabled()
  expect(numbers()).toEqual(['WO-2', 'WO-4', 'WO-1'])
  const gone = stage.root.querySelector<HTMLElement>('.row-gone')
  expect(gone?.querySelector('[data-field="status"]')?.textContent).toBe('Done')
  expect(gone?.dataset['status']).toBe('done')
  expect(gone?.querySelector('.order-late')).toBeNull()
  await later(60_000)
  await expect.poll(numbers).toEqual(['WO-4', 'WO-1'])
})

test('[F8] what hides orders goes when nobody is at it for a minute, the order in which they stand stays', async () => {
  await open()
  await choose(/^Late/)
  await choose(/number/)
  await expect.poll(numbers).toEqual(['WO-2'])
  await later(FILTER_IDLE_MS)
  await expect.poll(numbers).toEqual(['WO-1', 'WO-2', 'WO-4'])
})

test('an order is made with a time, and waits', async () => {
  const { relay } = await open()
  await page.getByRole('button', { name: 'New order' }).click()
  await page.getByRole('button', { name: 'Create order' }).click()
  await expect.element(page.getByText('The title must not be empty.')).toBeVisible()
  await page.getByLabelText('Title').fill('Oil pan')
  await page.getByLabelText('Quantity').fill('50')
  await later()
  await choose(/Tomorrow/)
  await later()
  await page.getByRole('button', { name: '+1 h later' }).click()
  await later()
  await page.getByRole('button', { name: 'Create order' }).click()
  const tomorrow = new Date()
  tomorrow.setDate(tomorrow.getDate() + 1)
  tomorrow.setHours(13, 0, 0, 0)
  const data = { area: 'line-3', number: 'WO-5', title: 'Oil pan', quantity: 50, due: tomorrow.toISOString() }
  await expect.poll(() => commands(relay.heard)).toMatchObject([{ type: 'order.plan', data }])
  // One's own is there at once, and does not wait until the hand is away.
  await expect.poll(numbers).toContain('WO-5')
  expect(stage.root.querySelector('.newcomers-cover')).toBeNull()
  await later(60_000)
  await expect.element(page.getByTestId('pending-mark')).toBeVisible()
})

test('when an order is due is changed by a type of its own', async () => {
  const { relay } = await open()
  await page.getByRole('button', { name: 'Edit WO-2' }).click()
  await later()
  await choose(/No time/)
  await later()
  await page.getByRole('button', { name: 'Save changes' }).click()
  const data = { id: id(2), fields: { due: null }, baseVersion: 1 }
  await expect.poll(() => commands(relay.heard)).toMatchObject([{ type: 'order.change', data }])
})

test('how many are made stands below how many are planned, and is changed by a type of its own', async () => {
  const { relay } = await open([order(1, { status: 'running', produced: 40 }), order(2)])
  const made = () => stage.all('[data-field="produced"]').map(({ textContent }) => textContent)
  expect(made()).toEqual(['40 made'])
  await page.getByRole('button', { name: 'Edit WO-1' }).click()
  await later()
  await page.getByRole('button', { name: 'Made so far: one more' }).click()
  await expect.element(page.getByLabelText('Made so far', { exact: true })).toHaveValue('41')
  await page.getByLabelText('Made so far', { exact: true }).fill('10000001')
  await expect.element(page.getByText('A whole number from 0 to 10,000,000.')).toBeVisible()
  await page.getByLabelText('Made so far', { exact: true }).fill('120')
  await later()
  await page.getByRole('button', { name: 'Save changes' }).click()
  const data = { id: id(1), fields: { produced: 120 }, baseVersion: 1 }
  await expect.poll(() => commands(relay.heard)).toMatchObject([{ type: 'order.update', data }])
  await expect.poll(made).toEqual(['120 made'])
  expect(stage.all('.order-made .value-waiting')).toHaveLength(1)
})

test('a number that another order has is refused before it is sent', async () => {
  const { relay } = await open()
  await page.getByRole('button', { name: 'New order' }).click()
  await page.getByRole('textbox', { name: 'Order' }).fill('wo-002')
  await expect.element(page.getByText('There is an order wo-002 already.')).toBeVisible()
  await page.getByRole('button', { name: 'Create order' }).click()
  expect(commands(relay.heard)).toEqual([])
})

test('an order that was refused comes back into its form', async () => {
  const made = { area: 'line-3', number: 'WO-9', title: 'Seat rail', quantity: 7, assignee: null, note: '' }
  const { app, relay } = await open(RECORDS, { rejected: [rejected(command(50, 'order.create', made), 'forbidden')] })
  app.sheet.value = { kind: 'outbox' }
  await page.getByRole('button', { name: 'Change and send again' }).click()
  await expect.element(page.getByLabelText('Title')).toHaveValue('Seat rail')
  await later()
  await page.getByRole('button', { name: 'Create order' }).click()
  await expect.poll(() => commands(relay.heard)).toMatchObject([{ type: 'order.create', data: made }, {}])
})

test('each choice that shows nothing says so in words of its own', async () => {
  await open([order(1)])
  await choose(/^Late/)
  await expect.element(page.getByText('No order is late.')).toBeVisible()
  await choose(/^Done/)
  await expect.element(page.getByText('No order is done yet.')).toBeVisible()
})

test('[F5] [F8] of five thousand only those in sight are drawn, and one of them is found', async () => {
  await stage.show('orders-many')
  await expect.poll(() => stage.all('.order-open').length).toBeGreaterThan(0)
  await expect.poll(() => stage.all('.order-open').length).toBeLessThan(60)
  await page.getByRole('searchbox').fill('WO-7990')
  await expect.poll(numbers).toEqual(['WO-7990'])
  await page.getByRole('searchbox').fill('하우ㅈ 4998')
  await expect
    .poll(() => stage.all('.order-title').map(({ textContent }) => textContent))
    .toEqual(['하우징 커버, lot 4998'])
})
