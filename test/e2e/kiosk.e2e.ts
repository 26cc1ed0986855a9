import { existsSync } from 'node:fs'
import { chmod, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { findChromium } from '../../build/chromium.mjs'
import { Machine } from '../support/machine.ts'
import { KIOSK_SHOTS } from './kiosk-device.ts'
import { test } from './kiosk-floor.ts'
import { startKeyring, whyNoKeyring } from './keyring.ts'

test('two windows of a kiosk are one device: one sign-in, one P0 on both, acknowledged once for both', async ({
  floor,
  openKiosk,
}) => {
  const kiosk = await openKiosk()
  const [one, two] = [kiosk.tab(0), kiosk.tab(1)]
  await one.signIn('kim', '1111')
  await expect(two.page.getByRole('button', { name: /^Signed in: kim/ })).toBeVisible()
  for (const tab of [one, two]) await expect(tab.connection).toContainText('Live')

  await floor.raise('P0', 'Hydraulic pressure low')
  for (const tab of [one, two]) await expect(tab.overlay).toContainText('Hydraulic pressure low')
  await one.page.screenshot({ path: `${KIOSK_SHOTS}/p0.png` })
  await two.press(two.overlay.getByRole('button', { name: 'I have it' }))
  for (const tab of [one, two]) await expect(tab.overlay).toBeHidden()
  for (const tab of [one, two]) await expect(tab.alert('Hydraulic pressure low')).toContainText('✓ kim')

  await one.show('Line chat')
  await two.show('Line chat')
  await one.say('Pump is off')
  await expect(two.message('Pump is off')).toHaveCount(1)
  await two.page.screenshot({ path: `${KIOSK_SHOTS}/chat.png` })
  kiosk.expectNoErrors()
})

test('two windows of a kiosk and a browser on another device agree', async ({ floor, openKiosk }) => {
  test.skip(findChromium() === null, 'there is no Chromium for the other device')
  const kiosk = await openKiosk()
  const browser = await floor.tab()
  await kiosk.tab(0).signIn('kim', '1111')
  await browser.signIn('lee', '2222')
  const all = [kiosk.tab(0), kiosk.tab(1), browser]
  for (const tab of all) await expect(tab.connection).toContainText('Live')
  await browser.raise('P0', 'Evacuate hall 3')
  for (const tab of all) await expect(tab.overlay).toContainText('Evacuate hall 3')
  await kiosk.tab(1).press(kiosk.tab(1).overlay.getByRole('button', { name: 'I have it' }))
  for (const tab of all) await expect(tab.overlay).toBeHidden()
  for (const tab of all) await expect(tab.alert('Evacuate hall 3')).toContainText('✓ kim')

  for (const tab of all) await tab.show('Work orders')
  await kiosk.tab(0).setQuantity('WO-3301', 777)
  for (const tab of all) await expect(tab.order('WO-3301')).toContainText('777')
  for (const tab of all) await tab.show('Line chat')
  await browser.say('Hall 3 is empty')
  for (const tab of all) await expect(tab.message('Hall 3 is empty')).toHaveCount(1)
  kiosk.expectNoErrors()
})

test('[P1] killing main between saved and result loses nothing and sends nothing twice', async ({
  floor,
  openKiosk,
}) => {
  const kiosk = await openKiosk()
  await kiosk.tab(0).signIn('kim', '1111')
  await expect(kiosk.tab(0).connection).toContainText('Live')
  await kiosk.tab(0).show('Line chat')
  // The server is there and does not answer: what is saved is sent and has no result.
  floor.signal('SIGSTOP')
  await kiosk.tab(0).say('Between saved and result')
  await expect(kiosk.tab(0).outbox).toContainText('1 waiting')
  await expect(kiosk.tab(1).outbox).toContainText('1 waiting')
  await kiosk.kill()
  floor.signal('SIGCONT')

  const again = await openKiosk()
  await expect(again.tab(0).connection).toContainText('Live')
  await expect(again.tab(0).outbox).toContainText('0 waiting')
  await again.tab(0).signIn('lee', '2222')
  await again.tab(0).show('Line chat')
  await expect(again.tab(0).message('Between saved and result')).toHaveCount(1)
  await expect(again.tab(0).message('Between saved and result')).toContainText('kim')
})

test('[R26] without a keyring people sign in again after a restart, and the kiosk says so', async ({ openKiosk }) => {
  const kiosk = await openKiosk(1)
  await kiosk.tab(0).signIn('kim', '1111')
  await expect(kiosk.tab(0).connection).toContainText('Live')
  await kiosk.kill()
  const again = await openKiosk(1)
  const { page, connection } = again.tab(0)
  await expect(page.getByRole('button', { name: 'Sign in', exact: true }).first()).toBeVisible()
  await connection.click()
  await expect(page.getByRole('dialog')).toContainText('This system keeps no secrets safe')
})

test('[R26] with a keyring the person goes on after a restart, and not after signing out', async ({
  folder,
  openKiosk,
}) => {
  const missing = whyNoKeyring()
  test.skip(missing !== null, missing ?? '')
  const keyring = await startKeyring(join(folder, 'keyring'))
  try {
    const withKeyring = { env: keyring.env, switches: ['--password-store=gnome-libsecret'] }
    const kiosk = await openKiosk(1, withKeyring)
    await kiosk.tab(0).signIn('kim', '1111')
    await expect(kiosk.tab(0).connection).toContainText('Live')
    await kiosk.kill()
    const secret = await readFile(join(folder, 'kiosk/relay/session.secret'), 'utf8')
    expect(secret).not.toContain('refreshToken')

    const again = await openKiosk(1, withKeyring)
    await expect(again.tab(0).connection).toContainText('Live')
    await again.tab(0).show('Line chat')
    await again.tab(0).say('Still kim')
    await expect(again.tab(0).outbox).toContainText('0 waiting')
    await expect(again.tab(0).message('Still kim')).toContainText('kim')
    await again.tab(0).signOut()
    await expect.poll(() => existsSync(join(folder, 'kiosk/relay/session.secret'))).toBe(false)
    await again.kill()
  } finally {
    await keyring.stop()
  }
})

test('[P5] with the server off it opens with its last state and says since when', async ({ floor, openKiosk }) => {
  const kiosk = await openKiosk(1)
  await kiosk.tab(0).signIn('kim', '1111')
  await floor.raise('P1', 'Coolant low')
  await expect(kiosk.tab(0).alert('Coolant low')).toBeVisible()
  await floor.kill()
  await kiosk.kill()

  const again = await openKiosk(1)
  await expect(again.tab(0).alert('Coolant low')).toBeVisible()
  await expect(again.tab(0).connection).toContainText(/offline/i)
  await expect(
    again
      .tab(0)
      .page.getByText(/Last confirmed|since/i)
      .first(),
  ).toBeVisible()
  await again.tab(0).page.screenshot({ path: `${KIOSK_SHOTS}/server-off.png` })
  await floor.start()
  await expect(again.tab(0).connection).toContainText('Live')
})

test('[P1 P8] started on a full disk it shows what it has and a P0, says that nothing is saved, and goes on', async ({
  floor,
  openKiosk,
}) => {
  const machine = new Machine()
  try {
    const disk = machine.makeDisk('kiosk', 200)
    test.skip(disk === null, machine.lacks[0])
    if (disk === null) return
    await chmod(machine.folder, 0o755)
    await chmod(disk.folder, 0o777) // it may run under another account than the tests
    const kiosk = await openKiosk(1, { folder: disk.folder })
    await expect(kiosk.tab(0).connection).toContainText('Live')
    // Nobody has signed in: it rests on the first line there is.
    await floor.raise('P1', 'Door of press 2 open', 'line-1')
    await expect(kiosk.tab(0).alert('Door of press 2 open')).toBeVisible()
    await kiosk.kill()

    // A killed main process leaves others that give back room a moment later.
    const makeRoom = disk.keepFull()
    const again = await openKiosk(1, { folder: disk.folder })
    await expect(again.tab(0).alert('Door of press 2 open')).toBeVisible()
    await floor.raise('P0', 'Gas warning')
    await expect(again.tab(0).overlay).toContainText('Gas warning')
    const saysSo = again.tab(0).page.getByText('This terminal cannot save anything now.')
    // What is left of a file that has been begun takes a few alerts more.
    await expect
      .poll(async () => {
        await floor.raise('P2', 'Gas sensor 4 reads high')
        return saysSo.isVisible()
      })
      .toBe(true)
    await makeRoom()
    await expect(saysSo).toBeHidden()
    await again.kill()
  } finally {
    machine.clear()
  }
})

test('[P6] a window that crashes or hangs is loaded again; main and the other window go on', async ({
  floor,
  openKiosk,
}) => {
  const kiosk = await openKiosk()
  for (const tab of kiosk.tabs) await expect(tab.connection).toContainText('Live')
  await kiosk.crash(0)
  await floor.raise('P0', 'Evacuate hall 3')
  const overlay = `document.querySelector('[data-testid="p0-overlay"]')?.textContent ?? ''`
  await expect.poll(() => kiosk.ask(1, overlay)).toContain('Evacuate hall 3')
  await kiosk.until((line) => line.event === 'window-reloads')
  await expect.poll(() => kiosk.ask(0, overlay)).toContain('Evacuate hall 3')

  // One that hangs is asked whether it lives, gives no answer, and goes the same way. Its script never ends.
  const before = kiosk.log.length
  await kiosk.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows().toSorted((one, other) => one.id - other.id)
    void window?.webContents.executeJavaScript('for (;;);').catch(() => undefined)
  })
  await kiosk.until((line) => line.event === 'window-hangs', before)
  await expect.poll(() => kiosk.ask(1, overlay)).toContain('Evacuate hall 3')
  await expect.poll(() => kiosk.ask(0, overlay)).toContain('Evacuate hall 3')
})

test('[R6] waking replaces the socket at once', async ({ openKiosk }) => {
  const kiosk = await openKiosk(1)
  await expect(kiosk.tab(0).connection).toContainText('Live')
  for (const event of ['resume', 'unlock-screen'] as const) {
    const before = kiosk.log.length
    await kiosk.app.evaluate(({ powerMonitor }, name) => void powerMonitor.emit(name), event)
    await kiosk.until((line) => line.event === 'connection' && line['state'] === 'live', before)
    const states = kiosk.log.slice(before).flatMap((line) => (line.event === 'connection' ? [line['state']] : []))
    expect(states[0]).not.toBe('live')
  }
})
