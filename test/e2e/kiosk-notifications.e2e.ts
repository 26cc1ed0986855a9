import { expect } from '@playwright/test'
import { test } from './kiosk-floor.ts'

test('a kiosk says whether its system shows notifications, evidence says the same, and the screens go on either way', async ({
  floor,
  openKiosk,
}) => {
  const kiosk = await openKiosk()
  const tab = kiosk.tab(0)
  await expect(tab.connection).toContainText('Live')
  const alert = await floor.raise('P0', 'Gas warning')
  for (const each of kiosk.tabs) await expect(each.overlay).toBeVisible()
  await expect.poll(() => floor.evidenceOf(alert)).toContainEqual(expect.stringMatching(/notified$/))
  const outcome = (await floor.evidenceOf(alert)).find((kind) => kind.endsWith('notified'))
  await tab.overlay.getByRole('button', { name: 'Sign in to acknowledge' }).click()
  await tab.signIn('kim', '1111')
  await tab.overlay.getByRole('button', { name: 'I have it' }).click()
  await expect(tab.overlay).toBeHidden()
  await tab.connection.click()
  // Where nothing shows notifications, main has found out without being held up by it.
  await expect(tab.page.getByTestId('notices-state')).toContainText(
    outcome === 'notified' ? 'also comes as a notification' : 'Nothing on this terminal shows notifications',
  )
})

test('one window of a kiosk sounds, without a press; or both say that there is no loudspeaker', async ({
  openKiosk,
}) => {
  const kiosk = await openKiosk()
  const states: string[] = []
  for (const tab of kiosk.tabs) {
    await expect(tab.connection).toContainText('Live')
    await tab.connection.click()
    const sound = tab.page.getByTestId('sound-state')
    await expect(sound).toContainText(/Andon window|this window|no loudspeaker/)
    states.push((await sound.textContent()) ?? '')
  }
  const sounding = states.filter((words) => words.includes('from this window')).length
  const mute = states.filter((words) => words.includes('no loudspeaker')).length
  expect([sounding, mute], states.join(' / ')).toEqual(mute === 0 ? [1, 0] : [0, 2])
})
