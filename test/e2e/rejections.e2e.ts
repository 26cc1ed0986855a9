import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import type { OrderRecord } from '../../relay/protocol/records.ts'
import { freePort, isLive, startRelay, startServer, type Program } from '../support/processes.ts'
import { Device, type Tab } from './device.ts'

let folder = ''
let url = ''
let port = 0
let server: Program
let devices: Device[] = []

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-e2e-'))
  port = await freePort()
  const started = await startServer(join(folder, 'server'), port)
  server = started.program
  url = started.url
})
test.afterEach(async () => {
  await Promise.all(devices.map((opened) => opened.dispose()))
  devices = []
  await server.kill()
  await rm(folder, { recursive: true, force: true })
})

async function signedIn(name: string, pin: string): Promise<{ tab: Tab; device: Device }> {
  const device = await Device.open(url)
  devices.push(device)
  const tab = await device.tab('/#/line-3/orders')
  await tab.signIn(name, pin)
  await expect(tab.connection).toContainText('Live')
  return { tab, device }
}

test('[P1 P9] what was rejected stands before the supervisor until it is settled, and nothing waits behind it', async () => {
  const first = await signedIn('kim', '1111')
  const { tab: lee } = await signedIn('lee', '2222')
  const { tab: park } = await signedIn('park', '3333')
  for (const tab of [first.tab, lee]) await expect(tab.view('Not accepted')).toHaveCount(0)
  await park.show('Not accepted')
  await expect(park.rejections).toHaveCount(0)

  // kim changes an order while the server is away; before kim's device is back, somebody else changes the same field.
  const number = /[A-Z]+-\d+/.exec(await first.tab.page.getByTestId('order-row').first().innerText())?.[0] ?? ''
  await server.kill()
  await expect(first.tab.connection).toContainText(/offline/i)
  await first.tab.setQuantity(number, 111)
  await first.tab.show('Line chat')
  await first.tab.say('Behind the edit')
  await expect(first.tab.outbox).toContainText('2 waiting')
  await first.device.close()
  server = (await startServer(join(folder, 'server'), port)).program
  await setQuantity(number, 222)
  const kim = await first.device.reopen()
  await expect(kim.refusals).toBeVisible({ timeout: 40_000 })

  // What was behind the rejected one took effect.
  await expect(lee.connection).toContainText('Live', { timeout: 40_000 })
  await lee.show('Line chat')
  await expect(lee.message('Behind the edit')).toHaveCount(1)

  const row = park.rejections.filter({ hasText: number })
  await expect(row).toContainText('Quantity 111', { timeout: 40_000 })
  await expect(row).toContainText('kim on ')
  await expect(row).toContainText('Somebody else changed this work order first')
  await expect(park.view('Not accepted')).toContainText('1')

  await row.getByRole('button', { name: /^Discard/ }).click()
  const sheet = park.page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Discard', exact: true }).click()
  await expect(sheet).toContainText('Say why it is discarded.')
  await sheet.getByLabel('Reason').fill('Counted twice')
  await sheet.getByRole('button', { name: 'Discard', exact: true }).click()
  await expect(park.rejections).toHaveCount(0)

  // kim's device lets it go, and says who and why.
  await expect(kim.refusals).toHaveCount(0)
  await kim.outbox.click()
  await expect(kim.page.getByRole('dialog')).toContainText(/Discarded by park at \d\d:\d\d: Counted twice/)
  for (const tab of [kim, lee, park]) tab.expectNoErrors()
})

test('[P9 D5] a person meets what was rejected elsewhere on the next device; a supervisor sends it under their own name', async () => {
  const { tab: park } = await signedIn('park', '3333')
  await park.show('Not accepted')
  // kim on another device: what the line refuses, and behind it what it takes.
  const user = ['kim', '1111'] as const
  const relay = startRelay({ url, folder: join(folder, 'relay'), user, extra: ['--name', 'packing', '--linger'] })
  await relay.until(isLive)
  relay.send({ ref: 'r1', command: 'chat.post', data: { line: 'line-1', text: 'Lost my way' } })
  relay.send({ ref: 'r2', command: 'chat.post', data: { line: 'line-3', text: 'Behind it' } })
  await relay.until((line) => line.kind === 'result' && line['ref'] === 'r2' && line['outcome'] === 'applied')
  await relay.kill()

  const { tab: kim } = await signedIn('kim', '1111')
  await expect(kim.refusals).toBeVisible()
  await kim.show('Line chat')
  await expect(kim.message('Behind it')).toHaveCount(1)

  await park.page.getByRole('button', { name: /^Area/ }).click()
  await park.page.getByRole('dialog').getByRole('button', { name: 'Line 1' }).click()
  const row = park.rejections.filter({ hasText: 'Lost my way' })
  await expect(row).toContainText('kim on packing')
  await row.getByRole('button', { name: /^Send again/ }).click()
  await park.page.getByRole('dialog').getByRole('button', { name: 'Send again', exact: true }).click()
  await expect(park.rejections).toHaveCount(0)
  await park.show('Line chat')
  await expect(park.message('Lost my way')).toContainText('park')
  await expect(kim.refusals).toHaveCount(0)
})

/** Changes an order over the API. */
async function setQuantity(number: string, quantity: number): Promise<void> {
  const headers = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }
  const listed = await fetch(`${url}/api/orders?area=line-3`, { headers })
  const { orders } = (await listed.json()) as { readonly orders: readonly OrderRecord[] }
  const order = orders.find((one) => one.number === number)
  if (order === undefined) throw new Error(`no order ${number}`)
  const body = JSON.stringify({ fields: { quantity }, baseVersion: order.version })
  const response = await fetch(`${url}/api/orders/${order.id}`, { method: 'PATCH', headers, body })
  expect(response.status).toBe(200)
}
