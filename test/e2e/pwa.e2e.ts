// The web UI as an installed app: what it needs from the browser, and what the browser does to it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, type Page } from '@playwright/test'
import type { Tab } from './device.ts'
import { USED_LOCK } from '../../renderer/pwa/window-locks.ts'
import { test as floorTest, type Floor } from './floor.ts'
import { PageBuilds } from './page-builds.ts'

const test = floorTest.extend<object, { readonly builds: PageBuilds }>({
  builds: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads from the pattern what a fixture needs: nothing
    async ({}, use) => {
      const builds = await PageBuilds.make(['one', 'two'])
      await use(builds)
      await builds.dispose()
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  serverArguments: async ({ builds }, use) => use(pagesOf(builds, 'one')),
})

function pagesOf(builds: PageBuilds, name: 'one' | 'two'): readonly string[] {
  return ['--pages', builds.path(name)]
}

async function update(floor: Floor, builds: PageBuilds): Promise<void> {
  await floor.stop()
  await floor.start(pagesOf(builds, 'two'))
}

/** The service worker has kept what this build needs, and answers for this page. */
async function isKept(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
}

/** How many windows of this browser say that a person used them lately: they do once they are loaded and have time for it. */
function windowsInUse(page: Page): Promise<number> {
  return page.evaluate(async (name) => {
    const { held = [] } = await navigator.locks.query()
    return held.filter((lock) => lock.name?.includes(name)).length
  }, USED_LOCK)
}

/** Name of the build whose script runs in this page. */
async function buildOf({ page, connection }: Tab): Promise<string> {
  await connection.click()
  const sheet = page.getByRole('dialog')
  const words = await sheet.getByTestId('page-build').innerText()
  await page.keyboard.press('Escape')
  await expect(sheet).toBeHidden()
  return words.split('+')[1] ?? words
}

const bar = ({ page }: Tab) => page.getByTestId('update-bar')

test('installable without findings', async ({ floor }) => {
  const tab = await floor.tab()
  await isKept(tab.page)
  const session = await tab.page.context().newCDPSession(tab.page)
  const { errors } = await session.send('Page.getAppManifest')
  expect(errors).toEqual([])
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])
  const { appId } = await session.send('Page.getAppId')
  expect(appId).toBe(`${floor.url}/`)
})

