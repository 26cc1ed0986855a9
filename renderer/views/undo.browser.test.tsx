import { beforeEach, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { ALERTS, command, order, ORDERS, rejected, stateChannel, view } from '../../relay/domain/testing/samples.ts'
import { STEADY_MS } from '../state/press-guard.ts'
import { UNDO_MS } from '../state/undo.ts'
import { HandClock } from '../testing/hand-clock.ts'
import { painted, setStage } from '../testing/stage.ts'

const REFUSED = rejected(command(1, 'chat.post', { line: 'line-3', text: 'Said' }), 'forbidden')
const CHANNELS = [stateChannel(URGENT_CHANNEL, 1, []), stateChannel(ALERTS, 1, []), stateChannel(ORDERS, 1, [order(1)])]

const stage = setStage()
let clock: HandClock

beforeEach(async () => {
  await page.viewport(1_280, 800)
  clock = new HandClock()
})

async function open() {
  const scene = { hash: '#/line-3/orders', view: view(0, { channels: CHANNELS, rejected: [REFUSED] }), clock }
  const mounted = await stage.open(scene)
  await later()
  return mounted
}

/** What has just come has stood for long. */
async function later(ms = STEADY_MS): Promise<void> {
  await painted()
  clock.pass(ms)
  await painted()
}

const back = page.getByRole('button', { name: 'Back to it' })
const dismissed = (heard: readonly { readonly t: string }[]) => heard.filter(({ t }) => t === 'dismiss').length

test('an alert that was being written comes back as it was, once the form was closed by mistake', async () => {
  await open()
  await page.getByRole('button', { name: 'Raise alert' }).click()
  await page.getByLabelText('What is wrong, and where').fill('Smoke at the extractor')
  await userEvent.keyboard('{Escape}')
  await expect.element(back).toBeVisible()
  await later()
  await back.click()
  await expect.element(page.getByLabelText('What is wrong, and where')).toHaveValue('Smoke at the extractor')
  await expect.element(back).not.toBeInTheDocument()
})

test('so does a change of a work order', async () => {
  await open()
  await page.getByRole('button', { name: 'Edit WO-1' }).click()
  await page.getByLabelText('Quantity').fill('77')
  await later()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await later()
  await back.click()
  await expect.element(page.getByLabelText('Quantity')).toHaveValue('77')
})

test('a form that nobody wrote in is closed without a word, and what was written goes after a while', async () => {
  await open()
  await page.getByRole('button', { name: 'Raise alert' }).click()
  await userEvent.keyboard('{Escape}')
  await painted()
  expect(stage.all('.undo-notice .button')).toHaveLength(0)
  await later()
  await page.getByRole('button', { name: 'Raise alert' }).click()
  await page.getByLabelText('What is wrong, and where').fill('Smoke')
  await userEvent.keyboard('{Escape}')
  await expect.element(back).toBeVisible()
  await later(UNDO_MS)
  await expect.element(back).not.toBeInTheDocument()
})

test('what one person wrote is not shown to the next', async () => {
  const { app } = await open()
  app.closedForm.value = { kind: 'raise', draft: { priority: null, area: 'line-3', title: 'Secret', body: '' } }
  await app.relay.signOut()
  await expect.poll(() => app.session.value).toBeNull()
  expect(app.closedForm.value).toBeNull()
})

test('a refusal is discarded after a while, and not if somebody thinks better of it', async () => {
  const { app, relay } = await open()
  app.sheet.value = { kind: 'outbox' }
  await later()
  const discard = page.getByRole('button', { name: 'Discard' })
  await discard.click()
  await expect.element(page.getByRole('button', { name: 'Undo' })).toBeVisible()
  expect(app.undecided.value).toBe(0)
  await later()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.element(discard).toBeVisible()
  await later(2 * UNDO_MS)
  expect(dismissed(relay.heard)).toBe(0)
  await discard.click()
  await later(UNDO_MS)
  expect(dismissed(relay.heard)).toBe(1)
})

test('who leaves meanwhile has discarded nothing', async () => {
  const { app, relay } = await open()
  app.sheet.value = { kind: 'outbox' }
  await later()
  await page.getByRole('button', { name: 'Discard' }).click()
  await app.relay.signOut()
  await expect.poll(() => app.session.value).toBeNull()
  await later(2 * UNDO_MS)
  expect(dismissed(relay.heard)).toBe(0)
})
