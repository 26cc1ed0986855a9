import { describe, expect, test } from 'vitest'
import { URGENT_CHANNEL, type ChannelName } from '../protocol/channels.ts'
import { LIMITS } from '../protocol/limits.ts'
import { LOCAL_LIMITS, type BusBody } from '../protocol/local.ts'
import { applyBody, newMemory, type Memory } from './apply-body.ts'
import { allOf } from './recent.ts'
import {
  applied,
  CHAT,
  command,
  EPOCH,
  event,
  id,
  order,
  ORDERS,
  posted,
  rejected,
  setting,
  stateChannel,
  view,
} from './testing/samples.ts'
import { laidCommands, modelOfView, queueProgress, waitingCount, type WindowModel } from './window-model.ts'

const START = modelOfView(view(0), null)
const EDIT = command(20, 'order.edit', { id: id(1), fields: { quantity: 7 }, baseVersion: 1 })

function after(bodies: readonly BusBody[], from: WindowModel = START, met: Memory = newMemory()): WindowModel {
  return bodies.reduce((model, body) => applyBody(model, body, met).model, from)
}
const pending: BusBody = { t: 'pending', command: EDIT }
const settled: BusBody = { t: 'settled', settled: applied(EDIT, { [ORDERS]: 4 }) }
const eventOf = (cause: boolean): BusBody => {
  const edited = event(4, setting(order(1, { quantity: 7 }, 2)), cause ? { cause: EDIT.id } : {})
  return { t: 'event', channel: ORDERS, epoch: EPOCH, event: edited }
}
const ids = (model: WindowModel) => laidCommands(model).map((one) => one.id)

describe('a long queue [P8]', () => {
  const post = (n: number) => command(1_000 + n, 'chat.post', { line: 'line-3', text: String(n) })
  const full = LOCAL_LIMITS.shownPending
  const posts = Array.from({ length: full + 20 }, (_, n): BusBody => ({ t: 'pending', command: post(n) }))

  test('is held as far as its newest commands, each lane by itself', () => {
    const raised = command(5, 'alert.raise', { priority: 'P0', area: 'line-3', title: 'Fire' })
    const { pending: held } = after([{ t: 'pending', command: raised }, ...posts])
    expect(held).toHaveLength(full + 1)
    expect([held[0]?.id, held[1]?.id, held.at(-1)?.id]).toEqual([raised.id, post(20).id, post(full + 19).id])
  })

  test('is known whole in numbers, and never as fewer than are held', () => {
    const outbox = { urgent: 12, normal: 3_400, ended: 588, sending: true }
    const model = after([{ t: 'outbox', outbox }])
    expect([waitingCount(model), queueProgress(model)]).toEqual([3_412, { ended: 588, of: 4_000 }])
    expect(waitingCount(after([pending]))).toBe(1)
    expect(queueProgress(after([pending]))).toBeNull()
  })

  test('that was reviewed is asked for as a view', () => {
    expect(applyBody(START, { t: 'reviewed' }, newMemory())).toEqual({ model: START, needsView: true })
  })

  test('leaves the newest refusals to choose from', () => {
    const refusals = Array.from({ length: LOCAL_LIMITS.shownRejected + 1 }, (_, n): BusBody => {
      return { t: 'settled', settled: rejected(post(n), 'forbidden') }
    })
    const held = after(refusals).rejected
    expect([held.length, held[0]?.command.id]).toEqual([LOCAL_LIMITS.shownRejected, post(1).id])
  })
})

