import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { test as base } from './floor.ts'
import { RunningKiosk, tryKiosk } from './kiosk-device.ts'

/** No server: what holds a page does not depend on one. */
const NOWHERE = 'http://127.0.0.1:9'

const test = base.extend<{ readonly isLocked: boolean; readonly windows: number; readonly kiosk: RunningKiosk }>({
  isLocked: [false, { option: true }],
  windows: [1, { option: true }],
  kiosk: async ({ folder, isLocked, windows }, use) => {
    const kiosk = await RunningKiosk.open({ url: NOWHERE, folder, isLocked, windows })
    await use(kiosk)
    await kiosk.close()
  },
})

test.beforeEach(async ({ kiosk }) => {
  await expect(kiosk.tab(0).connection).toContainText(/offline|connecting/i)
})

test('a page has nothing of Node or Electron but the closed object of the preload', async ({ kiosk }) => {
  const found = await kiosk.tab(0).page.evaluate(() => ({
    node: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in window),
    host: Object.keys(window.andonKiosk ?? {}).toSorted(),
    isClosed: Object.isFrozen(window.andonKiosk) || !Reflect.set(window, 'andonKiosk', null),
  }))
  expect(found).toEqual({
    node: [],
    host: ['alertPressed', 'connect', 'isInSight', 'noticeAvailability', 'watchNoticeAvailability', 'watchSight'],
    isClosed: true,
  })
  const preferences = await kiosk.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } =
      (
        window?.webContents as { getLastWebPreferences?(): Record<string, unknown> } | undefined
      )?.getLastWebPreferences?.() ?? {}
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag }
  })
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
  })
})

test('a page leads nowhere: no other page, no window, no address outside, no permission', async ({ kiosk }) => {
  const { page } = kiosk.tab(0)
  const answers = await page.evaluate(async () => {
    const state = async (url: string, init?: RequestInit): Promise<number | string> =>
      fetch(url, init).then(
        (response) => response.status,
        () => 'refused',
      )
    return {
      window: window.open('https://example.com/') === null,
      outside: await state('http://127.0.0.1:9/'),
      main: await state('app://kiosk/main.js'),
      above: await state('app://kiosk/..%2fmain.js'),
      list: await state('app://kiosk/built.json'),
      post: await state('app://kiosk/', { method: 'POST' }),
      notification: await Notification.requestPermission(),
      microphone: await navigator.permissions.query({ name: 'microphone' }).then(({ state: name }) => name),
    }
  })
  expect(answers).toEqual({
    window: true,
    outside: 'refused',
    main: 404,
    above: 404,
    list: 404,
    post: 405,
    notification: 'denied',
    microphone: 'denied',
  })
  await page.evaluate(() => location.assign('https://example.com/'))
  await kiosk.until((line) => line.event === 'navigation-refused')
  // Asked through main: Playwright goes on waiting for the navigation that was refused.
  const stands = `location.origin + ' ' + document.querySelectorAll('[data-testid="connection-state"]').length`
  expect(await kiosk.ask(0, stands)).toBe('app://kiosk 1')
})

for (const isLocked of [true, false]) {
  test.describe(isLocked ? 'on a locked screen' : 'in an ordinary window', () => {
    test.use({ isLocked })

    test('a page that closes its window finds itself in another, and nobody sees both', async ({ kiosk }) => {
      await kiosk.app.evaluate(({ app, BrowserWindow }) => {
        const besides: number[] = []
        Reflect.set(globalThis, 'andonBesides', besides)
        app.on('browser-window-created', (_event, made) => {
          made.once('show', () => besides.push(BrowserWindow.getAllWindows().length - 1))
        })
        const [window] = BrowserWindow.getAllWindows()
        // Asked through main, which does not wait for an answer of what is gone.
        void window?.webContents.executeJavaScript('window.close()').catch(() => undefined)
      })
      const { window: old } = await kiosk.until((line) => line.event === 'window-closed-itself')
      // The old page answers as well as the new one as long as its window stands, so its end is waited for.
      const open = () => kiosk.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map(({ id }) => id))
      await expect.poll(open).not.toContain(old)
      expect(await open()).toHaveLength(1)
      const shown = `document.querySelectorAll('[data-testid="connection-state"]').length`
      await expect.poll(() => kiosk.ask(0, shown)).toBe(1)
      const besides = () => kiosk.app.evaluate(() => Reflect.get(globalThis, 'andonBesides') as number[])
      await expect.poll(besides).toEqual([0])
    })
  })

  test.describe(isLocked ? 'of two locked screens' : 'of two ordinary windows', () => {
    test.use({ isLocked, windows: 2 })

    test(`a person closes ${isLocked ? 'none' : 'one, and it stays closed'}`, async ({ kiosk }) => {
      // What a window manager asks of a window.
      await kiosk.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
      // Answered after the contents had their say.
      await kiosk.ask(isLocked ? 1 : 0, 'document.title')
      const open = () => kiosk.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)
      await expect.poll(open).toBe(isLocked ? 2 : 1)
      expect(kiosk.log.map(({ event }) => event)).not.toContain('window-closed-itself')
    })
  })
}

test('peer connections of a page may use no address of this machine', async ({ kiosk }) => {
  // Asked of main: on a machine without a network the gathering itself never ends.
  const policies = await kiosk.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map(({ webContents }) => webContents.getWebRTCIPHandlingPolicy()),
  )
  expect(new Set(policies)).toEqual(new Set(['disable_non_proxied_udp']))
})

test('strings become no markup: the policy is on the page from the first answer', async ({ kiosk }) => {
  const policy = await kiosk
    .tab(0)
    .page.evaluate(async () => (await fetch('app://kiosk/')).headers.get('content-security-policy'))
  expect(policy).toContain("require-trusted-types-for 'script'")
  expect(await kiosk.tab(0).putMarkup()).toBe('TypeError')
})

test('a second kiosk on the same folder brings the first to the front, and ends', async ({ kiosk }) => {
  const second = await kiosk.second()
  expect(second.code).toBe(0)
  expect(second.said).toContain('already running')
  await expect(kiosk.tab(0).connection).toBeVisible()
})

test('a kiosk whose folder is not its to write says which and what to do, and is no second kiosk', async ({
  folder,
}) => {
  const locked = join(folder, 'locked')
  // Nobody's to write: a kiosk never runs as root, whoever runs the tests.
  await mkdir(locked, { mode: 0o555 })
  for (const place of [locked, join(locked, 'kiosk')]) {
    const ended = await tryKiosk({ url: NOWHERE, folder, data: place })
    expect(ended).toMatchObject({
      code: 1,
      said: expect.stringContaining(`its folder ${place} cannot be made or written`),
    })
    expect(ended.said).toContain('--data DIR')
    expect(ended.said).not.toContain('already running')
  }
})
