import { expect, test } from '@playwright/test'
import { freePort, startServer, type Program } from '../support/processes.ts'
import { kioskFolder, RunningKiosk } from './kiosk-device.ts'

const KEY = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }

let folder: Awaited<ReturnType<typeof kioskFolder>>
let url = ''
let server: Program
let kiosk: RunningKiosk

test.beforeEach(async () => {
  folder = await kioskFolder()
  const started = await startServer(`${folder.path}/server`, await freePort())
  server = started.program
  url = started.url
  kiosk = await RunningKiosk.open({ url, folder: folder.path, windows: 2 })
})
test.afterEach(async () => {
  await kiosk.close()
  await server.kill()
  await folder.dispose()
})

async function raised(title: string): Promise<string> {
  const body = JSON.stringify({ priority: 'P0', area: 'line-3', title })
  const response = await fetch(`${url}/api/alerts`, { method: 'POST', headers: KEY, body })
  expect(response.status).toBe(201)
  const { id } = (await response.json()) as { readonly id: string }
  return id
}

async function evidenceOf(alert: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/api/alerts/${alert}/evidence`, { headers: KEY })
  const { receipts } = (await response.json()) as { readonly receipts: readonly { readonly kind: string }[] }
  return receipts.map(({ kind }) => kind)
}

test('a kiosk says whether its system shows notifications, evidence says the same, and the screens go on either way', async () => {
  const tab = kiosk.tab(0)
  await expect(tab.connection).toContainText('Live')
  const alert = await raised('Gas warning')
  for (const each of kiosk.tabs) await expect(each.overlay).toBeVisible()
  await expect.poll(() => evidenceOf(alert)).toContainEqual(expect.stringMatching(/notified$/))
  const outcome = (await evidenceOf(alert)).find((kind) => kind.endsWith('notified'))
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

test('one window of a kiosk sounds, without a press; or both say that there is no loudspeaker', async () => {
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