describe('the overlay', () => {
  test('a pending command is laid over, and a later word about it replaces the earlier one', () => {
    const later: BusBody = { t: 'pending', command: { ...EDIT, notice: 'The server is busy.' } }
    expect(after([pending, later]).pending).toEqual([{ ...EDIT, notice: 'The server is busy.' }])
  })

  test('an applied command stays laid over until its event is here, so that nothing flickers', () => {
    const waiting = after([pending, settled])
    expect(waiting.pending).toEqual([])
    expect(ids(waiting)).toEqual([EDIT.id])
    expect(ids(after([eventOf(true)], waiting))).toEqual([])
  })

  test('the offset covers it too, when the event does not name its cause', () => {
    expect(ids(after([pending, settled, eventOf(false)]))).toEqual([])
  })

  test('an event that comes before the result ends the overlay, and the result changes nothing', () => {
    const met = newMemory()
    const done = after([pending, eventOf(true)], START, met)
    expect(ids(done)).toEqual([])
    expect(ids(after([settled, pending], done, met))).toEqual([])
  })

  test('effects in channels this window does not show are not waited for', () => {
    expect(ids(after([pending, { t: 'settled', settled: applied(EDIT, { 'orders/line-1': 9 }) }]))).toEqual([])
  })

  test('a rejected command leaves the overlay and stays listed until it is dismissed', () => {
    const refused = after([pending, { t: 'settled', settled: rejected(EDIT, 'forbidden') }])
    expect(ids(refused)).toEqual([])
    expect(refused.rejected).toHaveLength(1)
    expect(after([{ t: 'dismissed', id: EDIT.id }], refused).rejected).toEqual([])
  })

  test('a view that covers the offsets ends what was settling; an older one does not', () => {
    const waiting = after([pending, settled])
    expect(ids(modelOfView(view(9), waiting))).toEqual([EDIT.id])
    const [urgent, orders, chat] = view(9).channels
    if (urgent === undefined || orders === undefined || chat === undefined) throw new Error('sample without channels')
    expect(ids(modelOfView(view(9, { channels: [urgent, { ...orders, offset: 4 }, chat] }), waiting))).toEqual([])
  })
})

test('the memory of ids and causes is bounded (P8)', () => {
  const met = newMemory()
  const bodies = Array.from({ length: 3 * LIMITS.rememberedIds }, (_, n): BusBody => {
    return { t: 'event', channel: CHAT, epoch: EPOCH, event: posted(n + 1, 'x', { cause: id(n + 1) }) }
  })
  after(bodies, START, met)
  for (const recent of [met.ids, met.causes]) {
    const { length } = allOf(recent)
    expect(length).toBeGreaterThanOrEqual(LIMITS.rememberedIds)
    expect(length).toBeLessThanOrEqual(2 * LIMITS.rememberedIds)
  }
})

test('an event that ends none of this window’s commands leaves their arrays as they are', () => {
  const waiting = after([pending])
  const other: BusBody = { t: 'event', channel: CHAT, epoch: EPOCH, event: posted(1, 'x', { cause: id(77) }) }
  expect(after([other], waiting).pending).toBe(waiting.pending)
})

test('freshness changes the channels it names and no others', () => {
  const model = after([{ t: 'freshness', channels: { [CHAT]: { confirmedAt: 5, current: false } } }])
  expect(model.channels.get(CHAT)).toMatchObject({ confirmedAt: 5, current: false })
  expect(model.channels.get(ORDERS)).toBe(START.channels.get(ORDERS))
})

describe('the session', () => {
  test('when the person leaves, what only the person could read goes at once, and a view is asked (P9)', () => {
    const { model, needsView } = applyBody(START, { t: 'session', session: null, areas: START.areas }, newMemory())
    expect([...model.channels.keys()]).toEqual([URGENT_CHANNEL])
    expect(needsView).toBe(true)
  })

  test('[S8] what the device reads by itself stays, whatever its domain', () => {
    const ofDevice = ['alerts/line-3', 'equipment/line-3'] as const
    const channels = [...ofDevice, 'orders/line-3', 'prefs/kim'].map((name) => stateChannel(name as ChannelName, 1))
    const { model } = applyBody(
      modelOfView(view(0, { channels }), null),
      { t: 'session', session: null, areas: START.areas },
      newMemory(),
    )
    expect([...model.channels.keys()]).toEqual(ofDevice)
  })

  test('a confirmation of the same session changes nothing else', () => {
    const session = START.session === null ? null : { ...START.session, confirmed: false }
    const { model, needsView } = applyBody(START, { t: 'session', session, areas: START.areas }, newMemory())
    expect(model.channels).toBe(START.channels)
    expect(needsView).toBe(false)
  })
})

test('an event of another epoch is not applied and asks for a view', () => {
  const other = 'bbbbbbbbbbbbbbbb' as typeof EPOCH
  const body: BusBody = { t: 'event', channel: CHAT, epoch: other, event: posted(1, 'x') }
  expect(applyBody(START, body, newMemory())).toEqual({ model: START, needsView: true })
})
