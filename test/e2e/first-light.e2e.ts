import { expect } from '@playwright/test'
import type { Device, Tab } from './device.ts'
import { test, type Floor } from './floor.ts'

/** Two devices with two tabs each: kim on the first, lee on the second; the second tab of a device is signed in by itself. */
async function kimAndLee(floor: Floor): Promise<{ kim: [Tab, Tab]; lee: [Tab, Tab]; kimDevice: Device }> {
  const [kimDevice, leeDevice] = [await floor.device({ isKept: true }), await floor.device()]
  const [kim1, lee1] = [await kimDevice.tab(), await leeDevice.tab()]
  await kim1.signIn('kim', '1111')
  await lee1.signIn('lee', '2222')
  const [kim2, lee2] = [await kimDevice.tab(), await leeDevice.tab()]
  for (const tab of [kim1, kim2, lee1, lee2]) await expect(tab.connection).toContainText('Live')
  return { kim: [kim1, kim2], lee: [lee1, lee2], kimDevice }
}

test('a P0 is on every open window at once, acknowledged by one for all, with the name', async ({ floor }) => {
  const { kim, lee } = await kimAndLee(floor)
  const tabs = [...kim, ...lee]
  const title = 'Hydraulic pressure low <img src=x onerror=alert(1)>'
  await floor.raise('P0', title)
  await Promise.all(tabs.map((tab) => expect(tab.overlay).toContainText(title)))
  await tabs[1]?.page.reload()
  await Promise.all(tabs.map((tab) => expect(tab.overlay).toContainText(title)))

  await lee[0].press(lee[0].overlay.getByRole('button', { name: 'I have it' }))
  await Promise.all(tabs.map((tab) => expect(tab.overlay).toBeHidden()))
  await Promise.all(tabs.map((tab) => expect(tab.alert(title)).toContainText('✓ lee')))
})

test('the header of the server is the page’s policy: strings become no markup', async ({ floor }) => {
  const policies = (await fetch(floor.url)).headers.get('content-security-policy')?.split(';')
  expect(policies).toContain("require-trusted-types-for 'script'")
  expect(policies).toContain('trusted-types kiosk')
  const terminal = await floor.device()
  const tab = await terminal.tab()
  await expect(tab.connection).toContainText('Live')
  await expect(tab.page.locator('meta[http-equiv]')).toHaveCount(0)
  floor.expectNoErrors()
  expect(await tab.putMarkup()).toBe('TypeError')
  await expect.poll(() => terminal.takeErrors()).toEqual([expect.stringContaining('TrustedHTML')])
})

test('P2 and P3 arrive in the list of their area', async ({ floor }) => {
  const { kim, lee } = await kimAndLee(floor)
  // First, so that it would be there by the time the later ones are.
  await floor.raise('P2', 'Not for line 3', 'line-1')
  await floor.raise('P2', 'Coolant low')
  await floor.raise('P3', 'Label printer needs paper')
  for (const tab of [...kim, ...lee]) {
    await expect(tab.alert('Coolant low')).toBeVisible()
    await expect(tab.alert('Label printer needs paper')).toBeVisible()
    await expect(tab.alert('Not for line 3')).toHaveCount(0)
    await expect(tab.overlay).toBeHidden()
  }
})

test('an edit is pending in the other window at once, and on the other device after the server’s word', async ({
  floor,
}) => {
  const { kim, lee } = await kimAndLee(floor)
  for (const tab of [...kim, ...lee]) await tab.show('Work orders')
  const number = await firstOrder(kim[0])

  // Stopped, the server takes bytes and answers nothing: what the second window shows came over the bus.
  floor.signal('SIGSTOP')
  await kim[0].setQuantity(number, 4321)
  for (const tab of kim) {
    await expect(tab.order(number)).toContainText('4,321')
    await expect(tab.order(number).getByTestId('pending-mark')).toBeVisible()
  }
  for (const tab of lee) await expect(tab.order(number)).not.toContainText('4,321')
  floor.signal('SIGCONT')
  for (const tab of [...kim, ...lee]) {
    await expect(tab.order(number)).toContainText('4,321')
    await expect(tab.pendingMarks).toHaveCount(0)
  }
})

