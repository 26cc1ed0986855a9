import { describe, expect, it } from 'vitest'
import { CallQueue, LOOK_EVERY, MAX_GROUP, MAX_URGENT_GROUP } from './call-queue.ts'
import type { Call, Method } from './database.ts'

let ref = 0
const call = (method: Method, ...args: readonly unknown[]): Call => ({ ref: ++ref, method, args })
const submit = (device = 'd', lane: 'urgent' | 'normal' = 'normal'): Call =>
  call('submit', { type: 'any', source: { kind: 'outbox', device, lane } })
const raise = (device = 'd'): Call => submit(device, 'urgent')
const byKey = (type: string): Call => call('submit', { type, source: { kind: 'api', keyId: 'key-1' } })
const page = (channel = 'chat/line-3'): Call => call('events', channel)
const many = (count: number, make: () => Call): readonly Call[] => Array.from({ length: count }, make)

/** All groups until nothing waits. */
function groups(queue: CallQueue): (readonly Call[])[] {
  const all = []
  while (!queue.isEmpty) all.push([...queue.next()])
  return all
}

describe('what waits for the store', () => {
  it.each([
    ['of a device', raise()],
    ['of a program', byKey('alert.raise')],
  ])('[P3 T15] an alert %s is the next group, alone, whatever stands before it', (_whose, alert) => {
    const queue = new CallQueue()
    queue.add([...many(5_000, () => submit()), ...many(5_000, () => page()), alert])
    expect([...queue.next()]).toEqual([alert])
  })

  it.each([
    ['commands', () => submit(), LOOK_EVERY],
    ['pages', () => page(), 1],
  ])('[P3 T15] a group of %s ends where an alert arrives, and loses nothing', (_what, make, done) => {
    const queue = new CallQueue()
    const [waiting, alert] = [many(100, make), raise('e')]
    queue.add(waiting)
    const first = [...queue.next(() => queue.add([alert]))]
    expect(first).toEqual(waiting.slice(0, done))
    expect([...queue.next()]).toContain(alert)
    expect(
      groups(queue)
        .flat()
        .filter(({ method, args }) => method === waiting[0]?.method && args[0] !== alert.args[0]),
    ).toEqual(waiting.slice(done))
  })

  it('[P3 T15] a group is as long as its rows: behind a batch of receipts it is looked, and few batches are one commit', () => {
    const queue = new CallQueue()
    const batch = (device: string): Call =>
      call(
        'recordReceipts',
        Array.from({ length: 200 }, () => ({ device })),
      )
    const [batches, alert] = [many(10, () => batch(`stranger ${ref}`)), raise()]
    queue.add(batches)
    expect([...queue.next(() => queue.add([alert]))]).toEqual(batches.slice(0, 1))
    expect([...queue.next()]).toEqual([alert])
    expect([...queue.next()]).toEqual(batches.slice(1, 4))
  })

  it.each(['apiKeyByHash', 'session', 'operator', 'device'] as const)(
    '[P3 T15] who sends an alert is looked up ahead of all that is not urgent: %s',
    (method) => {
      const queue = new CallQueue()
      const lookUp = call(method, 'somebody')
      const waiting = ['a', 'b', 'c'].flatMap((stranger) => many(100, () => submit(stranger)))
      queue.add([...waiting, ...many(100, () => page()), lookUp])
      expect([...queue.next()]).toEqual([lookUp])
      const late = call(method, 'somebody')
      expect([...queue.next(() => queue.add([late]))]).toHaveLength(LOOK_EVERY)
      expect([...queue.next()]).toEqual([late])
    },
  )

  it('[P8 T15] a flood of look-ups holds up no alert, nor the look-up of one for longer than its turn', () => {
    const queue = new CallQueue()
    const alerts = [raise('a'), raise('b')]
    queue.add([...Array.from({ length: 5_000 }, () => call('session', 'made up')), ...alerts])
    const lookUp = call('apiKeyByHash', 'key')
    queue.add([lookUp])
    const group = [...queue.next()]
    expect(group).toHaveLength(MAX_URGENT_GROUP)
    expect(alerts.map((alert) => group.indexOf(alert))).toEqual([1, 3])
    expect(group.indexOf(lookUp)).toBe(2)
  })

  it('[P8 T15] an alert stands behind one of each other device, and not behind a hundred of one', () => {
    const queue = new CallQueue()
    queue.add(['a', 'b', 'c', 'd'].flatMap((stranger) => many(100, () => raise(stranger))))
    const alert = raise('kiosk')
    queue.add([alert])
    expect([...queue.next()].indexOf(alert)).toBe(4)
  })

  it('[W4 T15] what confirms the urgent lane goes with it, behind what its device sent before', () => {
    const queue = new CallQueue()
    const [alerts, confirm] = [many(100, () => raise()), call('confirm', { device: 'd', lane: 'urgent' })]
    queue.add([...many(5_000, () => submit('e')), ...alerts, confirm])
    expect([...queue.next(), ...queue.next()]).toEqual([...alerts, confirm])
  })

  it('[P3 T15] urgent groups are small, and however many come, the others have a turn now and then', () => {
    const queue = new CallQueue()
    queue.add([...many(3_000, () => raise()), submit()])
    const sizes = groups(queue).map((group) => group.length)
    expect(Math.max(...sizes)).toBe(MAX_URGENT_GROUP)
    expect(sizes.indexOf(1)).toBe(8)
  })

  it('[P3 T15] pages are read a few at a time, and of the urgent channel first', () => {
    const queue = new CallQueue()
    const [slow, urgent] = [many(10, () => page()), page('alerts/urgent')]
    queue.add([...slow, urgent])
    expect(groups(queue)).toEqual([[urgent, ...slow.slice(0, 3)], slow.slice(3, 7), slow.slice(7)])
  })

  it('[T15] commands and pages take turns, so that neither starves the other', () => {
    const queue = new CallQueue()
    queue.add(many(1_200, () => submit()))
    queue.add(many(6, () => page()))
    const methods = groups(queue).map((group) => `${group.length} ${group[0]?.method}`)
    expect(methods).toEqual([`${MAX_GROUP} submit`, '4 events', `${MAX_GROUP} submit`, '2 events', '176 submit'])
  })

  it('everything else keeps the order of the calls of its source, and nobody stands behind all the others', () => {
    const queue = new CallQueue()
    const [chat, order] = [submit(), submit()]
    const confirm = call('confirm', { device: 'd' })
    const [resume, other] = [call('resume', 'alerts/urgent'), submit('e')]
    queue.add([chat, confirm, order, resume, other])
    expect(groups(queue)).toEqual([[chat, resume, other, confirm, order]])
  })
})
