// What a browser and the device under it do to the web UI: full disks, permissions.
import { expect, type Page } from '@playwright/test'
import { test } from './floor.ts'
import { Machine } from '../support/machine.ts'

test('a P0 is shown by the service worker, once for all tabs, leads to it, and goes when it is answered', async ({
  floor,
}) => {
  const terminal = await floor.device({
    isKept: true,
    prepare: (context) => context.grantPermissions(['notifications'], { origin: floor.url }),
  })
  const tab = await terminal.tab()
  await tab.signIn('kim', '1111')
  const other = await terminal.tab()
  for (const { page } of [tab, other]) {
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  }
  // Asked while it is being shown, Chromium forgets a notification.
  const evacuate = await floor.raise('P0', 'Evacuate hall 3')
  await expect.poll(() => floor.evidenceOf(evacuate)).toContain('notified')
  await expect.poll(() => shown(tab.page)).toMatchObject([{ stays: true }])
  const [notification] = await shown(tab.page)
  expect(`${notification?.title} ${notification?.body}`).toContain('Evacuate hall 3')

  // A press, as the browser tells the service worker of it: it goes, and a page comes to the front.
  const [worker] = terminal.context.serviceWorkers()
  await worker?.evaluate(async () => {
    const scope = globalThis as unknown as {
      registration: { getNotifications(): Promise<Notification[]> }
      NotificationEvent: new (type: string, init: { notification: Notification | undefined }) => Event
      dispatchEvent(event: Event): void
    }
    const [pressed] = await scope.registration.getNotifications()
    scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification: pressed }))
  })
  await expect.poll(() => shown(tab.page)).toEqual([])

  await tab.press(tab.overlay.getByRole('button', { name: 'I have it' }))
  await expect(tab.overlay).toBeHidden()
  const gas = await floor.raise('P0', 'Gas in hall 2')
  await expect.poll(() => floor.evidenceOf(gas)).toContain('notified')
  await expect.poll(async () => (await shown(tab.page)).length).toBe(1)
  await other.press(other.overlay.getByRole('button', { name: 'I have it' }))
  await expect.poll(async () => (await shown(other.page)).length).toBe(0)
})

interface Shown {
  readonly title: string
  readonly body: string
  readonly stays: boolean
}

/** What the browser shows for this origin now. */
function shown(page: Page): Promise<readonly Shown[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready
    const notifications = await registration.getNotifications()
    return notifications.map(({ title, body, requireInteraction }) => ({ title, body, stays: requireInteraction }))
  })
}

test('[P1] a browser that may delete what waits is said where the connection is explained', async ({ floor }) => {
  const tab = await floor.tab()
  await expect(tab.connection).toContainText('Live')
  await tab.press(tab.connection)
  const sheet = tab.page.getByRole('dialog')
  await expect(sheet).toContainText('What this terminal cannot promise')
  await expect(sheet).toContainText('This browser may delete what is waiting here')
})

test('[R80] a browser that has thrown away what was stored says so where the connection is explained', async ({
  floor,
}) => {
  const terminal = await floor.device()
  const before = await terminal.tab()
  await expect(before.connection).toContainText('Live')
  const away = await terminal.tab('/manifest.webmanifest')
  await before.page.close()
  await away.page.evaluate(async () => {
    for (const { name = '' } of await indexedDB.databases()) {
      await new Promise((resolve) => indexedDB.deleteDatabase(name).addEventListener('success', resolve))
    }
  })
  const tab = await terminal.tab()
  await expect(tab.connection).toContainText('Live')
  await tab.press(tab.connection)
  await expect(tab.page.getByRole('dialog')).toContainText('What was waiting here is lost.')
  // Of the relay whose database was taken away, if it was still there.
  terminal.takeErrors()
})

test('a storage of a newer Andon: said in words, with the way out, and nothing in it is touched', async ({ floor }) => {
  const terminal = await floor.device({ serviceWorkers: 'block' })
  const page = await terminal.context.newPage()
  await page.goto(`${floor.url}/healthz`)
  await page.evaluate(async () => {
    await new Promise<void>((resolve, reject) => {
      const asked = indexedDB.open('andon-relay', 99)
      asked.addEventListener('upgradeneeded', () => asked.result.createObjectStore('outbox').put('kept', 'k'))
      asked.addEventListener('success', () => {
        asked.result.close()
        resolve()
      })
      asked.addEventListener('error', () => reject(new Error('not opened')))
    })
  })
  const tab = await terminal.tab()
  await expect(tab.page.getByText('A newer Andon was used in this browser. Reload this page.')).toBeVisible()
  await expect(tab.page.getByRole('button', { name: 'Load again' })).toBeVisible()
  const kept = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const asked = indexedDB.open('andon-relay')
        asked.addEventListener('success', () => {
          const read = asked.result.transaction('outbox').objectStore('outbox').get('k')
          read.addEventListener('success', () => resolve(read.result))
        })
      }),
  )
  expect(kept).toBe('kept')
})

test('[P1 P8] on a full disk it says so, shows what comes, opens with what it has, and saves again when there is room', async ({
  floor,
}) => {
  const machine = new Machine()
  try {
    const disk = machine.makeDisk('profile', 200)
    test.skip(disk === null, machine.lacks[0])
    if (disk === null) return
    const terminal = await floor.device({ folder: disk.folder })
    const tab = await terminal.tab()
    await tab.signIn('kim', '1111')
    await floor.raise('P1', 'Door of press 2 open')
    await expect(tab.alert('Door of press 2 open')).toBeVisible()
    const saysSo = tab.page.getByText('This terminal cannot save anything now.')

    const makeRoom = disk.keepFull()
    await tab.show('Line chat')
    // What is left of a file that has been begun takes a few words more.
    await expect
      .poll(async () => {
        await tab.say('x'.repeat(1_900))
        return saysSo.isVisible()
      })
      .toBe(true)
    await floor.raise('P0', 'Evacuate hall 3')
    await expect(tab.overlay).toContainText('Evacuate hall 3')
    await makeRoom()
    await expect(saysSo).toBeHidden()
    // Chromium closes a database seconds after its last user went, and on a full disk may throw it away when it opens it again.
    const user = await terminal.tab('/manifest.webmanifest')
    await user.page.evaluate(holdDatabase)
    const makeRoomAgain = disk.keepFull()
    await tab.page.close()

    const opened = await terminal.tab()
    await expect(opened.overlay).toContainText('Evacuate hall 3')
    await expect(opened.alert('Door of press 2 open')).toBeVisible()
    await makeRoomAgain()
    await opened.press(opened.overlay.getByRole('button', { name: 'I have it' }))
    await expect(opened.overlay).toBeHidden()
    terminal.takeErrors()
    await terminal.close()
  } finally {
    machine.clear()
  }
})

/** In a page: uses the relay's database without holding anybody up. */
function holdDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('andon-relay')
    opening.addEventListener('success', () => {
      Object.assign(window, { held: opening.result })
      resolve()
    })
    opening.addEventListener('error', () => reject(new Error('not opened')))
  })
}
