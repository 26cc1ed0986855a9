// Two floors under one origin, one at its root and one below a path: in one browser nothing of the one is the other's.
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { freePort } from '../support/processes.ts'
import { SharedAddress } from '../support/shared-address.ts'
import { Device, type Tab } from './device.ts'
import { Floor, test as base } from './floor.ts'

interface Plant {
  readonly origin: string
  readonly root: Floor
  readonly hall: Floor
  /** With a disk of its own. */
  readonly device: Device
  /** Nobody answers at the address any more. */
  cut(): Promise<void>
}

const test = base.extend<{ readonly plant: Plant }>({
  plant: async ({ folder, shared }, use) => {
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const root = new Floor(join(folder, 'root'), await freePort(), shared)
    const hall = new Floor(join(folder, 'hall'), await freePort(), shared)
    // Tokens are short, so that both sign themselves in again and again with their cookies.
    const short = ['--access-token-ms', '2000']
    await Promise.all([root.start(short), hall.start([...short, '--public-url', `${origin}/hall`])])
    const address = new SharedAddress(
      new Map([
        ['/', root.url],
        ['/hall', hall.url],
      ]),
    )
    await address.listen(port)
    const device = await Device.open(origin, { isKept: true }, shared)
    let isCut = false
    const cut = async (): Promise<void> => {
      isCut = true
      await address.close()
    }
    await use({ origin, root, hall, device, cut })
    await device.dispose()
    if (!isCut) await address.close()
    await Promise.all([root.close(), hall.close()])
    device.expectNoErrors({ wasServerStopped: isCut })
  },
})

/** The service worker of this very floor answers for the page. */
async function isKept(page: Page, script: string): Promise<void> {
  await page.waitForFunction((path) => {
    const { controller } = navigator.serviceWorker
    return controller !== null && new URL(controller.scriptURL).pathname === path
  }, script)
}

/** Everything that this origin keeps or shares, by name. */
function names(page: Page): Promise<{ databases: string[]; locks: string[]; caches: string[]; memory: string[] }> {
  return page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    const sorted = (all: (string | undefined)[]) =>
      [...new Set(all.filter((name) => name !== undefined))].toSorted((a, b) => (a < b ? -1 : 1))
    return {
      databases: sorted((await indexedDB.databases()).map(({ name }) => name)),
      locks: sorted(held.map(({ name }) => name?.replace(/^andon-window:[\da-f-]+/, 'andon-window:…'))),
      caches: sorted(await caches.keys()),
      memory: sorted(Object.keys(localStorage)),
    }
  })
}

/** Tokens that this floor gave for a cookie. */
async function refreshes(floor: Floor): Promise<number> {
  const metrics = await (await fetch(`${floor.url}/metrics`)).text()
  const [, count] =
    /^andon_http_requests_total\{method="POST",route="\/api\/sessions\/refresh",status="200"\} (\d+)$/m.exec(metrics) ??
    []
  return Number(count ?? 0)
}

async function say(tab: Tab, text: string): Promise<void> {
  await tab.say(text)
  await expect(tab.message(text)).toHaveCount(1)
  await expect(tab.pendingMarks).toHaveCount(0)
}

test('[R70] [X21] two floors under one origin have nothing in common, live and without a network', async ({
  plant,
}) => {
  const { device, origin } = plant
  const root = await device.tab('/')
  await root.signIn('kim', '1111')
  await isKept(root.page, '/sw.js')
  // The root's service worker answers this very first visit, as far as it may.
  const hall = await device.tab('/hall/')
  await expect(hall.connection).toContainText('Live')
  await hall.signIn('lee', '2222')
  await isKept(hall.page, '/hall/sw.js')
  await expect(hall.page.getByTestId('update-bar')).toHaveCount(0)

  for (const [tab, text] of [
    [root, 'Said at the root'],
    [hall, 'Said in the hall'],
  ] as const) {
    await tab.show('Line chat')
    await say(tab, text)
  }
  await plant.hall.raise('P0', 'Evacuate the hall')
  await expect(hall.overlay).toContainText('Evacuate the hall')
  await expect(hall.message('Said at the root')).toHaveCount(0)
  await expect(root.message('Said in the hall')).toHaveCount(0)
  await expect(root.overlay).toHaveCount(0)

  // Both go on by their own cookie, several tokens later.
  for (const floor of [plant.root, plant.hall]) await expect.poll(() => refreshes(floor)).toBeGreaterThan(1)
  const cookies = await device.context.cookies([
    `${origin}/api/sessions/refresh`,
    `${origin}/hall/api/sessions/refresh`,
  ])
  expect(cookies.map(({ name, path }) => `${name} ${path}`).toSorted()).toEqual([
    'andon-refresh /api/sessions',
    'andon-refresh+hall /hall/api/sessions',
  ])
  await say(root, 'Still kim')
  await expect(hall.page.getByText(/signed out/i)).toHaveCount(0)

  // The root's names are those of before there were paths: what devices keep under them is not lost.
  const both = (...own: string[]) => own.flatMap((name) => [name, `${name}/hall`])
  const found = await names(root.page)
  expect(found.databases).toEqual(both('andon-files', 'andon-identity', 'andon-relay'))
  expect(found.caches).toEqual(
    expect.arrayContaining([`workbox-precache-v2-${origin}/`, `workbox-precache-v2-${origin}/hall/`]),
  )
  expect(found.locks).toEqual(
    expect.arrayContaining(both('andon-notices', 'andon-relay', 'andon-used', 'andon-window:…')),
  )
  expect(found.memory).toEqual(expect.arrayContaining(both('andon.operators')))

  // Each opens its own without anybody answering, from the one profile.
  await plant.cut()
  for (const tab of [root, hall]) await expect(tab.connection).toContainText(/offline since/i)
  await device.close()
  const rootAgain = await device.reopen('/#/line-3/chat')
  const hallAgain = await device.tab('/hall/#/line-3/chat')
  await expect(rootAgain.message('Said at the root')).toHaveCount(1)
  await expect(hallAgain.overlay).toContainText('Evacuate the hall')
  await expect(rootAgain.overlay).toHaveCount(0)
  await expect(rootAgain.message('Said in the hall')).toHaveCount(0)
})

test('[X21] every address of a floor below a path leads to its page', async ({ plant }) => {
  for (const path of ['/hall', '/hall/lines/line-3', '/hall/?from=mail#/line-3/orders']) {
    const tab = await plant.device.tab(path)
    await expect(tab.connection).toContainText('Live')
    expect(new URL(tab.page.url()).pathname).toBe('/hall/')
  }
  const { page } = await plant.device.tab('/hall/')
  const session = await page.context().newCDPSession(page)
  const { errors } = await session.send('Page.getAppManifest')
  expect(errors).toEqual([])
  expect((await session.send('Page.getAppId')).appId).toBe(`${plant.origin}/hall/`)
})
