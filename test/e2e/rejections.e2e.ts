import { join } from 'node:path'
import { expect } from '@playwright/test'
import { isLive, startRelay } from '../support/processes.ts'
import type { Device, Tab } from './device.ts'
import { test, type Floor } from './floor.ts'

async function signedIn(floor: Floor, name: string, pin: string): Promise<{ tab: Tab; device: Device }> {
  const device = await floor.device({ isKept: true })
  const tab = await device.tab('/#/line-3/orders')
  await tab.signIn(name, pin)
  await expect(tab.connection).toContainText('Live')
  return { tab, device }
}

test('[P1 P9] what was rejected stands before the supervisor until it is settled, and nothing waits behind it', async ({
  floor,
}) => {
  const first = await signedIn(floor, 'kim', '1111')
  const { tab: lee } = await signedIn(floor, 'lee', '2222')
  const { tab: park } = await signedIn(floor, 'park', '3333')
  for (const tab of [first.tab, lee]) await expect(tab.view('Not accepted')).toHaveCount(0)
  await park.show('Not accepted')
  await expect(park.rejections).toHaveCount(0)

  // kim changes an order while the server is away; before kim's device is back, somebody else changes the same field.
  const number = /[A-Z]+-\d+/.exec(await first.tab.page.getByTestId('order-row').first().innerText())?.[0] ?? ''
  await floor.kill()
  await expect(first.tab.connection).toContainText(/offline/i)
  await first.tab.setQuantity(number, 111)
  await first.tab.show('Line chat')
  await first.tab.say('Behind the edit')
  await expect(first.tab.outbox).toContainText('2 waiting')
  await first.device.close()
  await floor.start()
  await setQuantity(floor, number, 222)
  const kim = await first.device.reopen()
  await expect(kim.refusals).toBeVisible({ timeout: 40_000 })

  // What was behind the rejected one took effect.
  await expect(lee.connection).toContainText('Live')
  await lee.show('Line chat')
  await expect(lee.message('Behind the edit')).toHaveCount(1)

  const row = park.rejections.filter({ hasText: number })
  await expect(row).toContainText('Quantity 111')
  await expect(row).toContainText('kim on ')
  await expect(row).toContainText('Somebody else changed this work order first')
  await expect(park.view('Not accepted')).toContainText('1')

  await park.press(row.getByRole('button', { name: /^Discard/ }))
  const sheet = park.page.getByRole('dialog')
  await park.press(sheet.getByRole('button', { name: 'Discard', exact: true }))
  await expect(sheet).toContainText('Say why it is discarded.')
  await sheet.getByLabel('Reason').fill('Counted twice')
  await park.press(sheet.getByRole('button', { name: 'Discard', exact: true }))
  await expect(park.rejections).toHaveCount(0)

  // kim's device lets it go, and says who and why.
  await expect(kim.refusals).toHaveCount(0)
  await kim.press(kim.outbox)
  await expect(kim.page.getByRole('dialog')).toContainText(/Discarded by park at \d\d:\d\d: Counted twice/)
})

test('[P9 D5] a person meets what was rejected elsewhere on the next device; a supervisor sends it under their own name', async ({
  floor,
  folder,
}) => {
  const { tab: park } = await signedIn(floor, 'park', '3333')
  await park.show('Not accepted')
  // kim on another device: what the line refuses, and behind it what it takes.
  const user = ['kim', '1111'] as const
  const relay = startRelay({
    url: floor.url,
    folder: join(folder, 'relay'),
    user,
    extra: ['--name', 'packing', '--linger'],
  })
  await relay.until(isLive)
  relay.send({ ref: 'r1', command: 'chat.post', data: { line: 'line-1', text: 'Lost my way' } })
  relay.send({ ref: 'r2', command: 'chat.post', data: { line: 'line-3', text: 'Behind it' } })
  await relay.until((line) => line.kind === 'result' && line['ref'] === 'r2' && line['outcome'] === 'applied')
  await relay.kill()

  const { tab: kim } = await signedIn(floor, 'kim', '1111')
  await expect(kim.refusals).toBeVisible()
  await kim.show('Line chat')
  await expect(kim.message('Behind it')).toHaveCount(1)

  await park.press(park.page.getByRole('button', { name: /^Area/ }))
  await park.press(park.page.getByRole('dialog').getByRole('button', { name: 'Line 1' }))
  const row = park.rejections.filter({ hasText: 'Lost my way' })
  await expect(row).toContainText('kim on packing')
  await park.press(row.getByRole('button', { name: /^Send again/ }))
  await park.press(park.page.getByRole('dialog').getByRole('button', { name: 'Send again', exact: true }))
  await expect(park.rejections).toHaveCount(0)
  await park.show('Line chat')
  await expect(park.message('Lost my way')).toContainText('park')
  await expect(kim.refusals).toHaveCount(0)
})

/** Changes an order over the API. */
async function setQuantity(floor: Floor, number: string, quantity: number): Promise<void> {
  const order = (await floor.orders()).find((one) => one.number === number)
  if (order === undefined) throw new Error(`no order ${number}`)
  const body = { fields: { quantity }, baseVersion: order.version }
  const response = await floor.api(`orders/${order.id}`, { method: 'PATCH', body })
  expect(response.status).toBe(200)
}
