import { expect, test } from 'vitest'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { PendingCommand, RelayView } from '../../relay/protocol/local.ts'
import type { WindowModel } from '../../relay/domain/window-model.ts'
import {
  alert,
  ALERTS,
  CHAT,
  command,
  id,
  ORDERS,
  SESSION,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import { makeFakeRelay, type FakeRelay } from '../testing/fake-relay.ts'
import { createApp, type App } from './app.ts'
import { acknowledge, resend, setAside } from './actions.ts'
import { describe as words } from './describe.ts'
import { deviceMemory } from './device-memory.ts'

const FIRE = alert(7, { priority: 'P0', title: 'Fire' })

async function open(over: Partial<RelayView> = {}): Promise<{ app: App; relay: FakeRelay }> {
  const channels = [stateChannel(URGENT_CHANNEL, 1, [FIRE]), stateChannel(ALERTS, 0)]
  const relay = makeFakeRelay(view(0, { channels, ...over }))
  const first = new Promise<WindowModel>((resolve) => relay.client.listen(resolve))
  relay.client.start()
  const memory = deviceMemory({ getItem: () => null, setItem: () => undefined })
  const address = { hash: () => '#/line-3/alerts', replace: () => undefined }
  const [app] = createApp({ relay: relay.client, memory, address, now: () => 0 }, await first)
  return { app, relay }
}

/** Lets the fake relay's answers arrive. */
async function settle(): Promise<void> {
  for (let n = 0; n < 4; n++) await Promise.resolve()
}

test('a window shows its area, and work and talk only while somebody is signed in', async () => {
  const { relay } = await open()
  expect(relay.heard.at(-1)).toEqual({ t: 'show', channels: [ALERTS, ORDERS, CHAT] })
  relay.tell({ t: 'session', session: null, areas: [] })
  await settle()
  expect(relay.heard).toContainEqual({ t: 'show', channels: ['alerts/line-3'] })
})

test('an active P0 covers the window; an acknowledgement that waits makes it a banner (client-anchors §3.3)', async () => {
  const { app } = await open()
  expect(app.alarms.value.overlay.map((row) => row.id)).toEqual([FIRE.id])
  acknowledge(app, FIRE.id)
  await settle()
  expect(app.alarms.value.overlay).toEqual([])
  expect(app.alarms.value.banners).toMatchObject([{ id: FIRE.id, acknowledging: { by: 'kim' } }])
})

test('what one person puts aside covers the window again for the next', async () => {
  const { app, relay } = await open({ session: null })
  setAside(app, [FIRE.id])
  expect(app.alarms.value.overlay).toEqual([])
  relay.tell({ t: 'session', session: SESSION, areas: ['line-3'] })
  await settle()
  expect(app.alarms.value.overlay).toHaveLength(1)
})

test('a person sees the areas of their rights, in the order of the site', async () => {
  const { app } = await open({ session: { ...SESSION, areas: ['*'] } })
  expect(app.areas.value).toEqual(['line-1', 'line-2', 'line-3'])
  expect((await open()).app.areas.value).toEqual(['line-3'])
})

test('a refused message comes back into the composer, and the refusal goes', async () => {
  const post: PendingCommand = command(50, 'chat.post', { line: 'line-3', text: 'hello' })
  const refused = {
    command: post,
    outcome: 'rejected',
    code: 'forbidden',
    message: null,
    data: null,
    offsets: {},
  } as const
  const { app, relay } = await open({ rejected: [refused] })
  resend(app, refused)
  await settle()
  expect(app.chatDrafts.value['line-3']).toBe('hello')
  expect(relay.heard).toContainEqual({ t: 'dismiss', id: id(50) })
  expect(app.rejected.value).toEqual([])
})

test('a command is named by what it is about', async () => {
  const { app } = await open()
  expect(words(app, command(50, 'alert.ack', { id: FIRE.id }))).toBe('Acknowledge “Fire”')
  expect(words(app, command(51, 'alert.ack', { id: id(99) }))).toBe('Acknowledge an alert')
  const edit = { id: id(99), fields: { quantity: 1200, assignee: null }, baseVersion: 1 }
  expect(words(app, command(52, 'order.edit', edit))).toBe('Change a work order: Quantity 1,200 · Assigned to nobody')
  expect(words(app, command(53, 'press.start', {}))).toBe('Something from another version (press.start)')
})
