import { describe, expect, test } from 'vitest'
import { channelName, URGENT_CHANNEL } from '../protocol/channels.ts'
import type { ChannelView } from '../protocol/local.ts'
import type { AlertRecord, OrderFields } from '../protocol/records.ts'
import { alertBoard } from './alerts.ts'
import { alertsByArea, countsOf, isWrong, lineState, worstFirst, type LineState, type Standing } from './line-state.ts'
import { alert, command, id, order, stateChannel } from './testing/samples.ts'

const AREA = 'line-3'
const at = (minute: number): string => `2026-11-20T05:${String(minute).padStart(2, '0')}:00.000Z`
const raisedAt = (minute: number) => ({ by: 'demo-key', on: null, at: at(minute) })
const deed = { by: 'lee', on: null, at: at(50) }

interface Given {
  readonly alerts?: readonly AlertRecord[]
  /** Null: nothing is known of them. */
  readonly orders?: readonly Partial<OrderFields>[] | null
  readonly pending?: Parameters<typeof lineState>[0]['pending']
  readonly isLive?: boolean
  readonly urgentView?: Partial<ChannelView>
  readonly alertsView?: Partial<ChannelView>
  readonly ordersView?: Partial<ChannelView>
}

function stateOf(given: Given = {}): LineState {
  const { alerts = [], orders = null, pending = [], isLive = true, urgentView, alertsView, ordersView } = given
  const urgent = { ...stateChannel(URGENT_CHANNEL, 1, alerts), ...urgentView }
  const { rows } = alertBoard({ urgent, areas: [], pending })
  return lineState({
    area: AREA,
    rows: alertsByArea(rows).get(AREA) ?? [],
    urgent,
    alerts: { ...stateChannel(channelName('alerts', AREA), 1), ...alertsView },
    orders:
      orders === null
        ? null
        : {
            ...stateChannel(
              channelName('orders', AREA),
              1,
              orders.map((fields, index) => order(index + 1, fields)),
            ),
            ...ordersView,
          },
    pending,
    isLive,
  })
}

test('what is blocked is apart from what runs, or could be next', () => {
  const all = stateOf({
    orders: [{ status: 'blocked' }, { status: 'open' }, { status: 'running' }, { status: 'blocked' }],
  })
  expect([all.going?.number, all.blocked.map(({ number }) => number)]).toEqual(['WO-3', ['WO-1', 'WO-4']])
  const stopped = stateOf({ orders: [{ status: 'blocked' }, { status: 'open' }, { status: 'done' }] })
  expect([stopped.order?.number, stopped.going?.number]).toEqual(['WO-1', 'WO-2'])
  expect(stateOf({ orders: [{ status: 'blocked' }] })).toMatchObject({ going: null, blocked: [{ number: 'WO-1' }] })
  expect(stateOf({ orders: null })).toMatchObject({ going: null, blocked: [] })
})

test.each<[string, Given, Standing]>([
  ['nothing is known of its orders', {}, { kind: 'quiet' }],
  ['it has no order', { orders: [] }, { kind: 'quiet' }],
  ['all are done', { orders: [{ status: 'done' }] }, { kind: 'quiet' }],
  ['one waits', { orders: [{ status: 'open' }] }, { kind: 'waits' }],
  ['one is blocked and none runs', { orders: [{ status: 'open' }, { status: 'blocked' }] }, { kind: 'stopped' }],
  ['one runs', { orders: [{ status: 'blocked' }, { status: 'running' }] }, { kind: 'runs' }],
  ['a P3 is active', { orders: [{ status: 'running' }], alerts: [alert(1, { priority: 'P3' })] }, { kind: 'runs' }],
  ['a P3 is active and no order is known', { alerts: [alert(1, { priority: 'P3' })] }, { kind: 'noticed' }],
  ['an alert only waits to be confirmed', { alerts: [alert(1, { priority: 'P1', cleared: deed })] }, { kind: 'quiet' }],
  ['a P2 has nobody', { alerts: [alert(1)] }, { kind: 'alert', priority: 'P2', isTaken: false }],
  [
    'somebody has the P1, and nobody the P2',
    { alerts: [alert(1), alert(2, { priority: 'P1', acknowledged: deed })] },
    { kind: 'alert', priority: 'P1', isTaken: true },
  ],
  [
    'one of two P1 has nobody',
    { alerts: [alert(1, { priority: 'P1', acknowledged: deed }), alert(2, { priority: 'P1' })] },
    { kind: 'alert', priority: 'P1', isTaken: false },
  ],
])('how a line stands of which %s', (_when, given, standing) => {
  expect(stateOf(given)).toMatchObject({ standing, known: standing })
})

