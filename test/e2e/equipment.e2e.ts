import { expect } from '@playwright/test'
import type { Device, Tab } from './device.ts'
import { test, type Floor } from './floor.ts'

async function measured(floor: Floor, values: Readonly<Record<string, number>>): Promise<void> {
  const samples = Object.entries(values).map(([signal, value]) => ({
    area: 'line-3',
    machine: 'lathe-4',
    signal,
    value,
    unit: 'bar',
    limits: { low: 60, high: 90 },
  }))
  const response = await floor.api('telemetry', { method: 'POST', body: samples })
  expect(response.ok, await response.text()).toBe(true)
}

/** A device whose person has allowed notifications; over every start of its browser. */
function notifiedDevice(floor: Floor): Promise<Device> {
  return floor.device({
    isKept: true,
    prepare: (context) => context.grantPermissions(['notifications'], { origin: floor.url }),
  })
}

/** Titles of the notifications that stand on this device. */
function notifications(tab: Tab): Promise<readonly string[]> {
  return tab.page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready
    return (await registration.getNotifications()).map(({ title }) => title)
  })
}

test('this machine is measured for real, made-up values say so, and the past opens as chart and table', async ({
  floor,
}) => {
  const tab = await floor.tab('/#/line-3/equipment')
  await tab.signIn('kim', '1111')
  const host = tab.page.locator('[data-machine="host-1"]')
  await expect(host.getByTestId('tile').first()).toBeVisible()
  await expect(host.locator('.tile-current').first()).toBeVisible()
  await expect(host.getByText('Simulated')).toHaveCount(0)
  await expect(tab.page.getByText('Simulated').first()).toBeVisible()
  await measured(floor, { pressure: 41.2 })
  const tile = tab.page.locator('[data-machine="lathe-4"]').getByTestId('tile')
  await expect(tile).toContainText('41.2 bar')
  await expect(tile).toContainText('Below 60 bar')
  await measured(floor, { pressure: 71.5 })
  await expect(tile).toContainText('71.5 bar')
  await expect(tile).toContainText('Limit 60 to 90 bar')
  await tab.press(tile)
  await expect(tab.page.locator('.trend-chart canvas')).toBeVisible()
  await tab.page.getByRole('radio', { name: 'Table' }).check({ force: true })
  await expect(tab.page.locator('.trend-table tbody tr').first()).toContainText('bar')
})

test('[F8] what is sought among many machines is shown, and the page comes to rest', async ({ floor }) => {
  const samples = Array.from({ length: 40 }, (_, index) => ({
    area: 'line-3',
    machine: `oven-${index}`,
    signal: 'heat',
    value: index,
    unit: '°C',
  }))
  expect((await floor.api('telemetry', { method: 'POST', body: samples })).ok).toBe(true)
  const tab = await floor.tab('/#/line-3/equipment')
  const machines = tab.page.locator('[data-machine]')
  await expect(machines).toHaveCount(43)
  // Each search is another subscription, whose answer must not ask for another one.
  await tab.page.getByRole('searchbox').fill('press')
  await expect(machines).toHaveCount(2)
  await tab.page.getByRole('searchbox').fill('')
  await expect(machines).toHaveCount(43)
})

test('[P5] a machine that falls silent looks old; without the server every value does, and says since when', async ({
  floor,
}) => {
  const tab = await floor.tab('/#/line-3/equipment')
  await tab.signIn('kim', '1111')
  const host = tab.page.locator('[data-machine="host-1"]')
  await expect(host.locator('.tile-current').first()).toBeVisible()
  await tab.page.context().setOffline(true)
  await floor.kill()
  // Five seconds; a minute if the value had come only once until then, and nobody knew yet how often it comes (M2).
  await expect(host.locator('.tile-stale').first()).toContainText(/Old since \d\d:\d\d/, { timeout: 75_000 })
})

test('a P0 is one notification of a device with two tabs, closed when somebody has it, and evidence says so', async ({
  floor,
}) => {
  const device = await notifiedDevice(floor)
  const [first, second] = [await device.tab(), await device.tab()]
  await first.signIn('kim', '1111')
  await expect(second.connection).toContainText('Live')
  await first.page.evaluate(() => navigator.serviceWorker.ready.then(() => null))
  const alert = await floor.raise('P0', 'Gas warning')
  await expect(first.overlay).toBeVisible()
  // Asked while it is being shown, Chromium forgets a notification.
  await expect.poll(() => floor.evidenceOf(alert)).toContain('notified')
  await expect.poll(() => notifications(first)).toEqual(['Gas warning'])
  await second.press(second.overlay.getByRole('button', { name: 'I have it' }))
  await expect.poll(() => notifications(first)).toEqual([])
})

test('what a device missed while it was off is one notification, of what is still active only', async ({ floor }) => {
  const device = await notifiedDevice(floor)
  const before = await device.tab()
  await before.signIn('kim', '1111')
  await before.page.evaluate(() => navigator.serviceWorker.ready.then(() => null))
  await device.close()
  const alerts = [
    await floor.raise('P0', 'Gas 1'),
    await floor.raise('P0', 'Gas 2'),
    await floor.raise('P0', 'Gas 3'),
    await floor.raise('P0', 'Gas 4'),
  ]
  const done = await floor.api(`alerts/${alerts[0]}/ack`, { method: 'POST', body: {} })
  expect(done.ok).toBe(true)
  const after = await device.reopen()
  await expect.poll(() => notifications(after)).toEqual(['3 alerts need you'])
  for (const alert of alerts.slice(1)) await expect.poll(() => floor.evidenceOf(alert)).toContain('notified')
  expect(await floor.evidenceOf(alerts[0] ?? '')).not.toContain('notified')
})

test('a browser that was not allowed to notify says so where the person looks, and evidence does', async ({
  floor,
}) => {
  const tab = await floor.tab()
  await tab.signIn('kim', '1111')
  const alert = await floor.raise('P0', 'Gas warning')
  await expect.poll(() => floor.evidenceOf(alert)).toContain('not-notified')
  await tab.press(tab.overlay.getByRole('button', { name: 'I have it' }))
  await tab.press(tab.connection)
  await expect(tab.page.getByTestId('notices-state')).toContainText('Notifications are')
})
