import { expect, test } from 'vitest'
import { page } from 'vitest/browser'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { OrderRecord } from '../../relay/protocol/records.ts'
import { ALERTS, order, ORDERS, SESSION, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { ORDER_SCENES } from '../testing/order-scenes.ts'
import { setStage } from '../testing/stage.ts'

const stage = setStage(ORDER_SCENES)

async function open(records: readonly OrderRecord[]): Promise<void> {
  const channels = [stateChannel(URGENT_CHANNEL, 1), stateChannel(ALERTS, 1), stateChannel(ORDERS, 1, records)]
  await stage.open({ hash: '#/line-3/line', view: view(0, { channels, session: SESSION }) })
}

test('of what runs it is said how many are done of how many', async () => {
  await open([order(1, { status: 'running', quantity: 480, produced: 412 })])
  const runs = page.getByRole('region', { name: 'What runs' })
  await expect.element(runs.getByText('412 of 480 pcs')).toBeVisible()
  const bar = stage.find('.line-work .done-bar')
  const full = (bar.firstElementChild?.getBoundingClientRect().width ?? 0) / bar.clientWidth
  expect(full).toBeCloseTo(412 / 480, 1)
})

test('what is blocked stands apart from what runs, under its own name and with its note', async () => {
  const die = order(3, { status: 'blocked', note: 'Waits for die 7' })
  await open([order(1, { status: 'running' }), order(2), die])
  const runs = page.getByRole('region', { name: 'What runs' })
  const blocked = page.getByRole('region', { name: 'What is blocked' })
  await expect.element(runs.getByText('WO-1', { exact: true })).toBeVisible()
  expect(runs.element().textContent).not.toContain('WO-3')
  await expect.element(blocked.getByText('WO-3', { exact: true })).toBeVisible()
  await expect.element(blocked.getByText('Waits for die 7')).toBeVisible()
})

test('while nothing runs for being blocked it says so, and what could be next', async () => {
  await open([1, 2, 3, 4].map((n) => order(n, { status: n === 1 ? 'open' : 'blocked' })))
  await expect
    .element(page.getByRole('region', { name: 'What is next' }).getByText('WO-1', { exact: true }))
    .toBeVisible()
  const blocked = page.getByRole('region', { name: 'What is blocked' })
  await expect.element(blocked.getByText('WO-2', { exact: true })).toBeVisible()
  await expect.element(blocked.getByText('1 more is blocked')).toBeVisible()
  await open([order(1, { status: 'blocked' })])
  await expect.element(page.getByRole('region', { name: 'What runs' }).getByText('Nothing runs now.')).toBeVisible()
  await expect.element(blocked.getByText('WO-1', { exact: true })).toBeVisible()
})

test('an order that is only open is named as the next one, and one that runs as what runs', async () => {
  await open([order(1), order(2, { status: 'done' })])
  await expect.element(page.getByRole('region', { name: 'What is next' }).getByText('WO-1')).toBeVisible()
  await open([order(1), order(2, { status: 'running' })])
  await expect.element(page.getByRole('region', { name: 'What runs' }).getByText('WO-2')).toBeVisible()
})