test('who has the worst has not all of them: the others still need somebody', () => {
  const taken = alert(2, { priority: 'P0', acknowledged: deed })
  const others = [alert(1), alert(3, { priority: 'P3' }), alert(4, { cleared: deed })]
  expect(stateOf({ alerts: [taken, ...others] })).toMatchObject({
    known: { priority: 'P0', isTaken: true },
    needing: 1,
  })
  expect(stateOf({ alerts: [taken, alert(3, { priority: 'P3' })] }).needing).toBe(0)
})

test('alerts of other lines say nothing of this one', () => {
  expect(stateOf({ alerts: [alert(1, { area: 'line-1', priority: 'P0' })] })).toMatchObject({ alerts: [] })
})

test('what was raised or taken here shows at once, before the server knows', () => {
  const raise = command(60, 'alert.raise', { priority: 'P1', area: AREA, title: 'Oil', body: null })
  expect(stateOf({ pending: [raise] }).standing).toEqual({ kind: 'alert', priority: 'P1', isTaken: false })
  const ack = command(61, 'alert.ack', { id: id(1) })
  expect(stateOf({ alerts: [alert(1)], pending: [ack] }).standing).toMatchObject({ isTaken: true })
})

test('the alert that is named is active, the worst, has nobody, and has lasted longest', () => {
  const alerts = [
    alert(1, { priority: 'P0', cleared: deed, raised: raisedAt(1) }),
    alert(2, { priority: 'P1', acknowledged: deed, raised: raisedAt(2) }),
    alert(3, { priority: 'P1', raised: raisedAt(5) }),
    alert(4, { priority: 'P1', raised: raisedAt(4) }),
    alert(5, { priority: 'P2', raised: raisedAt(3) }),
  ]
  const state = stateOf({ alerts })
  expect(state.alerts.map((row) => row.id)).toEqual([4, 3, 2, 5, 1].map(id))
  expect(state.active.map((row) => row.id)).toEqual([4, 3, 2, 5].map(id))
})

test('alerts are counted by priority, the worst first, without those that only wait to be confirmed', () => {
  const alerts = [alert(1), alert(2, { priority: 'P3' }), alert(3), alert(4, { priority: 'P0', cleared: deed })]
  expect(countsOf(stateOf({ alerts }).active)).toEqual([
    ['P2', 2],
    ['P3', 1],
  ])
  expect(countsOf([])).toEqual([])
})

test('of orders it is counted how many run', () => {
  const orders = [{ status: 'running' }, { status: 'open' }, { status: 'running' }] as const
  expect(stateOf({ orders })).toMatchObject({ running: 2, order: { number: 'WO-1' } })
  expect(stateOf()).toMatchObject({ running: 0 })
})

test('the order that is named runs, or is blocked, or is the next; done ones are counted alone', () => {
  const orders = [{ status: 'done' }, { status: 'open' }, { status: 'blocked' }, { status: 'running' }] as const
  expect(stateOf({ orders })).toMatchObject({ order: { number: 'WO-4' }, orders: { done: 1, total: 4 } })
  expect(stateOf({ orders: orders.slice(0, 3) }).order?.number).toBe('WO-3')
  expect(stateOf({ orders: orders.slice(0, 2) }).order?.number).toBe('WO-2')
  expect(stateOf({ orders: orders.slice(0, 1) }).order).toBeNull()
  expect(stateOf()).toMatchObject({ order: null, orders: null })
})

