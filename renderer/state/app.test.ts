import { checkCommand } from '../../relay/protocol/check.ts'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../relay/protocol/commands.ts'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { PendingCommand, RelayView, SessionView } from '../../relay/protocol/local.ts'
import type { SessionId } from '../../relay/protocol/ids.ts'
import type { WindowModel } from '../../relay/domain/window-model.ts'
import {
  alert,
  ALERTS,
  CHAT,
  command,
  id,
  INBOX,
  inboxOf,
  ORDERS,
  prefsOf,
  rejected,
  rejection,
  REJECTIONS,
  SESSION,
  stateChannel,
  view,
} from '../../relay/domain/testing/samples.ts'
import { makeFakeRelay, type FakeRelay } from '../testing/fake-relay.ts'
import { createApp, type App } from './app.ts'
import { acknowledge, chooseLanguage, chooseTheme, go, setAside, settle, signOutEverywhere } from './actions.ts'
import { askToSendAgain, isTyped, resend, sendRejectedAgain } from './form-actions.ts'
import { describe as words } from './describe.ts'
import { deviceMemory } from './device-memory.ts'

const PREFS = channelName('prefs', 'kim')
const FIRE = alert(7, { priority: 'P0', title: 'Fire' })

interface Opened {
  readonly app: App
  readonly relay: FakeRelay
  /** What its address became. */
  readonly hashes: readonly string[]
}

async function open(over: Partial<RelayView> = {}, hash = '#/line-3/alerts'): Promise<Opened> {
  const channels = [stateChannel(URGENT_CHANNEL, 1, [FIRE]), stateChannel(ALERTS, 0)]
  const relay = makeFakeRelay(view(0, { channels, ...over }))
  const first = new Promise<WindowModel>((resolve) => relay.client.listen(resolve))
  relay.client.start()
  const kept = new Map<string, string>()
  const memory = deviceMemory({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  })
  const hashes: string[] = []
  const address = { hash: () => hash, replace: (next: string) => void hashes.push(next) }
  const [app] = createApp({ relay: relay.client, memory, address, now: () => 0, check: checkCommand }, await first)
  return { app, relay, hashes }
}

/** The channels that the window asked for last. */
function lastShown({ heard }: FakeRelay): readonly string[] {
  const shows = heard.flatMap((message) => (message.t === 'show' ? [message.channels] : []))
  return shows.at(-1) ?? []
}

/** Lets the fake relay's answers arrive. */
async function settled(): Promise<void> {
  for (let n = 0; n < 4; n++) await Promise.resolve()
}

test('a window shows its area, and work and talk only while somebody is signed in', async () => {
  const { relay } = await open()
  expect(lastShown(relay)).toEqual([
    ALERTS,
    ORDERS,
    CHAT,
    'notes/line-3',
    INBOX,
    PREFS,
    'headcount/line-3',
    'presence/line-3',
    'presence/-',
  ])
  relay.tell({ t: 'session', session: null, areas: [] })
  await settled()
  expect(relay.heard).toContainEqual({ t: 'show', channels: ['alerts/line-3', 'headcount/line-3'] })
  expect(relay.heard).toContainEqual({ t: 'track', rooms: [{ channel: 'presence/line-3', own: { view: 'alerts' } }] })
})

test('a person’s first page is their own line, and the terminal keeps it when they leave', async () => {
  const site = ['line-1', 'line-2', 'line-3']
  const { app, relay } = await open({ session: null, areas: site }, '')
  expect(app.area.value).toBe('line-1')
  relay.tell({ t: 'session', session: { ...SESSION, areas: ['line-3', 'line-2'] }, areas: site })
  await settled()
  expect(app.area.value).toBe('line-3')
  relay.tell({ t: 'session', session: null, areas: site })
  await settled()
  expect(app.area.value).toBe('line-3')
})

describe('the first page of a person', () => {
  const SITE = ['line-1', 'line-2', 'line-3']
  const KIM = { ...SESSION, areas: ['line-3', 'line-1'] }
  const LEE = { ...SESSION, operator: 'lee', id: id(3) as string as SessionId, areas: ['line-2', 'line-1'] }
  const tell = async (relay: FakeRelay, session: SessionView | null): Promise<void> => {
    relay.tell({ t: 'session', session, areas: SITE })
    await settled()
  }

  test('is their own line, whatever the person before them looked at, here and in the address', async () => {
    const { app, relay, hashes } = await open({ session: LEE, areas: SITE }, '#/line-1/orders')
    expect(app.area.value).toBe('line-1')
    await tell(relay, null)
    expect([app.area.value, hashes.at(-1)]).toEqual(['line-1', '#//orders'])
    await tell(relay, KIM)
    expect([app.area.value, app.place.value.view]).toEqual(['line-3', 'orders'])
    // Without a moment between them, too.
    go(app, 'orders', 'line-1')
    await tell(relay, LEE)
    expect(app.area.value).toBe('line-2')
  })

  test('is the line of a link that was followed before they signed in, once', async () => {
    const { app, relay } = await open({ session: null, areas: SITE }, '#/line-1/alerts')
    await tell(relay, KIM)
    expect(app.area.value).toBe('line-1')
    await tell(relay, null)
    await tell(relay, KIM)
    expect(app.area.value).toBe('line-3')
  })

  test('is not the line a terminal happens to show while somebody looks around before signing in', async () => {
    const { app, relay } = await open({ session: LEE, areas: SITE }, '#/line-1/alerts')
    await tell(relay, null)
    go(app, 'orders')
    await tell(relay, KIM)
    expect([app.area.value, app.place.value.view]).toEqual(['line-3', 'orders'])
  })

  test('is the line of the terminal for who has none of their own', async () => {
    const { app, relay } = await open({ session: LEE, areas: SITE }, '#/line-1/alerts')
    await tell(relay, null)
    await tell(relay, { ...KIM, operator: 'park', areas: ['*'] })
    expect(app.area.value).toBe('line-1')
  })

  test('stays where they were when the page is loaded again', async () => {
    expect((await open({ session: KIM, areas: SITE }, '#/line-1/alerts')).app.area.value).toBe('line-1')
  })
})

