import { join } from 'node:path'
import { expect, type Locator } from '@playwright/test'
import { withStore } from '../../server/commands/data-store.ts'
import type { Tab } from './device.ts'
import { test } from './floor.ts'

const textOf = (tab: Tab): Locator => tab.page.getByRole('textbox', { name: /^Text of/ })

/** As an administrator does it, in the data of a server that is stopped. */
async function giveKim(folder: string, areas: readonly string[]): Promise<void> {
  await withStore({ data: join(folder, 'server') }, async (store) => {
    const kim = await store.operator('kim')
    if (kim === null) throw new Error('kim is not there')
    await store.putOperator({ ...kim, areas })
  })
}

test('[P1] whoever may write no more reads what they wrote in its place, and inserts it again when they may', async ({
  floor,
  folder,
}) => {
  const [kim, lee] = [await floor.tab('/#/line-3/notes'), await floor.tab('/#/line-3/notes')]
  await kim.signIn('kim', '1111')
  await lee.signIn('lee', '2222')
  await kim.press(kim.page.getByRole('button', { name: /^Open the note of today/ }))
  await textOf(kim).click()
  await kim.page.keyboard.type('Oil was low.')
  await lee.press(lee.page.locator('.note-open'))
  await expect(textOf(lee)).toHaveText('Oil was low.')

  await floor.stop()
  await kim.page.keyboard.press('Enter')
  await kim.page.keyboard.type('Seal to be checked.')
  await expect(kim.page.getByTestId('note-saved')).toContainText('for the server')
  await giveKim(folder, ['line-1'])
  await floor.start()

  // In its place: kim has pressed nothing, and reads it where it was written.
  const closed = kim.page.getByRole('alert').filter({ hasText: 'You may not read this note any more.' })
  await expect(closed).toContainText('Seal to be checked.', { timeout: 120_000 })
  await expect(textOf(kim)).toHaveCount(0)
  await expect(lee.connection).toContainText('Live', { timeout: 120_000 })
  await expect(textOf(lee)).toHaveText('Oil was low.')
  // It waits in review, on this device and through another visit of the page.
  await kim.page.reload()
  await kim.press(kim.outbox)
  const sheet = kim.page.getByRole('dialog')
  await expect(sheet.locator('.note-kept')).toContainText('Seal to be checked.')
  await kim.page.keyboard.press('Escape')

  await floor.stop()
  await giveKim(folder, ['line-3'])
  await floor.start()
  await expect(kim.connection).toContainText('Live', { timeout: 120_000 })
  await expect(lee.connection).toContainText('Live', { timeout: 120_000 })
  await kim.page.goto(`${floor.url}/#/line-3/notes`)
  await kim.press(kim.page.locator('.note-open'))
  const refused = kim.page.getByRole('region', { name: 'A change of yours was not taken' })
  await expect(refused).toContainText('Seal to be checked.')
  await kim.press(refused.getByRole('button', { name: 'Insert again' }))
  await expect(refused).toHaveCount(0)
  for (const tab of [kim, lee])
    await expect(tab.page.locator('.note-words')).toHaveText(['Oil was low.', 'Seal to be checked.'])
})
