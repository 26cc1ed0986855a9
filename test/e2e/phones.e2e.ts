// A phone: its page is hidden, stopped, put away, its network goes and comes. Seen again it is live at once, and until then
// nothing that is old is called current.
import { expect, type CDPSession, type Page } from '@playwright/test'
import { HostileProxy } from '../support/hostile-proxy.ts'
import { Tab } from './device.ts'
import { test as base } from './floor.ts'
import { OwnChromium } from './own-chromium.ts'

const NEWS = 'Evacuate hall 3'
/** A page that was not seen for less is one between whose tabs somebody changes (R47). */
const AWAY_MS = 5_000

interface Phone {
  readonly page: Page
  readonly tab: Tab
  readonly session: CDPSession
  /** Between the phone and the server. */
  readonly radio: HostileProxy
  /** What was drawn since the page was last seen anew, each time it changed. */
  readonly drawn: Drawn[]
}
interface Drawn {
  /** Wall clock: a browser tells of a page that it puts away when it takes it out again. */
  readonly at: number
  readonly isLive: boolean
  readonly hasNews: boolean
}

const test = base.extend<
  { readonly worker: 'shared by all tabs' | 'of this tab alone'; readonly phone: Phone },
  { readonly chromium: OwnChromium }
>({
  chromium: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads from the pattern what a fixture needs: nothing
    async ({}, use) => {
      // Without a radio of its own, this browser names the kind of a network only when it is told to.
      const chromium = await OwnChromium.start(['--enable-blink-features=NetInfoDownlinkMax'])
      await use(chromium)
      await chromium.dispose()
    },
    { scope: 'worker' },
  ],
  // The heartbeat alone would find a dead link after a minute.
  serverArguments: ['--heartbeat-ms', '30000'],
  worker: ['shared by all tabs', { option: true }],
  phone: async ({ floor, chromium, worker }, use) => {
    const radio = new HostileProxy(Number(new URL(floor.url).port), 'none')
    const page = await chromium.page()
    await page.setViewportSize({ width: 390, height: 844 })
    if (worker === 'of this tab alone') {
      await page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'))
    }
    const drawn: Drawn[] = []
    page.on('console', (message) => {
      const [mark, said = ''] = message.text().split('drawn: ')
      if (mark === '') drawn.push(JSON.parse(said) as Drawn)
    })
    await page.addInitScript(tellWhatIsDrawn, NEWS)
    await page.goto(await radio.listen())
    const tab = new Tab(page)
    await expect(tab.connection).toContainText('Live')
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
    await use({ page, tab, radio, drawn, session: await page.context().newCDPSession(page) })
    await page.close()
    await radio.close()
  },
})

