// The web UI behind what networks put between a browser and the server: it lives by some way, says by which, and comes back.
import { expect } from '@playwright/test'
import { HostileProxy, type Obstacle } from '../support/hostile-proxy.ts'
import type { Device, Tab } from './device.ts'
import { test } from './floor.ts'

/** Above the lives of which three are asked for (R56). */
const CUT_MS = 5_500
/** Two ways down is six lives and what is between them, on a busy machine. */
const DOWN_MS = 180_000

// So that a link that is held or cut is found in seconds.
test.use({ serverArguments: ['--heartbeat-ms', '1000'] })

for (const [obstacle, way, why] of [
  ['stripped', 'stream over HTTP', /takes WebSocket out of the request/],
  ['held', 'requests over HTTP', /By a better way nothing came/],
  ['cut', 'requests over HTTP', /cuts better connections again and again/],
] satisfies [Obstacle, string, RegExp][]) {
  test(`[R56] [R59] behind a proxy (${obstacle}) a page is live by another way and says why, until that is gone`, async ({
    floor,
  }) => {
    const proxy = new HostileProxy(Number(new URL(floor.url).port), obstacle, CUT_MS)
    const device = await floor.device({ url: await proxy.listen() })
    try {
      const [tab, other] = [await device.tab(), await floor.tab()]
      await expectWay(tab, way, why)
      for (const each of [tab, other]) {
        await each.signIn('kim', '1111')
        await each.show('Line chat')
      }
      await sayOnce([tab, other], 'Behind a proxy')

      proxy.lift()
      // As the system does where the network may be another one.
      await tab.page.evaluate(() => window.dispatchEvent(new Event('online')))
      await expectWay(tab, 'WebSocket', null)
      await sayOnce([tab, other], 'The proxy is gone')
    } finally {
      await done(device, proxy)
    }
  })
}

/** Live, and its sheet names the way and what is against a better one. */
async function expectWay({ page, connection }: Tab, way: string, why: RegExp | null): Promise<void> {
  await connection.click()
  const sheet = page.getByRole('dialog')
  await expect(sheet.getByTestId('way')).toHaveText(way, { timeout: DOWN_MS })
  if (why === null) await expect(sheet.getByTestId('way-reason')).toHaveCount(0)
  else await expect(sheet.getByTestId('way-reason')).toHaveText(why)
  await expect(connection).toContainText('Live')
  await page.keyboard.press('Escape')
  await expect(sheet).toBeHidden()
}

async function sayOnce([from, other]: readonly [Tab, Tab], words: string): Promise<void> {
  await from.say(words)
  await expect(from.pendingMarks).toHaveCount(0)
  for (const tab of [from, other]) await expect(tab.message(words)).toHaveCount(1)
}

/** The browser's own lines about links that were refused or cut are what the test is about; the page's are not. */
async function done(device: Device, proxy: HostileProxy): Promise<void> {
  device.expectNoErrors({ wasServerStopped: true })
  device.takeErrors()
  await device.close()
  await proxy.close()
}
