import { describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { ERRORS } from '../../relay/protocol/errors.ts'
import type { RelayView } from '../../relay/protocol/local.ts'
import type { AlertRecord } from '../../relay/protocol/records.ts'
import {
  alert,
  ALERTS,
  CHAT,
  command,
  EPOCH,
  event,
  id,
  LIVE,
  logChannel,
  order,
  ORDERS,
  posted,
  rejected,
  REJECTIONS,
  SESSION,
  setting,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import { en } from '../text/en.ts'
import { ko } from '../text/ko.ts'
import { setWords } from '../text/text.ts'
import type { FakeRelay } from '../testing/fake-relay.ts'
import { setStage } from '../testing/stage.ts'

const FIRE = alert(7, { priority: 'P0', title: 'Fire at press 2' })
const EQUIPMENT = channelName('equipment', 'line-3')
const MARKUP = '<img src=x onerror="window.wasHacked = true">'
const stage = setStage()

async function open(hash: string, over: Partial<RelayView> = {}): Promise<FakeRelay> {
  return (await stage.open({ hash, view: view(0, over) })).relay
}
const channels = (...urgent: readonly AlertRecord[]) => [
  stateChannel(URGENT_CHANNEL, 1, urgent),
  stateChannel(ALERTS, 1, [alert(8, { title: MARKUP, body: MARKUP })]),
  stateChannel(ORDERS, 1, [order(1, { title: MARKUP, note: MARKUP })]),
  logChannel(CHAT, [posted(1, MARKUP)]),
]

/** The matcher for text is exact; a screen says more around it. */
async function says(hook: string, words: string): Promise<void> {
  await expect.poll(() => stage.root.querySelector(`[data-testid="${hook}"]`)?.textContent).toContain(words)
}

const AWAY = { ...LIVE, state: 'waiting', since: null, retryAt: null } as const
const EVERY_VIEW = ['line', 'alerts', 'equipment', 'orders', 'chat', 'rejections'].map((name) => `#/line-3/${name}`)
const SUPERVISOR = { ...SESSION, role: 'supervisor', areas: ['*'] } as const

describe.each(EVERY_VIEW)('[P5] %s, before anything of it was received', (hash) => {
  const unreceived = { confirmedAt: null, current: false }
  const bare = [URGENT_CHANNEL, ALERTS, EQUIPMENT, ORDERS, REJECTIONS].map((name) => ({
    ...stateChannel(name, 1, []),
    ...unreceived,
  }))
  const said = () => stage.root.querySelector('.empty')?.textContent

  test.each([
    ['with a replica that was never filled', [...bare, { ...logChannel(CHAT, []), ...unreceived }]],
    ['with nothing at all', []],
  ])('says so without the server, and not that nothing is there (%s)', async (_title, held) => {
    await open(hash, { status: AWAY, session: SUPERVISOR, channels: held })
    await expect.poll(said).toContain('Never received on this terminal')
    expect(said()).toContain('when the server can be reached again')
    expect(stage.root.textContent).not.toMatch(
      /No active alerts|None active|No machine|No work orders|Nothing has been said/,
    )
  })

  test('says that it is on its way while the server is there', async () => {
    await open(hash, { session: SUPERVISOR, channels: [] })
    await expect.poll(said).toContain('On its way from the server')
    expect(stage.root.textContent).not.toContain('Never received')
  })
})

test('[P5] alerts of an area that are shown to nobody here say so, below those that are', async () => {
  const refused = { ...stateChannel(ALERTS, 1, []), confirmedAt: null, current: false, refused: 'sign-in-needed' }
  const urgent = stateChannel(URGENT_CHANNEL, 1, [alert(7, { priority: 'P1', title: 'Oil' })])
  await open('#/line-3/alerts', { session: null, channels: [urgent, refused] })
  await expect
    .poll(() => stage.root.querySelector('.empty')?.textContent)
    .toContain('P0 and P1 only. Sign in to see this.')
  expect(stage.root.textContent).not.toContain('Never received')
})

test('an area without alerts says since when, and one that is not for this person whose it is', async () => {
  await open('#/line-3/alerts', { channels: [stateChannel(URGENT_CHANNEL, 1), stateChannel(ALERTS, 1)] })
  await expect
    .poll(() => stage.root.querySelector('.empty')?.textContent)
    .toMatch(/All quiet since \d\d:\d\d · Confirmed/)
  const refused = { ...stateChannel(ALERTS, 1, []), confirmedAt: null, current: false, refused: 'forbidden' }
  await open('#/line-3/alerts', { channels: [stateChannel(URGENT_CHANNEL, 1), refused] })
  await expect
    .poll(() => stage.root.querySelector('.empty')?.textContent)
    .toContain('Only its own people see this area')
})

test('the sheet says by which way the terminal connects and why not better, in either language', async () => {
  await open('#/line-3/alerts', { status: { ...LIVE, way: 'poll', wayReason: 'way-cut' } })
  await page.getByTestId('connection-state').click()
  const sheet = () => stage.root.ownerDocument.querySelector('dialog')?.textContent
  await expect.poll(sheet).toContain('requests over HTTP')
  expect(sheet()).toContain('cuts better connections')
  setWords(ko)
  await expect.poll(sheet).toContain('HTTP 반복 요청')
  setWords(en)
  await open('#/line-3/alerts', {})
  await page.getByTestId('connection-state').click()
  await expect.poll(sheet).toContain('WebSocket')
  expect(stage.root.ownerDocument.querySelector('[data-testid=way-reason]')).toBeNull()
})

test('[P6] what does not pass by itself is named where it says that values are old, and in the sheet; what passes is not', async () => {
  const since = Date.UTC(2026, 10, 20, 9, 41)
  const status = {
    state: 'waiting',
    since,
    way: 'ws',
    wayReason: null,
    retryAt: null,
    warnings: [],
    forSite: false,
    storage: 'working',
  } as const
  const { says: why } = ERRORS['upgrade-missing']
  await open('#/line-3/alerts', { status: { ...status, forSite: true, code: 'upgrade-missing', reason: why } })
  await expect.poll(() => stage.root.querySelector('.bar-stale')?.textContent).toContain(why)
  await page.getByTestId('connection-state').click()
  await expect.poll(() => stage.root.ownerDocument.querySelector('dialog')?.textContent).toContain(why)
  await open('#/line-3/alerts', { status: { ...status, code: 'going-away', reason: 'The server is restarting.' } })
  await expect.poll(() => stage.root.querySelector('.bar-stale')?.textContent).toContain('Offline since')
  expect(stage.root.querySelector('.bar-stale')?.textContent).not.toContain('restarting')
})

test('markup in an alert, an order or a message is shown as the text it is', async () => {
  for (const [at, hook] of [
    ['#/line-3/alerts', 'alert-row'],
    ['#/line-3/orders', 'order-row'],
    ['#/line-3/chat', 'chat-message'],
  ] as const) {
    await open(at, { channels: channels() })
    await says(hook, MARKUP)
    expect(stage.root.querySelector('img')).toBeNull()
  }
  expect('wasHacked' in window).toBe(false)
})

test('a P0 covers every view, Escape does not take it away, and the press becomes a banner that says it waits', async () => {
  const relay = await open('#/line-3/orders', { channels: channels(FIRE) })
  const overlay = page.getByTestId('p0-overlay')
  await says('p0-overlay', 'Fire at press 2')
  await userEvent.keyboard('{Escape}{Escape}')
  await expect.element(overlay).toBeVisible()
  await overlay.getByRole('button', { name: 'I have it' }).click()
  await expect.element(overlay).not.toBeInTheDocument()
  await says('pending-mark', 'Saved here, waiting for server')
  expect(relay.heard).toContainEqual(expect.objectContaining({ type: 'alert.ack', data: { id: FIRE.id } }))
})

test('an acknowledgement by anybody closes the overlay and the board names them', async () => {
  const relay = await open('#/line-3/alerts', { channels: channels(FIRE) })
  await expect.element(page.getByTestId('p0-overlay')).toBeVisible()
  const acknowledged = { by: 'lee', on: 'press-1', at: '2026-11-20T05:03:00.000Z' }
  const acked = event(2, setting({ ...FIRE, acknowledged }), { type: 'alert.acknowledged' })
  relay.tell({ t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: acked })
  await expect.element(page.getByTestId('p0-overlay')).not.toBeInTheDocument()
  await expect.element(page.getByText(/✓ lee/)).toBeVisible()
})

test('evidence of display is given once the overlay is painted (P4)', async () => {
  const relay = await open('#/line-3/alerts', { channels: channels(FIRE) })
  await expect.poll(() => relay.heard).toContainEqual({ t: 'displayed', alert: FIRE.id })
})

test('a press on its way to something else does not acknowledge what jumps under it', async () => {
  const relay = await open('#/line-3/alerts', { channels: channels(FIRE) })
  await expect.poll(() => stage.all('.overlay-acknowledge')).toHaveLength(1)
  stage.find('.overlay-acknowledge').click()
  expect(relay.heard.filter((one) => one.t === 'command')).toEqual([])
})

test('signed out, the P0 leads to signing in and is there again for the person', async () => {
  await open('#/line-3/alerts', { channels: channels(FIRE), session: null })
  await page.getByRole('button', { name: 'Sign in to acknowledge' }).click()
  await expect.element(page.getByLabelText('Name')).toHaveFocus()
  await userEvent.keyboard('kim{Tab}1111{Enter}')
  await expect.element(page.getByTestId('p0-overlay')).toBeVisible()
})

test('a wrong PIN is said in words, and the PIN is empty for the next try', async () => {
  await open('#/line-3/alerts', { session: null })
  await page.getByLabelText('Name').fill('kim')
  for (const digit of ['9', '8']) await page.getByRole('button', { name: digit, exact: true }).click()
  await expect.element(page.getByLabelText('PIN')).toHaveValue('98')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect.element(page.getByText('The name or the PIN is wrong.')).toBeVisible()
  await expect.element(page.getByLabelText('PIN')).toHaveValue('')
})

test('an edit shows at once as waiting, on the row and in the count', async () => {
  await open('#/line-3/orders', { channels: channels() })
  await page.getByRole('button', { name: 'Edit WO-1' }).click()
  await page.getByLabelText('Quantity').fill('77')
  await userEvent.keyboard('{Enter}')
  await says('order-row', '77')
  await expect.element(page.getByTestId('pending-mark')).toBeVisible()
  await says('outbox-count', '1 waiting')
})

test('a long queue says how many wait and how far it has come while it drains', async () => {
  const posted1 = command(60, 'chat.post', { line: 'line-3', text: 'one of many' })
  const relay = await open('#/line-3/orders', {
    pending: [posted1],
    outbox: { urgent: 0, normal: 4_000, ended: 0, sending: false },
  })
  await says('outbox-count', '4,000 waiting')
  relay.tell({ t: 'outbox', outbox: { urgent: 12, normal: 3_400, ended: 588, sending: true } })
  await says('outbox-count', '3,412 waiting · sending')
  await page.getByTestId('outbox-count').click()
  await says('outbox-progress', '3,412 waiting · sending')
  await expect.element(page.getByRole('progressbar', { name: '588 sent' })).toHaveAttribute('max', '4000')
  await says('outbox-progress', 'Shown are the newest 1.')
})

test('a conflict shows both values and who, and sends the choice on the version a person saw', async () => {
  const edit = command(50, 'order.edit', { id: id(1), fields: { quantity: 80, note: 'mine' }, baseVersion: 1 })
  const quantity = { yours: 80, theirs: 120, by: 'lee', at: '2026-11-20T05:03:00.000Z' }
  const conflict = { current: order(1, { quantity: 120 }, 4), fields: { quantity } }
  const relay = await open('#/line-3/orders', {
    channels: channels(),
    rejected: [rejected(edit, 'order-conflict', conflict)],
  })
  await page.getByRole('button', { name: 'Needs your choice' }).click()
  await page.getByRole('button', { name: 'Send my choice' }).click()
  await expect.element(page.getByText('Choose a value for every field first.')).toBeVisible()
  await userEvent.keyboard('{Tab}')
  stage.root.querySelector<HTMLElement>('input[value="theirs"]')?.click()
  await page.getByRole('button', { name: 'Send my choice' }).click()
  const data = { id: id(1), fields: { note: 'mine' }, baseVersion: 4 }
  expect(relay.heard).toContainEqual(expect.objectContaining({ type: 'order.edit', data }))
  expect(relay.heard).toContainEqual({ t: 'dismiss', id: id(50) })
})