test('a window that knows no area yet asks for no channel of one', async () => {
  const { relay } = await open({ session: null, areas: [], channels: [] }, '')
  expect(relay.heard.filter(({ t }) => t === 'show')).toEqual([])
})

test('an active P0 covers the window; an acknowledgement that waits makes it a banner', async () => {
  const { app } = await open()
  expect(app.alarms.value.overlay.map((row) => row.id)).toEqual([FIRE.id])
  acknowledge(app, FIRE.id)
  await settled()
  expect(app.alarms.value.overlay).toEqual([])
  expect(app.alarms.value.banners).toMatchObject([{ id: FIRE.id, acknowledging: { by: 'kim' } }])
})

test('what one person puts aside covers the window again for the next', async () => {
  const { app, relay } = await open({ session: null })
  setAside(app, [FIRE.id])
  expect(app.alarms.value.overlay).toEqual([])
  relay.tell({ t: 'session', session: SESSION, areas: ['line-3'] })
  await settled()
  expect(app.alarms.value.overlay).toHaveLength(1)
})

test('a person sees the areas of their rights, in the order of the site', async () => {
  const { app } = await open({ session: { ...SESSION, areas: ['*'] } })
  expect(app.areas.value).toEqual(['line-1', 'line-2', 'line-3'])
  expect((await open()).app.areas.value).toEqual(['line-3'])
})

test('areas stand as people count, whatever the order in which the server names them', async () => {
  const { app } = await open({ session: null, areas: ['line-1', 'line-10', 'line-100', 'line-2'] })
  expect(app.areas.value).toEqual(['line-1', 'line-2', 'line-10', 'line-100'])
})

test('a refused message comes back into the composer, and stays refused until it is sent', async () => {
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
  await settled()
  expect(app.drafts.value['line-3']).toBe('hello')
  expect(app.chatAgain.value['line-3']).toBe(refused)
  expect(relay.heard.filter(({ t }) => t === 'dismiss')).toEqual([])
  expect(app.rejected.value).toEqual([refused])
})

test.each(Object.keys(COMMANDS))(
  '"%s" that was refused comes back into its form, or is sent as it was',
  async (type) => {
    const data = { line: 'line-3', area: 'line-3', note: '2026-11-20-late', text: 'hello', files: [] }
    const refused = rejected(command(50, type, data), 'forbidden')
    const { app, relay } = await open({ rejected: [refused] })
    resend(app, refused)
    await settled()
    const sent = relay.heard.find((message) => message.t === 'command')
    expect(sent).toEqual(isTyped(type) ? undefined : expect.objectContaining({ type, data }))
    const isBack = app.sheet.value !== null || app.drafts.value['line-3'] === 'hello' || app.view.value === 'notes'
    expect(isBack).toBe(isTyped(type))
  },
)

test('a refused form is settled once it is sent, and not when it is only looked at', async () => {
  const refused = rejected(command(50, 'chat.post', { line: 'line-3', text: 'hello' }), 'forbidden')
  const { app, relay } = await open({ rejected: [refused] })
  settle(app, refused, 'resent')
  await settled()
  const data = { id: id(50), how: 'resent', reason: null }
  expect(relay.heard).toContainEqual(expect.objectContaining({ type: 'rejection.close', data }))
  expect(app.rejected.value).toEqual([])
})

test('discarding what was refused here closes it on the server, by its author only', async () => {
  const mine = rejected(command(50, 'chat.post', { line: 'line-3', text: 'hello' }), 'forbidden')
  const others = rejected(command(51, 'alert.ack', { id: FIRE.id }, { by: 'lee' }), 'forbidden')
  const { app, relay } = await open({ rejected: [mine, others] })
  for (const each of [mine, others]) settle(app, each, 'discarded')
  await settled()
  const sent = relay.heard.filter((message) => message.t === 'command')
  expect(sent).toMatchObject([{ data: { id: id(50), how: 'discarded', reason: 'by the author' } }])
  expect(app.rejected.value).toEqual([])
})

