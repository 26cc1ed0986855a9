// All lines at once, and one line as a terminal rests on it.
import { expect, type Locator } from '@playwright/test'
import { axeFindings } from './axe.ts'
import type { Tab } from './device.ts'
import { test } from './floor.ts'

const band = (tab: Tab, area: string): Locator => tab.page.locator(`[data-testid=line-band][data-area=${area}]`)
/** Of a floor without an alert; the demonstration measures the machine of the test, which may be beyond its limits. */
const QUIET = /^((All quiet|No P0 or P1) since \d\d:\d\d|\d values? beyond (its|their) limits?)$/
const head = (tab: Tab): Locator => tab.page.getByTestId('line-head')

async function expectClean({ page }: Tab): Promise<void> {
  expect(await axeFindings(page)).toEqual([])
}

test('a wall shows every line without anybody, the worst first, and says since when there is no contact', async ({
  floor,
}) => {
  const tab = await floor.tab('/#/wall')
  await expect(tab.page.getByTestId('line-band')).toHaveCount(3)
  await expect(tab.page.locator('.wall-summary').getByText(QUIET)).toBeVisible()
  await floor.raise('P1', 'Hydraulic pressure low · Press 2', 'line-2')
  await expect(band(tab, 'line-2')).toContainText('Alert P1')
  await expect(band(tab, 'line-2')).toContainText('Hydraulic pressure low · Press 2')
  await expect(tab.page.getByTestId('line-band').first()).toHaveAttribute('data-area', 'line-2')
  await expect(tab.page.getByText('1 line needs somebody')).toBeVisible()
  await expectClean(tab)
  // Nobody scrolls a wall.
  const isWhole = await tab.page.evaluate(() => {
    const { scrollHeight, clientHeight } = document.documentElement
    return scrollHeight <= clientHeight
  })
  expect(isWhole).toBe(true)

  await floor.raise('P0', 'Fire', 'line-1')
  await expect(tab.overlay).toContainText('Fire')
  await floor.kill()
  await expect(band(tab, 'line-2')).toHaveAttribute('data-standing', 'unknown')
  await expect(band(tab, 'line-2')).toContainText(/No contact\s*since \d\d:\d\d/)
})

test('an operator begins with the line, a supervisor with all of them, and each line opens by a press', async ({
  floor,
}) => {
  const [kim, park] = [await floor.tab(), await floor.tab()]
  await kim.signIn('kim', '1111')
  await park.signIn('park', '3333')
  await expect(kim.page.locator('.line-quiet').getByText(QUIET)).toBeVisible()
  await expectClean(kim)

  await floor.raise('P2', 'Coolant low')
  await expect(head(kim)).toContainText('Alert P2')
  await expect(kim.alert('Coolant low')).toBeVisible()
  await expect(band(park, 'line-3')).toContainText('Coolant low')
  await expectClean(park)
  await park.press(band(park, 'line-3').getByRole('link'))
  await expect(head(park)).toContainText('Line 3')
  await park.press(park.alert('Coolant low').getByRole('button', { name: /I have it/ }))
  await expect(kim.alert('Coolant low')).toContainText('✓ park')
  await expect(head(kim)).toContainText('all acknowledged')

  await expect(kim.page.locator('.line-people')).toContainText('kim')
  await kim.press(kim.page.locator('.line-people-way'))
  await expect(kim.page.getByTestId('roster-member').filter({ hasText: 'kim' })).toContainText(/Here · since \d\d:\d\d/)
})

test('who writes is named to the others of a line for as long as they do, and who has an order open as well', async ({
  floor,
}) => {
  const [kim, lee] = [await floor.tab(), await floor.tab()]
  await kim.signIn('kim', '1111')
  await lee.signIn('lee', '2222')
  for (const one of [kim, lee]) await one.show('Line chat')
  const message = kim.page.getByRole('textbox', { name: 'Message' })
  await message.fill('On my')
  await expect(lee.page.locator('.view-summary')).toHaveText('kim is writing')
  await message.fill('')
  await expect(lee.page.locator('.view-summary')).toHaveText('')
  for (const one of [kim, lee]) {
    await one.show('Work orders')
    await one.press(one.page.getByRole('button', { name: /^Edit/ }).first())
  }
  await expect(kim.page.getByText('Also open for lee')).toBeVisible()
  await expect(lee.page.getByText('Also open for kim')).toBeVisible()
})