describe('[P5] of a line that is not current', () => {
  test('it is said since when, by the older of its channels, and how it stood', () => {
    const state = stateOf({
      alerts: [alert(1)],
      isLive: false,
      urgentView: { confirmedAt: 700, current: false },
      alertsView: { confirmedAt: 500, current: false },
    })
    expect(state.standing).toEqual({ kind: 'unknown', since: 500, why: 'away' })
    expect(state.known).toEqual({ kind: 'alert', priority: 'P2', isTaken: false })
    expect(isWrong(state)).toBe(true)
  })

  test('one stale channel is enough, also with a connection', () => {
    expect(stateOf({ alertsView: { current: false } }).standing).toMatchObject({ kind: 'unknown', why: 'away' })
    expect(stateOf({ urgentView: { current: false } }).standing).toMatchObject({ kind: 'unknown', why: 'away' })
  })

  test.each(['running', 'blocked', 'open'] as const)('an old order that is %s does not say how it stands', (status) => {
    const given = { orders: [{ status }], ordersView: { confirmedAt: 600, current: false } }
    const state = stateOf(given)
    expect(state.standing).toEqual({ kind: 'unknown', since: 600, why: 'behind' })
    expect([state.known, state.orders?.oldSince]).toEqual([stateOf({ orders: [{ status }] }).standing, 600])
    expect(stateOf({ ...given, alerts: [alert(1, { priority: 'P3' })] }).standing).toEqual(state.standing)
    expect(stateOf({ ...given, isLive: false }).standing).toMatchObject({ why: 'away' })
    expect(stateOf({ orders: [{ status }] }).orders?.oldSince).toBeNull()
  })

  test('an alert stands, and so does that there is none, however old its orders are', () => {
    const ordersView = { confirmedAt: 600, current: false }
    const wrong = stateOf({ alerts: [alert(1)], orders: [{ status: 'running' }], ordersView })
    expect(wrong).toMatchObject({ standing: { kind: 'alert' }, orders: { oldSince: 600 } })
    expect(stateOf({ orders: [{ status: 'done' }], ordersView }).standing).toEqual({ kind: 'quiet' })
    const never = { confirmedAt: null, current: false }
    expect(stateOf({ orders: [], ordersView: never })).toMatchObject({ standing: { kind: 'quiet' }, orders: null })
  })

  test('what was never received is on its way, or was never here', () => {
    const never = { confirmedAt: null, current: false }
    expect(stateOf({ alertsView: never }).standing).toEqual({ kind: 'unknown', since: null, why: 'coming' })
    expect(stateOf({ alertsView: never, isLive: false }).standing).toEqual({
      kind: 'unknown',
      since: null,
      why: 'away',
    })
  })

  test('where P2 and P3 are not shown here, P0 and P1 say how it stands, and that they alone do', () => {
    const refused = { confirmedAt: null, current: false, refused: 'sign-in-needed' }
    expect(stateOf({ alertsView: refused })).toMatchObject({ standing: { kind: 'quiet' }, isUrgentOnly: true })
    expect(stateOf({ alertsView: refused, alerts: [alert(1, { priority: 'P1' })] })).toMatchObject({
      standing: { kind: 'alert', priority: 'P1' },
    })
    expect(stateOf({ alertsView: refused, urgentView: refused }).standing).toMatchObject({ why: 'refused' })
  })
})

test('the worst come first, those with nobody before those that somebody has; the others stay in their places', () => {
  const named = (area: string, alerts: readonly AlertRecord[]): LineState => ({ ...stateOf({ alerts }), area })
  const floor = [
    named('quiet-1', []),
    named('p2', [alert(1)]),
    named('taken-p1', [alert(2, { priority: 'P1', acknowledged: deed })]),
    named('quiet-2', [alert(3, { priority: 'P3' })]),
    named('p1', [alert(4, { priority: 'P1' })]),
    named('taken-p0', [alert(5, { priority: 'P0', acknowledged: deed })]),
  ]
  expect(worstFirst(floor).map(({ area }) => area)).toEqual(['taken-p0', 'p1', 'taken-p1', 'p2', 'quiet-1', 'quiet-2'])
  const calm = floor.filter((state) => !isWrong(state))
  expect(worstFirst(calm)).toEqual(calm)
})
