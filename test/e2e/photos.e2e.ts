// A photo from the camera of one terminal to the screen of another, by the real server.
import { expect, type Locator } from '@playwright/test'
import { test } from './floor.ts'
import type { Tab } from './device.ts'

/** Chromium's own camera: a picture that moves, allowed without a question. */
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']

const WORDS = 'Seen at the die'
const photoIn = (tab: Tab): Locator => tab.message(WORDS).locator('.chat-photo img')
const stateIn = (tab: Tab): Locator => tab.message(WORDS).getByTestId('file-state')

async function shoot(tab: Tab): Promise<void> {
  const { page } = tab
  await tab.press(page.getByTestId('add-file'))
  await tab.press(page.getByTestId('take-photo'))
  const sheet = page.getByRole('dialog')
  await expect(sheet.locator('video')).toBeVisible()
  await tab.press(sheet.getByTestId('shoot'))
  await tab.press(sheet.getByTestId('use-photo'))
  await expect(page.getByTestId('chosen-files').getByRole('img')).toBeVisible()
}

/** In which order a page has shown an alarm and a photo. */
async function watchOrder(tab: Tab): Promise<() => Promise<readonly string[]>> {
  await tab.page.evaluate(() => {
    const seen: string[] = []
    Reflect.set(globalThis, 'andonSeen', seen)
    const look = (): void => {
      const isAlarm = document.querySelector('[data-testid="p0-overlay"]') !== null
      if (isAlarm && !seen.includes('P0')) seen.push('P0')
      if (document.querySelector('.chat-photo img') !== null && !seen.includes('photo')) seen.push('photo')
    }
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true })
  })
  return () => tab.page.evaluate(() => Reflect.get(globalThis, 'andonSeen') as string[])
}

test('[O1] [R87] [R88] [R89] a photo shot while the server is away waits over a reload, comes behind a P0, is seen elsewhere, and is gone with its message', async ({
  floor,
}) => {
  const device = await floor.device({ isKept: true, args: CAMERA })
  const kim = await device.tab('/#/line-3/chat')
  await kim.signIn('kim', '1111')
  await kim.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  const lee = await floor.tab('/#/line-3/chat')
  await lee.signIn('lee', '2222')
  // The view is there before the server goes.
  await expect(lee.page.getByLabel('Message', { exact: true })).toBeVisible()
  const order = await watchOrder(lee)
  await floor.stop()
  await shoot(kim)
  await kim.say(WORDS)
  await expect(photoIn(kim)).toBeVisible()
  await expect(stateIn(kim)).toHaveText('Photo on its way')
  await kim.page.reload()
  // From this terminal's own disk.
  await expect(photoIn(kim)).toBeVisible()
  await kim.raise('P0', 'Smoke at the press')
  await expect(kim.overlay).toBeVisible()
  await floor.start()
  await expect(lee.overlay).toContainText('Smoke at the press')
  await lee.press(lee.overlay.getByRole('button', { name: 'I have it' }))
  await expect(photoIn(lee)).toBeVisible()
  expect(await order()).toEqual(['P0', 'photo'])
  await expect(stateIn(kim)).toHaveCount(0)
  await lee.press(photoIn(lee))
  await expect(lee.page.getByTestId('viewer').locator('img')).toBeVisible()
  await lee.page.keyboard.press('Escape')
  await kim.press(kim.message(WORDS).getByRole('button', { name: /^Answer or withdraw/ }))
  await kim.press(kim.page.getByRole('button', { name: 'Withdraw', exact: true }))
  await kim.press(kim.page.getByRole('button', { name: 'Withdraw it' }))
  for (const tab of [kim, lee]) {
    await expect(tab.page.getByText(/^Withdrawn by kim/)).toBeVisible()
    await expect(tab.page.locator('.chat-photo')).toHaveCount(0)
  }
})

test('[R89] where there are two cameras one turns from either to the other, and shoots with the one that is seen', async ({
  floor,
}) => {
  const [camera = '', ...others] = CAMERA
  const device = await floor.device({ isKept: true, args: [`${camera}=device-count=2`, ...others] })
  const kim = await device.tab('/#/line-3/chat')
  await kim.signIn('kim', '1111')
  await kim.press(kim.page.getByTestId('add-file'))
  await kim.press(kim.page.getByTestId('take-photo'))
  const sheet = kim.page.getByRole('dialog')
  const turn = sheet.getByRole('button', { name: 'Other camera' })
  /** Which camera is seen, and whether it is on. */
  const seen = (): Promise<string> =>
    sheet.locator('video').evaluate((video: HTMLVideoElement) => {
      const [track] = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks() : []
      return `${track?.label} ${track?.readyState}`
    })
  await expect.poll(seen).toMatch(/^fake_device_[01] live$/)
  const first = await seen()
  const second = first.includes('_0') ? first.replace('_0', '_1') : first.replace('_1', '_0')
  await kim.press(turn)
  await expect.poll(seen).toBe(second)
  await kim.press(turn)
  await expect.poll(seen).toBe(first)
  await kim.press(turn)
  await expect.poll(seen).toBe(second)
  await kim.press(sheet.getByTestId('shoot'))
  await kim.press(sheet.getByRole('button', { name: 'Again' }))
  await expect.poll(seen).toBe(second)
  await kim.press(sheet.getByTestId('shoot'))
  await kim.press(sheet.getByTestId('use-photo'))
  await expect(kim.page.getByTestId('chosen-files').getByRole('img')).toBeVisible()
})

test('[R89] a terminal without a camera says so, and a file that was chosen is saved elsewhere as it was', async ({
  floor,
}) => {
  const kim = await floor.tab('/#/line-3/chat')
  await kim.signIn('kim', '1111')
  await kim.press(kim.page.getByTestId('add-file'))
  await kim.press(kim.page.getByTestId('take-photo'))
  await expect(kim.page.getByRole('dialog').getByRole('alert')).toContainText('camera')
  await kim.page.keyboard.press('Escape')
  await kim.press(kim.page.getByTestId('add-file'))
  const [chooser] = await Promise.all([
    kim.page.waitForEvent('filechooser'),
    kim.press(kim.page.getByTestId('choose-file')),
  ])
  const text = 'die;pieces\nA;120\n'
  await chooser.setFiles({ name: 'pieces.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  await expect(kim.page.getByTestId('chosen-files')).toContainText('pieces.csv')
  await kim.say(WORDS)
  const lee = await floor.tab('/#/line-3/chat')
  await lee.signIn('lee', '2222')
  const save = lee.message(WORDS).getByRole('button', { name: 'Save pieces.csv' })
  const [download] = await Promise.all([lee.page.waitForEvent('download'), lee.press(save)])
  expect(download.suggestedFilename()).toBe('pieces.csv')
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toBe(text)
})
