import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { freePort, startServer, type Program } from '../support/processes.ts'
import { Device, type Tab } from './device.ts'

const KEY = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }

let folder = ''
let url = ''
let server: Program
let device: Device

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-e2e-'))
  const started = await startServer(folder, await freePort())
  server = started.program
  url = started.url
  device = await Device.open(url)
})
test.afterEach(async () => {
  await device.dispose()
  await server.kill()
  await rm(folder, { recursive: true, force: true })
  device.expectNoErrors({ wasServerStopped: false })
})

async function measured(values: Readonly<Record<string, number>>): Promise<void> {
  const samples = Object.entries(values).map(([signal, value]) => ({
    area: 'line-3',
    machine: 'lathe-4',
    signal,
    value,
    unit: 'bar',
    limits: { low: 60, high: 90 },
  }))
  const response = await fetch(`${url}/api/telemetry`, { method: 'POST', headers: KEY, body: JSON.stringify(samples) })
  expect(response.ok, await response.text()).toBe(true)
}

async function raised(title: string): Promise<string> {
  const body = JSON.stringify({ priority: 'P0', area: 'line-3', title })
  const response = await fetch(`${url}/api/alerts`, { method: 'POST', headers: KEY, body })
  expect(response.status).toBe(201)
  const { id } = (await response.json()) as { readonly id: string }
  return id
}

/** Kinds of evidence that any device has of the alert. */
async function evidenceOf(alert: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/alerts/${alert}/evidence`, { headers: KEY })
  const { receipts } = (await response.json()) as { readonly receipts: readonly { readonly kind: string }[] }
  return receipts.map(({ kind }) => kind)
}

/** Another device, whose person has allowed them; over every start of its browser. */
async function allowNotifications(): Promise<void> {
  await device.dispose()
  const prepare = (context: Device['context']): Promise<void> =>
    context.grantPermissions(['notifications'], { origin: url })
  device = await Device.open(url, { prepare })
}

/** Titles of the notifications that stand on this device. */
function notifications(tab: Tab): Promise<readonly string[]> {
  return tab.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready
    return (await registration.getNotifications()).map(({ title }) => title)
  })
}

test('this machine is measured for real, made-up values say so, and the past opens as chart and table', async () => {
  const tab = await device.tab('/#/line-3/equipment')
  await tab.signIn('kim', '1111')
  const host = tab.page.locator('[data-machine="host-1"]')
  await expect(host.getByTestId('tile').first()).toBeVisible()
  await expect(host.locator('.tile-current').first()).toBeVisible()
  await expect(host.getByText('Simulated')).toHaveCount(0)
  await expect(tab.page.getByText('Simulated').first()).toBeVisible()
  await measured({ pressure: 41.2 })
  const tile = tab.page.locator('[data-machine="lathe-4"]').getByTestId('tile')
  await expect(tile).toContainText('41.2 bar')
  await expect(tile).toContainText('Below 60 bar')
  await measured({ pressure: 71.5 })
  await expect(tile).toContainText('71.5 bar')
  await expect(tile).toContainText('Limit 60 to 90 bar')
  await tile.click()
  await expect(tab.page.locator('.trend-chart canvas')).toBeVisible()
  await tab.page.getByRole('radio', { name: 'Table' }).check({ force: true })
  await expect(tab.page.locator('.trend-table tbody tr').first()).toContainText('bar')
})

test('[P5] a machine that falls silent looks old; without the server every value does, and says since when', async () => {
  const tab = await device.tab('/#/line-3/equipment')
  await tab.signIn('kim', '1111')
  const host = tab.page.locator('[data-machine="host-1"]')
  await expect(host.locator('.tile-current').first()).toBeVisible()
  await tab.page.context().setOffline(true)
  await server.kill()
  await expect(host.locator('.tile-stale').first()).toContainText(/Old since \d\d:\d\d/, { timeout: 20_000 })
  device.takeErrors()
})

test('a P0 is one notification of a device with two tabs, closed when somebody has it, and evidence says so', async () => {
  await allowNotifications()
  const [first, second] = [await device.tab(), await device.tab()]
  await first.signIn('kim', '1111')
  await expect(second.connection).toContainText('Live')
  await first.page.evaluate(() => navigator.serviceWorker.ready.then(() => null))
  const alert = await raised('Gas warning')
  await expect(first.overlay).toBeVisible()
  await expect.poll(() => notifications(first)).toEqual(['Gas warning'])
  await expect.poll(() => evidenceOf(alert)).toContain('notified')
  await second.overlay.getByRole('button', { name: 'I have it' }).click()
  await expect.poll(() => notifications(first)).toEqual([])
})

test('what a device missed while it was off is one notification, of what is still active only', async () => {
  await allowNotifications()
  const before = await device.tab()
  await before.signIn('kim', '1111')
  await before.page.evaluate(() => navigator.serviceWorker.ready.then(() => null))
  await device.close()
  const alerts = [await raised('Gas 1'), await raised('Gas 2'), await raised('Gas 3'), await raised('Gas 4')]
  const done = await fetch(`${url}/api/alerts/${alerts[0]}/ack`, { method: 'POST', headers: KEY, body: '{}' })
  expect(done.ok).toBe(true)
  const after = await device.reopen()
  await expect.poll(() => notifications(after)).toEqual(['3 alerts need you'])
  for (const alert of alerts.slice(1)) await expect.poll(() => evidenceOf(alert)).toContain('notified')
  expect(await evidenceOf(alerts[0] ?? '')).not.toContain('notified')
})

test('a browser that was not allowed to notify says so where the person looks, and evidence does', async () => {
  const tab = await device.tab()
  await tab.signIn('kim', '1111')
  const alert = await raised('Gas warning')
  await expect.poll(() => evidenceOf(alert)).toContain('not-notified')
  await tab.overlay.getByRole('button', { name: 'I have it' }).click()
  await tab.connection.click()
  await expect(tab.page.getByTestId('notices-state')).toContainText('Notifications are')
})
