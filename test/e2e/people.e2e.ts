import { expect } from '@playwright/test'
import type { Tab } from './device.ts'
import { test } from './floor.ts'

async function openSettings(tab: Tab, name = 'kim'): Promise<void> {
  await tab.press(tab.page.getByRole('button', { name: new RegExp(`: ${name}$`) }))
}

async function choose(tab: Tab, option: string): Promise<void> {
  await tab.page.getByRole('dialog').getByRole('radio', { name: option }).check({ force: true })
}

const page = (tab: Tab) => tab.page.locator('html')
const signIn = (tab: Tab) => tab.page.getByRole('form', { name: 'Sign in' })

test('the theme is the person’s: on all windows at once, on their other devices, and gone with them', async ({
  floor,
}) => {
  const [here, there] = [await floor.device(), await floor.device()]
  const [one, other] = [await here.tab(), await there.tab()]
  await one.signIn('kim', '1111')
  await other.signIn('kim', '1111')
  const second = await here.tab()
  await openSettings(one)
  await choose(one, 'Dark')
  for (const tab of [one, second, other]) await expect(page(tab)).toHaveAttribute('data-theme', 'dark')
  await expect(second.page.locator('body')).toHaveCSS('background-color', 'rgb(27, 30, 34)')
  await second.page.reload()
  await expect(page(second)).toHaveAttribute('data-theme', 'dark')

  await one.press(one.page.getByRole('dialog').getByRole('button', { name: 'Sign out', exact: true }))
  await expect(signIn(second)).toBeVisible()
  await expect(page(second)).not.toHaveAttribute('data-theme')
  await expect(page(other)).toHaveAttribute('data-theme', 'dark')
  await second.signIn('lee', '2222')
  await expect(page(second)).not.toHaveAttribute('data-theme')
})

test('the theme changes offline at once, and reaches the others when the server is back', async ({ floor }) => {
  const [here, there] = [await floor.device(), await floor.device()]
  const [one, other] = [await here.tab(), await there.tab()]
  await one.signIn('kim', '1111')
  await other.signIn('kim', '1111')
  await floor.kill()
  await openSettings(one)
  await choose(one, 'Dark')
  await expect(page(one)).toHaveAttribute('data-theme', 'dark')
  await floor.start()
  await expect(page(other)).toHaveAttribute('data-theme', 'dark')
})

test('the language follows the person without a reload, and the sign-in screen has one of its own', async ({
  floor,
}) => {
  const [here, there] = [await floor.device(), await floor.device()]
  const [one, other] = [await here.tab(), await there.tab()]
  await one.page.getByRole('radio', { name: '한국어' }).check({ force: true })
  await expect(one.page.getByRole('button', { name: '로그인', exact: true })).toBeVisible()
  await expect(page(one)).toHaveAttribute('lang', 'ko')
  await one.page.reload()
  await expect(one.page.getByRole('heading', { name: '로그인' })).toBeVisible()
  await one.page.getByRole('radio', { name: 'English' }).check({ force: true })

  await one.signIn('kim', '1111')
  await other.signIn('kim', '1111')
  await openSettings(one)
  await choose(one, '한국어')
  for (const tab of [one, other]) {
    await expect(tab.view('경보')).toBeVisible()
    await expect(page(tab)).toHaveAttribute('lang', 'ko')
  }
  await one.press(one.page.getByRole('dialog').getByRole('button', { name: '로그아웃', exact: true }))
  await expect(signIn(one)).toBeVisible()
})

test('[A6] [A7] signing out everywhere ends every session at once, and of a device that was away when it returns', async ({
  floor,
}) => {
  const [here, there, away, office] = [
    await floor.device(),
    await floor.device(),
    await floor.device({ isKept: true }),
    await floor.device(),
  ]
  const [one, other, gone, park] = [
    await here.tab(),
    await there.tab(),
    await away.tab(),
    await office.tab('/#/line-3/alerts'),
  ]
  for (const tab of [one, other, gone]) await tab.signIn('kim', '1111')
  await park.signIn('park', '3333')
  await gone.show('Line chat')
  await expect(gone.connection).toContainText('Live')

  await floor.kill()
  await gone.say('Queued while away')
  await expect(gone.outbox).toContainText('1 waiting')
  await away.close()
  await floor.start()
  await expect(one.connection).toContainText('Live')

  const second = await here.tab()
  await openSettings(one)
  await one.press(one.page.getByRole('button', { name: 'Sign out everywhere' }))
  const sure = one.page.getByRole('dialog', { name: 'Sign out everywhere?' })
  await sure.getByRole('button', { name: 'Sign out everywhere' }).click()
  for (const tab of [one, second, other]) await expect(signIn(tab)).toBeVisible()
  await expect(park.page.getByRole('button', { name: /^Signed in: park/ })).toBeVisible()

  const back = await away.reopen()
  await expect(signIn(back)).toBeVisible()
  await expect(back.connection).toContainText('Live')
  await expect(back.outbox).toContainText('0 waiting')
  await park.show('Not accepted')
  await expect(park.rejections.filter({ hasText: 'Queued while away' })).toContainText('ended everywhere')

  await back.signIn('kim', '1111')
  await expect(back.page.getByText('Queued while away')).toBeHidden()
})
