// Found again, through page, relay, server and index.
import { expect } from '@playwright/test'
import { searchWords } from '../../renderer/text/search-words.ts'
import { test } from './floor.ts'

test('[F11] [Q2] [R86] a person finds an alert by two syllables, opens it, and is told when the server is needed', async ({
  floor,
}) => {
  const tab = await floor.tab('/#/line-3/orders')
  const { page } = tab
  await expect(page.getByTestId('search')).toBeHidden()
  await tab.signIn('kim', '1111')
  await floor.raise('P2', '유압 누유가 있음')
  await page.getByTestId('search').click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('searchbox').fill('누유')
  const hit = sheet.getByTestId('search-hit')
  await expect(hit.locator('mark')).toHaveText('누유')
  // What came by itself takes no press for a second.
  await expect(async () => {
    await hit.getByRole('button').click()
    await expect(sheet).toBeHidden({ timeout: 500 })
  }).toPass()
  await expect(tab.alert('유압 누유가 있음')).toBeInViewport()
  await floor.stop()
  await page.keyboard.press('Control+k')
  await sheet.getByRole('searchbox').fill('금형')
  await expect(sheet.getByRole('alert')).toContainText(searchWords().unreached)
})