test('the first load needs no more than 120 KB of script, gzipped', async ({ floor, builds }) => {
  const index = await readFile(join(builds.path('one'), 'index.html'), 'utf8')
  const first = [...index.matchAll(/src="\.(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? '')
  const tab = await floor.tab()
  await expect(tab.connection).toContainText('Live')
  const loaded = await tab.page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
  )
  // On a busy machine these are there by now: nobody waits for them, and they come when the page is at rest.
  const later = await Promise.all(['updates', 'value-spark'].map((name) => keptScript(builds.path('one'), name)))
  expect(later).not.toContain('/')
  const scripts = new Set([
    ...first,
    ...loaded.filter((path) => path.endsWith('.js') && !later.includes(path)),
    // No resource of the page that started it.
    await keptScript(builds.path('one'), 'relay.worker'),
  ])
  expect(scripts.size).toBeGreaterThan(1)
  // What only a long list needs is kept for when there is one, and not loaded before.
  const rowWindow = await keptScript(builds.path('one'), 'row-window')
  expect(rowWindow).not.toBe('/')
  expect(scripts).not.toContain(rowWindow)
  // What looks for a newer build comes in a moment in which nobody waits: here before this line or behind it.
  scripts.delete(await keptScript(builds.path('one'), 'updates'))
  let bytes = 0
  for (const path of scripts) {
    const source = await readFile(join(builds.path('one'), path))
    // What fits a packet anyway is not packed (build/pages.mjs).
    const encoding = source.length < 1_024 ? null : 'gzip'
    expect((await fetch(floor.url + path)).headers.get('content-encoding'), path).toBe(encoding)
    bytes += gzipSync(source).length
  }
  expect(bytes).toBeLessThanOrEqual(120 * 1024)
})

test('[P5] opens without a network and after a restart, with the last known state and its age', async ({
  floor,
  builds,
}) => {
  const terminal = await floor.device({ isKept: true })
  const tab = await terminal.tab('/#/line-3/alerts')
  await floor.raise('P2', 'Coolant low')
  await expect(tab.alert('Coolant low')).toBeVisible()
  await isKept(tab.page)
  await floor.kill()
  await expect(tab.connection).toContainText(/offline since \d\d:\d\d/i)
  await terminal.close()

  const again = await terminal.reopen('/#/line-3/alerts')
  await expect(again.alert('Coolant low')).toBeVisible()
  await expect(again.connection).toContainText(/offline since \d\d:\d\d/i)
  await expect(again.page.getByText(/Offline since \d\d:\d\d · values are from then/)).toBeVisible()
  await expect(again.page.getByText(/As of \d\d:\d\d/)).toBeVisible()
  // A link into the app opens, too; and what is done here is kept for later.
  await again.page.goto(`${floor.url}/#/line-3/alerts`)
  await again.raise('P1', 'Guard open')
  await expect(again.outbox).toContainText('1 waiting')

  await floor.start(pagesOf(builds, 'one'))
  await expect(again.connection).toContainText('Live')
  await expect(again.outbox).toContainText('0 waiting')
})

test('a page that came past the service worker is taken in by it', async ({ floor }) => {
  const tab = await floor.tab()
  await isKept(tab.page)
  const session = await tab.page.context().newCDPSession(tab.page)
  // As a page comes that is loaded while the very first one begins, every time.
  await Promise.all([tab.page.waitForEvent('load'), session.send('Page.reload', { ignoreCache: true })])
  await isKept(tab.page)
})

test('the bundled Korean letters are there without a network, too, once they were needed', async ({ floor }) => {
  const tab = await floor.tab()
  await isKept(tab.page)
  await tab.page.reload()
  // This machine may have Korean letters of its own, and would not ask for ours.
  const letters = () =>
    tab.page.evaluate(async () => (await document.fonts.load('16px "Noto Sans KR Variable"', '가')).length)
  await expect.poll(letters).toBe(1)
  await floor.kill()
  await tab.page.reload()
  await expect.poll(letters).toBe(1)
})

test('a new build waits until a person wants it, and not over words that are not sent', async ({ floor, builds }) => {
  const terminal = await floor.device()
  const tab = await terminal.tab()
  await tab.signIn('kim', '1111')
  const other = await terminal.tab()
  await Promise.all([isKept(tab.page), isKept(other.page)])
  const old = await script(tab.page)
  await update(floor, builds)
  // Nobody asked for it: the reconnect did.
  await expect(bar(tab)).toContainText('A new version is ready')
  await expect(bar(other)).toContainText('A new version is ready')
  expect(await buildOf(tab)).toBe('one')
  // What the old pages still load is there.
  expect((await fetch(new URL(old, floor.url))).status).toBe(200)

  await other.show('Line chat')
  await other.page.getByLabel('Message', { exact: true }).fill('Half a sentence')
  await other.press(bar(other).getByRole('button', { name: 'Restart now' }))
  await expect(bar(other)).toContainText('Finish or close first what you have begun here')
  await tab.press(bar(tab).getByRole('button', { name: 'Restart now' }))
  await expect(bar(tab)).toContainText('another window')
  await other.press(other.page.getByRole('button', { name: 'Send', exact: true }))
  await expect(other.message('Half a sentence')).toHaveCount(1)

  // Started in one window, it has the relay; the other one says so and waits for its person.
  await tab.press(bar(tab).getByRole('button', { name: 'Restart now' }))
  await expect(tab.connection).toContainText('Live')
  await expect(bar(tab)).toHaveCount(0)
  expect(await buildOf(tab)).toBe('two')
  await expect(other.page.getByText('A newer Andon runs in another page')).toBeVisible()
  await expect(bar(other)).toHaveCount(0)
  await other.press(other.page.getByRole('button', { name: 'Load again' }))
  await expect(other.message('Half a sentence')).toHaveCount(1)
  expect(await buildOf(other)).toBe('two')
})

test('a new build starts by itself once nobody has touched any window for five minutes', async ({ floor, builds }) => {
  const terminal = await floor.device({ prepare: (context) => context.clock.install() })
  const tab = await terminal.tab()
  const other = await terminal.tab()
  await Promise.all([isKept(tab.page), isKept(other.page)])
  await expect.poll(() => windowsInUse(tab.page)).toBe(2)
  const old = await script(tab.page)
  await update(floor, builds)
  for (const one of [tab, other]) await expect(bar(one)).toContainText('A new version is ready')
  // One clock for all windows of a device.
  const { clock } = terminal.context
  await clock.runFor(4 * 60_000)
  await other.page.keyboard.press('Shift')
  await clock.runFor(2 * 60_000)
  // Nobody touched this one for six minutes, but the other one two minutes ago.
  expect(await script(tab.page)).toBe(old)
  for (const one of [tab, other]) {
    // One starts it; what the other one hears of that takes its own time.
    await expect(async () => {
      await clock.runFor(60_000)
      expect(await script(one.page)).not.toBe(old)
    }).toPass()
    await expect(bar(one)).toHaveCount(0)
    expect(await buildOf(one)).toBe('two')
  }
})

test('a new build does not start while a P0 waits for an answer', async ({ floor, builds }) => {
  const tab = await floor.tab()
  await isKept(tab.page)
  await update(floor, builds)
  await expect(bar(tab)).toContainText('A new version is ready')
  await floor.raise('P0', 'Evacuate hall 3')
  await expect(tab.overlay).toContainText('Evacuate hall 3')
  await tab.press(tab.overlay.getByRole('button', { name: 'Sign in to acknowledge' }))
  await tab.press(bar(tab).getByRole('button', { name: 'Restart now' }))
  await expect(bar(tab)).toContainText('Not while a P0 waits')
  expect(await buildOf(tab)).toBe('one')
})

test('of two builds side by side exactly one has the relay, and nothing that was saved is lost', async ({
  floor,
  builds,
}) => {
  const terminal = await floor.device({ serviceWorkers: 'block' })
  const old = await terminal.tab()
  await old.signIn('kim', '1111')
  await old.show('Line chat')
  // The view is there before the server goes.
  await expect(old.page.getByLabel('Message', { exact: true })).toBeVisible()
  await floor.stop()
  await old.say('Saved by the old build')
  await expect(old.outbox).toContainText('1 waiting')
  await floor.start(pagesOf(builds, 'two'))
  const fresh = await terminal.tab()
  await expect(fresh.connection).toContainText('Live')
  await fresh.show('Line chat')
  await expect(fresh.message('Saved by the old build')).toHaveCount(1)
  await expect(fresh.outbox).toContainText('0 waiting')
  await expect(old.page.getByText('A newer Andon runs in another page')).toBeVisible()

  expect(await holders(fresh.page)).toBe(1)
  expect(await connections(floor.url)).toBe(1)
  // The newer one goes: the older one, still open, has it back.
  await fresh.page.close()
  await expect(old.connection).toContainText('Live')
  await old.say('The old build again')
  await expect(old.message('The old build again')).toHaveCount(1)
  await expect(old.pendingMarks).toHaveCount(0)
  expect(await connections(floor.url)).toBe(1)
})

test('without SharedWorker one tab is connected, and a person brings it to another', async ({ floor }) => {
  const terminal = await floor.device({
    prepare: (context) => context.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker')),
  })
  const first = await terminal.tab()
  await first.signIn('kim', '1111')
  await first.show('Line chat')
  await first.say('From the first tab')
  await expect(first.pendingMarks).toHaveCount(0)

  const second = await terminal.tab()
  await expect(second.page.getByRole('heading', { name: 'Andon is open in another tab' })).toBeVisible()
  await expect(first.connection).toContainText('Live')
  await second.press(second.page.getByRole('button', { name: 'Use it here' }))
  await expect(second.connection).toContainText('Live')
  await second.show('Line chat')
  await expect(second.message('From the first tab')).toHaveCount(1)
  expect(await holders(second.page)).toBe(1)
  expect(await connections(floor.url)).toBe(1)

  // The first tab says so at once, and has it back when the second is gone.
  await expect(first.page.getByText('Andon is open in another tab')).toBeVisible()
  await expect(first.page.getByRole('button', { name: 'Use it here' })).toBeVisible()
  await second.page.close()
  await expect(first.page.getByText('Andon is open in another tab')).toBeHidden()
  await first.say('Again from the first tab')
  await expect(first.message('Again from the first tab')).toHaveCount(1)
  await expect(first.pendingMarks).toHaveCount(0)
})

/** How many relays of this browser may open the outbox. */
function holders(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    return held.filter(({ name }) => name === 'andon-relay').length
  })
}

/** Open uplinks, as the server counts them. */
async function connections(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^andon_connections (\d+)$/m.exec(metrics)?.[1])
}

/** Address of the page's first script. */
function script(page: Page): Promise<string> {
  return page.evaluate(() => document.querySelector('script')?.getAttribute('src') ?? '')
}

/** Address of a script that the service worker keeps; `/`: it keeps none of this name. */
async function keptScript(pages: string, name: string): Promise<string> {
  const kept = (await readFile(join(pages, 'sw.js'), 'utf8')).match(/assets\/[\w.-]+\.js/g) ?? []
  return `/${kept.find((path) => path.startsWith(`assets/${name}-`)) ?? ''}`
}