/** In a page: says what it shows in each frame that differs from the one before, and in each that is the first to be seen. */
function tellWhatIsDrawn(news: string): void {
  let last = ''
  const look = (): void => {
    const isLive = document.querySelector('[data-testid=connection-state]')?.textContent.startsWith('Live') ?? false
    const hasNews = document.body?.innerText.includes(news) ?? false
    const now = `${isLive} ${hasNews}`
    // oxlint-disable-next-line no-console -- the way out of a page that may be gone in a moment
    if (now !== last) console.debug(`drawn: ${JSON.stringify({ at: Date.now(), isLive, hasNews })}`)
    last = now
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  const anew = (): void => {
    last = ''
  }
  document.addEventListener('visibilitychange', anew)
  document.addEventListener('resume', anew)
  addEventListener('pageshow', anew)
}

/** From the moment on that it is seen. */
async function expectLiveAtOnce({ tab, drawn }: Phone, seen: () => Promise<unknown>): Promise<void> {
  const from = Date.now()
  await seen()
  await expect(tab.overlay).toContainText(NEWS)
  await expect(tab.connection).toContainText('Live')
  await expect.poll(() => drawn.at(-1)).toMatchObject({ isLive: true, hasNews: true })
  const ms = (drawn.at(-1)?.at ?? 0) - from
  test.info().annotations.push({ type: 'live after', description: `${ms} ms` })
  // oxlint-disable-next-line no-console -- a figure for whoever reads the run
  console.log(`${test.info().title}: live ${ms} ms after it was seen`)
  expect(drawn.filter(({ at, isLive, hasNews }) => at >= from && isLive && !hasNews)).toEqual([])
}

/** Another page, which hides this one. */
async function inFront(page: Page): Promise<Page> {
  const other = await page.context().newPage()
  await other.bringToFront()
  return other
}

test.describe(() => {
  test.use({ serverArguments: ['--heartbeat-ms', '6000'] })

  test('[R6] [R47] [R60] a page that was hidden for long pings less often, and has a new socket as soon as it is seen', async ({
    floor,
    phone,
    chromium,
  }) => {
    const { page, radio } = phone
    const sent = await chromium.sentByWorker(new URL(page.url()).origin)
    const other = await inFront(page)
    const hiddenAt = performance.now()
    await expect.poll(() => sent.at(-1) ?? '').toContain('"everyMs":18000')
    radio.fallSilent()
    await floor.raise('P0', NEWS)
    await expect.poll(() => performance.now() - hiddenAt).toBeGreaterThan(AWAY_MS)
    radio.lift()
    await expectLiveAtOnce(phone, () => page.bringToFront())
    await other.close()
  })
})

for (const worker of ['shared by all tabs', 'of this tab alone'] as const) {
  test.describe(() => {
    test.use({ worker })

    test(`[R6] [R47] a page that was stopped has a new socket as soon as it goes on; its worker ${worker}`, async ({
      floor,
      phone,
    }) => {
      const { page, session, radio } = phone
      const other = await inFront(page)
      await session.send('Page.setWebLifecycleState', { state: 'frozen' })
      radio.fallSilent()
      await floor.raise('P0', NEWS)
      radio.lift()
      await expectLiveAtOnce(phone, async () => {
        await session.send('Page.setWebLifecycleState', { state: 'active' })
        await page.bringToFront()
      })
      await other.close()
    })
  })
}

test('[P5] [R47] a page that comes back from the back/forward cache is old until it is loaded anew', async ({
  floor,
  phone,
}) => {
  const { page, radio } = phone
  await page.evaluate(() =>
    addEventListener('pageshow', ({ persisted }) => {
      const shown = document.querySelector('[data-testid=connection-state]')?.textContent
      // oxlint-disable-next-line no-console -- the page is gone in a moment, perhaps before it is drawn
      console.debug(`persisted ${persisted}, ${shown}`)
    }),
  )
  const restored = page.waitForEvent('console', (message) => message.text().startsWith('persisted true'))
  await page.goto(new URL('/healthz', page.url()).href)
  radio.fallSilent()
  await floor.raise('P0', NEWS)
  radio.lift()
  await expectLiveAtOnce(phone, () => page.evaluate(() => void setTimeout(() => history.back())))
  expect((await restored).text()).toMatch(/^persisted true, (Connecting|Reconnecting)/)
})

test('[R6] in airplane mode it says that it is offline and since when, and is live as soon as the network is back', async ({
  floor,
  phone,
}) => {
  const { page, tab, radio } = phone
  await expect(page.getByTestId('line-head')).toBeVisible()
  radio.fallSilent()
  await page.context().setOffline(true)
  await expect(tab.connection).toContainText(/offline since \d\d:\d\d/)
  await expect(page.getByTestId('line-head')).toContainText(/As of \d\d:\d\d/)
  await floor.raise('P0', NEWS)
  radio.lift()
  await expectLiveAtOnce(phone, () => page.context().setOffline(false))
})

test('[R47] a phone that goes from Wi-Fi to mobile data, and is never offline, has a new socket at once', async ({
  floor,
  phone,
}) => {
  const { tab, session, radio } = phone
  const use = (connectionType: 'wifi' | 'cellular4g') =>
    session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 1, // without any of these it does not look at the kind
      downloadThroughput: -1,
      uploadThroughput: -1,
      connectionType,
    })
  await session.send('Network.enable')
  await use('wifi')
  await expect(tab.connection).toContainText('Live')
  radio.fallSilent()
  radio.lift()
  await floor.raise('P0', NEWS)
  await expectLiveAtOnce(phone, () => use('cellular4g'))
})