test('a conflicting edit shows both values and who', async ({ floor }) => {
  const { kim, lee } = await kimAndLee(floor)
  for (const tab of [...kim, ...lee]) await tab.show('Work orders')
  const number = await firstOrder(kim[0])
  await floor.kill()
  await kim[0].setQuantity(number, 111)
  await lee[0].setQuantity(number, 222)
  await floor.start()
  // Whose edit reached the server first is chance; the other one is asked.
  const asked = await Promise.race(
    [kim, lee].map(async (tabs, index) => {
      await expect(tabs[0].page.getByText('was not accepted').first()).toBeVisible({ timeout: 40_000 })
      return index
    }),
  )
  const [loser, winner] = asked === 0 ? [kim[0], 'lee'] : [lee[0], 'kim']
  await loser.press(loser.outbox)
  const panel = loser.page.getByRole('dialog')
  await panel.getByRole('button', { name: 'Choose a value' }).click()
  const conflict = loser.page.getByRole('dialog').last()
  await expect(conflict).toContainText('111')
  await expect(conflict).toContainText('222')
  await expect(conflict).toContainText(`By ${winner}`)
  await conflict.getByRole('radio', { name: /Yours/ }).check({ force: true })
  await conflict.getByRole('button', { name: 'Send my choice' }).click()
  const value = asked === 0 ? '111' : '222'
  for (const tab of [...kim, ...lee]) await expect(tab.order(number)).toContainText(value)
})

test('without the server everything is taken, survives closing the browser, and takes effect once', async ({
  floor,
}) => {
  const { kim, lee, kimDevice } = await kimAndLee(floor)
  await floor.raise('P2', 'Coolant low')
  for (const tab of [...kim, ...lee]) await expect(tab.alert('Coolant low')).toBeVisible()
  await kim[0].show('Work orders')
  const number = await firstOrder(kim[0])

  await floor.kill()
  for (const tab of [...kim, ...lee]) await expect(tab.connection).toContainText(/offline since \d\d:\d\d/i)

  await kim[0].setQuantity(number, 777)
  await kim[0].plan('Oil pan, second lot', 50)
  await kim[0].show('Alerts')
  await kim[0]
    .alert('Coolant low')
    .getByRole('button', { name: /I have it/ })
    .click()
  await expect(kim[0].alert('Coolant low')).toContainText('waiting for server')
  await kim[0].raise('P0', 'Evacuate hall 3')
  // A P0 raised here shows on all windows of this device at once, marked as not yet sent (P3).
  for (const tab of kim) {
    await expect(tab.overlay).toContainText('Evacuate hall 3')
    await expect(tab.overlay).toContainText('Not yet sent')
  }
  await kim[0].press(kim[0].overlay.getByRole('button', { name: 'I have it' }))
  await kim[0].show('Line chat')
  await kim[0].say('Stopping the press')
  await expect(kim[0].message('Stopping the press').getByTestId('pending-mark')).toBeVisible()
  await expect(kim[0].outbox).toContainText('6 waiting')

  await kimDevice.close()
  await floor.start()
  const again = await kimDevice.reopen()
  await expect(again.connection).toContainText('Live')
  await expect(again.outbox).toContainText('0 waiting')
  await expect(again.pendingMarks).toHaveCount(0)
  await again.show('Line chat')
  await expect(again.message('Stopping the press')).toHaveCount(1)

  const [other] = lee
  await expect(other.connection).toContainText('Live')
  await other.show('Line chat')
  await expect(other.message('Stopping the press')).toHaveCount(1)
  await other.show('Work orders')
  await expect(other.order(number)).toContainText('777')
  await expect(other.order('Oil pan, second lot')).toHaveCount(1)
  await other.show('Alerts')
  await expect(other.alert('Coolant low')).toContainText('✓ kim')
  await expect(other.alert('Evacuate hall 3')).toHaveCount(1)
  await expect(other.alert('Evacuate hall 3')).toContainText('✓ kim')
})

test('the next person signs in on the same device; the first one’s work goes on under their name', async ({
  floor,
}) => {
  const terminal = await floor.device()
  const tab = await terminal.tab()
  await tab.signIn('kim', '1111')
  await tab.show('Line chat')
  await tab.say('kim was here')
  await tab.signOut()
  await expect(tab.message('kim was here')).toHaveCount(0)
  await tab.signIn('lee', '2222')
  await tab.show('Line chat')
  await expect(tab.message('kim was here')).toContainText('kim')
})

async function firstOrder(tab: Tab): Promise<string> {
  const text = await tab.page.getByTestId('order-row').first().innerText()
  const number = /[A-Z]+-?\d+/.exec(text)?.[0]
  if (number === undefined) throw new Error(`no order number in ${text}`)
  return number
}
