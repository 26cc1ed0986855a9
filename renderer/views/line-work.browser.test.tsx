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

test('an order that is only open is named as the next one, and one that runs as what runs', async () => {
  await open([order(1), order(2, { status: 'done' })])
  await expect.element(page.getByRole('region', { name: 'What is next' }).getByText('WO-1')).toBeVisible()
  await open([order(1), order(2, { status: 'running' })])
  await expect.element(page.getByRole('region', { name: 'What runs' }).getByText('WO-2')).toBeVisible()
})
