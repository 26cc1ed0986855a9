import { expect, type Locator, type Page } from '@playwright/test'
import { KIOSK_SHOTS } from './kiosk-device.ts'
import { test } from './kiosk-floor.ts'

test('a finger on a field brings the keyboard of the terminal, which writes a syllable that is sent', async ({
  openKiosk,
}) => {
  const kiosk = await openKiosk(1)
  const tab = kiosk.tab(0)
  await tab.signIn('kim', '1111')
  await tab.show('Line chat')
  const field = tab.page.getByLabel('Message', { exact: true })
  await field.click()
  const keyboard = tab.page.getByTestId('keyboard')
  await expect(keyboard).toBeHidden()

  const touch = await fingerOn(tab.page)
  await touch(field)
  await expect(keyboard).toBeVisible()
  const key = (name: string): Locator => keyboard.getByRole('button', { name, exact: true })
  // What comes under a finger takes no press yet: whoever sees nothing happen presses again.
  await expect(async () => {
    if (await key('ㅎ').isHidden()) await touch(key('한글'))
    await expect(key('ㅎ')).toBeVisible({ timeout: 100 })
  }).toPass()
  for (const letter of 'ㅎㅏㄴ') await touch(key(letter))
  await expect(field).toHaveValue('한')
  await expect(field).toBeFocused()
  await expect(field).toBeInViewport({ ratio: 1 })
  await tab.page.screenshot({ path: `${KIOSK_SHOTS}/keyboard.png` })
  await touch(key('Enter'))
  await expect(tab.message('한')).toHaveCount(1)
  await expect(keyboard).toBeVisible()

  for (const letter of 'ㄱㅡㄹ') await touch(key(letter))
  await touch(tab.page.getByRole('button', { name: 'Send', exact: true }))
  await expect(tab.message('글')).toHaveCount(1)
  await expect(keyboard).toBeHidden()
  await touch(field)
  await expect(keyboard).toBeVisible()
  await touch(key('Close keyboard'))
  await expect(keyboard).toBeHidden()
  kiosk.expectNoErrors()
})

test('the same keyboard writes into a handover note, a syllable and a line', async ({ openKiosk }) => {
  const kiosk = await openKiosk(1)
  const tab = kiosk.tab(0)
  await tab.signIn('kim', '1111')
  await tab.show('Handover')
  await tab.press(tab.page.getByRole('button', { name: /^Open the note of today/ }))
  const note = tab.page.getByRole('textbox', { name: /^Text of/ })
  await expect(note).toBeVisible()
  const keyboard = tab.page.getByTestId('keyboard')
  const touch = await fingerOn(tab.page)
  await touch(note)
  await expect(keyboard).toBeVisible()
  const key = (name: string): Locator => keyboard.getByRole('button', { name, exact: true })
  await expect(async () => {
    if (await key('ㅎ').isHidden()) await touch(key('한글'))
    await expect(key('ㅎ')).toBeVisible({ timeout: 100 })
  }).toPass()
  for (const letter of 'ㅎㅏㄴ') await touch(key(letter))
  const blocks = tab.page.locator('.note-words')
  await expect(blocks).toHaveText(['한'])
  await touch(key('Enter'))
  for (const letter of 'ㄱㅡㄹ') await touch(key(letter))
  await expect(blocks).toHaveText(['한', '글'])
  await expect(blocks.last()).toBeInViewport({ ratio: 1 })
  await tab.page.screenshot({ path: `${KIOSK_SHOTS}/keyboard-note.png` })
  kiosk.expectNoErrors()
})

/** Touches the middle of something, as the touch screen of the machine would: Playwright's own needs a context made for it. */
async function fingerOn(page: Page): Promise<(target: Locator) => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  return async (target) => {
    const box = await target.boundingBox()
    if (box === null) throw new Error('there is nothing to touch')
    const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }]
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints })
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  }
}