test('what the person was refused on another device is shown here, and what was settled there goes here (P9)', async () => {
  const here = rejected(command(50, 'chat.post', { line: 'line-3', text: 'hello' }), 'forbidden')
  const closed = { by: 'park', on: 'office', at: '2026-11-20T06:00:00.000Z', how: 'discarded', reason: 'old' } as const
  const inbox = inboxOf(rejection(51), rejection(50, { closed }))
  const { app, relay } = await open({ rejected: [here], channels: [stateChannel(URGENT_CHANNEL, 1, []), inbox] })
  await settled()
  expect(app.rejected.value.map(({ command: { id: of } }) => of)).toEqual([id(51)])
  expect(relay.heard.filter(({ t }) => t === 'dismiss')).toEqual([{ t: 'dismiss', id: id(50) }])
})

test('a supervisor reads what was rejected in the area, sends it again under their own name, and then settles it', async () => {
  const channels = [stateChannel(URGENT_CHANNEL, 1, []), stateChannel(REJECTIONS, 1, [rejection(50)])]
  const session = { ...SESSION, operator: 'park', role: 'supervisor' } as const
  const { app, relay } = await open({ channels, session })
  expect(lastShown(relay).slice(0, 7)).toEqual([
    ALERTS,
    ORDERS,
    CHAT,
    'notes/line-3',
    REJECTIONS,
    'inbox/park',
    'prefs/park',
  ])
  const [row] = app.rejections.value
  if (row === undefined) throw new Error('nothing was rejected')
  sendRejectedAgain(app, row)
  await settled()
  expect(relay.heard.filter(({ t }) => t === 'command')).toMatchObject([
    { type: 'chat.post', data: { line: 'line-3', text: 'Message 50' } },
    { type: 'rejection.close', data: { id: id(50), how: 'resent', reason: null } },
  ])
  expect(app.rejections.value).toMatchObject([{ closing: { by: 'park' } }])
})

test('an edit that another was refused opens in its form, and is settled when it is saved', async () => {
  const edit = { type: 'order.edit', data: { id: id(1), fields: { quantity: 7 }, baseVersion: 1 } }
  const channels = [stateChannel(URGENT_CHANNEL, 1, []), stateChannel(REJECTIONS, 1, [rejection(50, edit)])]
  const { app, relay } = await open({ channels, session: { ...SESSION, operator: 'park', role: 'supervisor' } })
  const [row] = app.rejections.value
  if (row === undefined) throw new Error('nothing was rejected')
  askToSendAgain(app, row, checkCommand)
  const sheet = app.sheet.value
  expect(sheet).toMatchObject({ kind: 'order', id: id(1), draft: { quantity: 7 } })
  if (sheet?.kind !== 'order' || sheet.again === undefined) throw new Error('no form')
  settle(app, sheet.again, 'resent')
  await settled()
  const data = { id: id(50), how: 'resent', reason: null }
  expect(relay.heard).toContainEqual(expect.objectContaining({ type: 'rejection.close', data }))
})

test('a command is named by what it is about', async () => {
  const { app } = await open()
  expect(words(app, command(50, 'alert.ack', { id: FIRE.id }))).toBe('Acknowledge “Fire”')
  expect(words(app, command(51, 'alert.ack', { id: id(99) }))).toBe('Acknowledge an alert')
  const edit = { id: id(99), fields: { quantity: 1200, assignee: null }, baseVersion: 1 }
  expect(words(app, command(52, 'order.edit', edit))).toBe('Change a work order: Quantity 1,200 · Assigned to nobody')
  expect(words(app, command(53, 'press.start', {}))).toBe('Something from another version (press.start)')
})

test('theme and language are the person’s, change at once, and the device’s own come back when nobody is signed in', async () => {
  const { app, relay } = await open({
    channels: [stateChannel(URGENT_CHANNEL, 1, []), prefsOf('kim', { theme: 'dark', language: 'ko' })],
  })
  expect([app.theme.value, app.language.value]).toEqual(['dark', 'ko'])
  chooseTheme(app, 'light')
  chooseLanguage(app, 'en')
  await settled()
  expect([app.theme.value, app.language.value]).toEqual(['light', 'en'])
  expect(app.pending.value.map((pending) => words(app, pending))).toEqual(['Appearance: Light', 'Language: English'])
  app.deviceLanguage.value = 'ko'
  await signOutEverywhere(app)
  expect(relay.heard).toContainEqual(expect.objectContaining({ t: 'sign-out', everywhere: true }))
  await settled()
  expect([app.theme.value, app.language.value]).toEqual(['system', 'ko'])
  chooseLanguage(app, 'en')
  expect([app.language.value, relay.heard.filter(({ t }) => t === 'command').length]).toEqual(['en', 2])
})

test('a wall asks for one value a second, and what is read from near for the usual pace', async () => {
  const paceOf = ({ relay }: Opened) => relay.heard.flatMap((message) => (message.t === 'show' ? [message.maxHz] : []))
  expect(paceOf(await open({}, '#/wall')).at(-1)).toBe(1)
  expect(paceOf(await open()).at(-1)).toBeUndefined()
})
