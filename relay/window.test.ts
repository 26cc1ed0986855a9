import { beforeEach, expect, test } from 'vitest'
import { CHAT, EPOCH, id, logChannel, message, ORDERS, posted, view } from './domain/testing/samples.ts'
import { VIEW_PATIENCE_MS } from './domain/feed.ts'
import type { WindowModel } from './domain/window-model.ts'
import { URGENT_CHANNEL } from './protocol/channels.ts'
import type { BusMessage, PortMessage, SessionView, WindowMessage } from './protocol/local.ts'
import { MAX_WAITING_REPLIES, REPLY_PATIENCE_MS } from './window-questions.ts'
import { WindowClient } from './window.ts'

/** A port, a bus and a clock in the hand of the test. `later` is asked for instead of telling at once, where given. */
function makeWorld({ later }: { readonly later?: (tell: () => void) => void } = {}) {
  const sent: WindowMessage[] = []
  let hearPort: ((one: PortMessage) => void) | null = null
  let hearBus: ((one: BusMessage) => void) | null = null
  let isClosed = false
  let time = 0
  let ids = 100
  const timers = new Set<{ at: number; call: () => void }>()
  const client = new WindowClient({
    port: {
      post: (one) => void sent.push(one),
      listen: (heard) => {
        hearPort = heard
        return () => (hearPort = null)
      },
      close: () => (isClosed = true),
    },
    bus: {
      listen: (heard) => {
        hearBus = heard
        return () => (hearBus = null)
      },
    },
    clock: {
      monotonic: () => time,
      after: (ms, call) => {
        const timer = { at: time + ms, call }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    },
    random: { uuid: () => id(ids++) },
    ...(later !== undefined && { later }),
  })
  const models: WindowModel[] = []
  client.listen((model) => models.push(model))
  return {
    client,
    sent,
    models,
    isClosed: () => isClosed,
    isListening: () => hearPort !== null || hearBus !== null,
    port: (one: PortMessage) => hearPort?.(one),
    bus: (one: BusMessage) => hearBus?.(one),
    pass(ms: number) {
      time += ms
      for (const timer of timers) {
        if (timer.at > time) continue
        timers.delete(timer)
        timer.call()
      }
    },
  }
}

let world: ReturnType<typeof makeWorld>
beforeEach(() => {
  world = makeWorld()
})

test('nothing is said or heard before start; then the window opens with what it shows', () => {
  world.client.show([CHAT])
  expect(world.sent).toEqual([])
  world.client.start()
  expect(world.sent).toEqual([{ t: 'open', shows: [CHAT] }])
})

test('showing other channels is said once', () => {
  world.client.start()
  world.client.show([CHAT, ORDERS])
  world.client.show([ORDERS, CHAT])
  expect(world.sent.filter((one) => one.t === 'show')).toHaveLength(1)
})

test('listeners hear each new model, and not what changes nothing', () => {
  world.client.start()
  world.port({ t: 'view', view: view(0) })
  const chat = message(1, { t: 'event', channel: CHAT, epoch: EPOCH, event: posted(1, 'a') })
  world.bus(chat)
  world.bus(chat)
  world.port({ t: 'top', bus: chat.bus })
  expect(world.models).toHaveLength(2)
  expect(world.client.model).toBe(world.models[1])
})

test('[P3] listeners hear many changes of the bus as one, later, and what is urgent at once', () => {
  const waiting: (() => void)[] = []
  world = makeWorld({ later: (tell) => waiting.push(tell) })
  world.client.start()
  world.port({ t: 'view', view: view(0) })
  expect(world.models).toHaveLength(1)
  const said = (seq: number) => message(seq, { t: 'event', channel: CHAT, epoch: EPOCH, event: posted(seq, `${seq}`) })
  world.bus(said(1))
  world.bus(said(2))
  expect([world.models.length, waiting.length]).toEqual([1, 1])
  waiting.shift()?.()
  expect([world.models.length, world.models.at(-1)]).toEqual([2, world.client.model])

  world.bus(said(3))
  const alert = { ...posted(1, 'x'), type: 'alert.raised', data: { key: 'a', record: null } }
  world.port({ t: 'copy', message: message(4, { t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: alert }) })
  expect([world.models.length, world.models.at(-1)]).toEqual([3, world.client.model])
  // What was waiting has been told with it.
  waiting.shift()?.()
  expect(world.models).toHaveLength(3)

  // Where nobody carries the bus, all of it comes by the port, and is not urgent for that.
  world.port({ t: 'copy', message: said(5) })
  world.port({ t: 'copy', message: said(6) })
  expect([world.models.length, waiting.length]).toEqual([3, 1])
})

test('[P3 F6] what is urgent comes once at once and then once a frame, however many there are', () => {
  const frames: (() => void)[] = []
  world = makeWorld({ later: (tell) => frames.push(tell) })
  world.client.start()
  world.port({ t: 'view', view: view(0) })
  const raised = (n: number) => {
    const body = { ...posted(n, 'x'), type: 'alert.raised', data: { key: `a${n}`, record: { id: `a${n}` } } }
    return message(n, { t: 'event', channel: URGENT_CHANNEL, epoch: EPOCH, event: body })
  }
  for (let n = 1; n <= 60; n += 1) world.bus(raised(n))
  expect([world.models.length, frames.length]).toEqual([2, 1])
  frames.shift()?.()
  expect([world.models.length, world.models.at(-1)]).toEqual([3, world.client.model])
  world.bus(raised(61))
  expect([world.models.length, world.models.at(-1)]).toEqual([4, world.client.model])
})

test('a gap asks over the own port, and again while nothing comes', () => {
  world.client.start()
  world.port({ t: 'view', view: view(0) })
  world.bus(message(2, { t: 'event', channel: CHAT, epoch: EPOCH, event: posted(1, 'a') }))
  const asks = () => world.sent.filter((one) => one.t === 'view').length
  expect(asks()).toBe(1)
  world.pass(VIEW_PATIENCE_MS)
  expect(asks()).toBe(2)
})

test('a command is posted under its id and resolves by the reply to it', async () => {
  world.client.start()
  const sent = world.client.command('chat.post', { line: 'line-3', text: 'hello' })
  expect(world.sent.at(-1)).toEqual({
    t: 'command',
    ref: sent.id,
    id: sent.id,
    type: 'chat.post',
    data: { line: 'line-3', text: 'hello' },
  })
  world.port({ t: 'reply', ref: sent.id, ok: true })
  expect(await sent.saved).toEqual({ ok: true })
})

test('[R28] a command says who is signed in as this window shows it, to a relay that takes it', async () => {
  const frames: (() => void)[] = []
  world = makeWorld({ later: (tell) => void frames.push(tell) })
  world.client.start()
  const session = (operator: string, n: number) =>
    ({ id: id(n), operator, role: 'operator', areas: ['line-3'], confirmed: true }) as unknown as SessionView
  const give = (): unknown => {
    world.client.command('chat.post', { line: 'line-3', text: 'hello' })
    return world.sent.at(-1)
  }
  world.port({ t: 'view', view: view(10, { session: session('kim', 900) }) })
  // A relay of before refuses what it does not know.
  expect(give()).not.toHaveProperty('as')
  world.port({ t: 'view', view: view(10, { session: session('kim', 900) }), takes: ['as', 'more'] })
  expect(give()).toMatchObject({ as: { session: id(900), operator: 'kim' } })
  // Lee has come, and nobody who looks at this window has seen it yet.
  world.bus(message(11, { t: 'session', session: session('lee', 901), areas: [] }))
  expect(give()).toMatchObject({ as: { operator: 'kim' } })
  for (let n = 0; n < 5; n += 1) {
    world.pass(100)
    for (const frame of frames.splice(0)) frame()
  }
  expect(give()).toMatchObject({ as: { session: id(901), operator: 'lee' } })
  world.client.reopen()
  expect(give()).not.toHaveProperty('as')
})

test('a refusal is an answer, not an exception', async () => {
  world.client.start()
  const reply = world.client.signIn('kim', '9999')
  const [, asked] = world.sent
  if (asked?.t !== 'sign-in') throw new Error('no sign-in was posted')
  world.port({ t: 'reply', ref: asked.ref, ok: false, code: 'bad-pin', message: 'The name or the PIN is wrong.' })
  expect(await reply).toMatchObject({ ok: false, code: 'bad-pin' })
})

test('a relay that says nothing is an answer too, after the patience for it', async () => {
  world.client.start()
  const reply = world.client.signOut()
  world.pass(REPLY_PATIENCE_MS)
  expect(await reply).toEqual({ ok: false, code: 'no-answer', message: null })
})

test('requests that wait are bounded: the oldest is told first (P8)', async () => {
  world.client.start()
  const oldest = world.client.signOut()
  for (let n = 0; n < MAX_WAITING_REPLIES; n++) void world.client.signOut()
  expect(await oldest).toMatchObject({ code: 'no-answer' })
})

test('[P5] a page that was away, or is put away, calls nothing current', () => {
  world.client.start()
  world.port({ t: 'view', view: view(1) })
  expect(world.models.at(-1)?.status.state).toBe('live')
  world.client.doubt()
  expect(world.models.at(-1)?.status.state).toBe('connecting')
  expect(world.sent.at(-1)).toEqual({ t: 'view' })
  world.port({ t: 'view', view: view(2) })
  expect(world.models.at(-1)?.status.state).toBe('live')
  world.client.close()
  expect(world.models.at(-1)?.status.state).toBe('connecting')
  expect(world.isClosed()).toBe(true)
})

test('close says so, lets go of port and bus, and answers who waits', async () => {
  world.client.start()
  const reply = world.client.signOut()
  world.client.close()
  expect(world.sent.at(-1)).toEqual({ t: 'close' })
  expect(world.isClosed()).toBe(true)
  expect(world.isListening()).toBe(false)
  expect(await reply).toMatchObject({ ok: false })
})

test('evidence, dismissal and retry go up as they are', () => {
  world.client.start()
  world.client.displayed(id(1))
  world.client.dismiss(id(2))
  world.client.retry()
  expect(world.sent.slice(1)).toEqual([{ t: 'displayed', alert: id(1) }, { t: 'dismiss', id: id(2) }, { t: 'retry' }])
})

test('[C7] what was stored before anybody looked at texts turns no words around on a page', () => {
  world.client.start()
  const told = logChannel(CHAT, [posted(1, 'a\u202eb\n\u001bc')])
  world.port({ t: 'view', view: view(0, { channels: [told] }) })
  world.bus(
    message(1, { t: 'event', channel: CHAT, epoch: EPOCH, event: posted(2, '\u2066d', { by: 'device:\u202ee' }) }),
  )
  const events = world.models.at(-1)?.channels.get(CHAT)?.events ?? []
  expect(events.map(({ by, data }) => [by, (data as { text: string }).text])).toEqual([
    [expect.any(String), 'a\ufffdb\n\ufffdc'],
    ['device:\ufffde', '\ufffdd'],
  ])
})

test('[P7] the time of the server goes on by the monotonic clock, from what the relay said last', () => {
  const at = '2026-11-20T06:00:00.000Z'
  world.client.start()
  expect(world.client.serverTime()).toBeNull()
  world.port({ t: 'view', view: view(0) })
  expect(world.client.serverTime()).toBeNull()
  world.port({ t: 'view', view: view(0), serverTime: { at, ageMs: 100 } })
  world.pass(700)
  expect(world.client.serverTime()).toEqual({ at, ageMs: 800 })
  world.port({ t: 'top', bus: view(0).bus, serverTime: { at, ageMs: 750 } })
  expect(world.client.serverTime()).toEqual({ at, ageMs: 750 })
  // A relay of an older build has no word for it.
  world.port({ t: 'top', bus: view(0).bus })
  world.pass(1_000)
  expect(world.client.serverTime()).toEqual({ at, ageMs: 1_750 })
})
