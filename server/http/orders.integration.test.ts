import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OrderRecord } from '../../relay/protocol/records.ts'
import { DEMO_ORDERS } from './demo-orders.ts'
import { sha256 } from './hashes.ts'
import { openFloor, problemIn, type Floor } from '../testing/http-floor.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
  await floor.store.putApiKey({
    id: 'k1',
    name: 'MES line 1',
    hash: sha256('line-1-key'),
    role: 'operator',
    areas: ['line-1'],
  })
})
afterAll(() => floor.close())

const LINE_1 = { authorization: 'Bearer line-1-key' }
const ORDER = { area: 'line-3', number: 'WO-9000', title: 'Deep-draw oil pan', quantity: 100 }
const EXISTING = `/api/orders/${DEMO_ORDERS[8]?.id}`

async function create(order: object) {
  const response = await floor.call('POST', '/api/orders', order)
  expect(response.statusCode).toBe(201)
  return response.json<OrderRecord>()
}

describe('work orders', () => {
  it('are listed by number, of the areas of the key', async () => {
    const all = (await floor.call('GET', '/api/orders')).json<{ orders: OrderRecord[] }>().orders
    expect(all.map((order) => order.number)).toEqual(DEMO_ORDERS.map(({ data }) => data.number))
    const mine = (await floor.call('GET', '/api/orders', undefined, LINE_1)).json<{ orders: OrderRecord[] }>().orders
    expect(new Set(mine.map((order) => order.area))).toEqual(new Set(['line-1']))
    expect((await floor.call('GET', '/api/orders?area=line-2')).json()).toMatchObject({ orders: { length: 4 } })
    expect(problemIn(await floor.call('GET', '/api/orders?area=line-2', undefined, LINE_1))).toMatchObject({
      code: 'forbidden',
    })
    expect(problemIn(await floor.call('GET', '/api/orders?status=open'))).toMatchObject({ code: 'bad-request' })
  })

  it('are created and read back', async () => {
    const order = await create(ORDER)
    expect(order).toMatchObject({
      number: 'WO-9000',
      version: 1,
      fields: { status: 'open', quantity: 100, assignee: null, note: '' },
    })
    expect((await floor.call('GET', `/api/orders/${order.id}`)).json()).toEqual(order)
  })

  it('have a time when they are due, in UTC whatever its offset', async () => {
    const order = await create({ ...ORDER, number: 'WO-9003', due: '2026-11-20T18:00:00+09:00' })
    expect(order.fields.due).toBe('2026-11-20T09:00:00.000Z')
    const edited = await floor.call('PATCH', `/api/orders/${order.id}`, { fields: { due: null }, baseVersion: 1 })
    expect(edited.json<OrderRecord>().fields.due).toBeNull()
  })

  it('say how many pieces are made, of how many', async () => {
    const order = await create({ ...ORDER, number: 'WO-9004' })
    expect(order.fields).toMatchObject({ quantity: 100, produced: 0 })
    const patch = (produced: unknown, baseVersion = 1) =>
      floor.call('PATCH', `/api/orders/${order.id}`, { fields: { produced }, baseVersion })
    expect((await patch(40)).json<OrderRecord>().fields).toMatchObject({ quantity: 100, produced: 40 })
    // More than planned is no mistake.
    expect((await patch(101, 2)).json<OrderRecord>().fields.produced).toBe(101)
    for (const bad of [-1, 0.5, 10_000_001, '40', null]) {
      const problem = problemIn(await patch(bad, 3))
      expect(problem).toMatchObject({ status: 400, code: 'bad-request' })
      expect(problem.detail).toContain('"fields.produced"')
    }
  })

  it.each<[string, unknown, string]>([
    ['due some day', { ...ORDER, due: 'tomorrow' }, 'due'],
    ['without number', { area: 'line-3', title: 'x' }, 'number'],
    ['of half a piece', { ...ORDER, quantity: 0.5 }, 'quantity'],
    ['for nobody’s name', { ...ORDER, assignee: 'Kim!' }, 'assignee'],
  ])('an order %s is a bad request that names the field', async (_name, order, field) => {
    const problem = problemIn(await floor.call('POST', '/api/orders', order))
    expect(problem).toMatchObject({ status: 400, code: 'bad-request' })
    expect(problem.detail).toContain(`"${field}"`)
  })

  it('that are not there, or not the key’s', async () => {
    expect(problemIn(await floor.call('GET', '/api/orders/nonsense'))).toMatchObject({
      status: 404,
      code: 'order-not-found',
    })
    expect(
      problemIn(await floor.call('PATCH', '/api/orders/nonsense', { fields: { quantity: 1 }, baseVersion: 1 })),
    ).toMatchObject({ code: 'order-not-found' })
    expect(problemIn(await floor.call('GET', EXISTING, undefined, LINE_1))).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
    expect(
      problemIn(await floor.call('PATCH', EXISTING, { fields: { quantity: 1 }, baseVersion: 1 }, LINE_1)),
    ).toMatchObject({ code: 'forbidden' })
  })
})

describe('editing', () => {
  it('answers the order as the edit left it', async () => {
    const { id } = await create({ ...ORDER, number: 'WO-9001' })
    const edited = await floor.call('PATCH', `/api/orders/${id}`, { fields: { status: 'running' }, baseVersion: 1 })
    expect(edited.statusCode).toBe(200)
    expect(edited.json()).toMatchObject({ id, version: 2, fields: { status: 'running', quantity: 100 } })
    const same = await floor.call('PATCH', `/api/orders/${id}`, { fields: { status: 'running' }, baseVersion: 2 })
    expect(same.json()).toEqual(edited.json())
  })

  it('the same field as somebody else is a conflict that shows both values', async () => {
    const { id } = await create({ ...ORDER, area: 'line-1', number: 'WO-9002' })
    await floor.call('PATCH', `/api/orders/${id}`, { fields: { quantity: 7 }, baseVersion: 1 })
    const late = await floor.call('PATCH', `/api/orders/${id}`, { fields: { quantity: 8 }, baseVersion: 1 }, LINE_1)
    expect(problemIn(late)).toMatchObject({
      status: 409,
      code: 'order-conflict',
      data: { current: { id, version: 2 }, fields: { quantity: { yours: 8, theirs: 7, by: 'demo-key' } } },
    })
  })

  it.each<[string, unknown, string]>([
    ['of nothing', { fields: {}, baseVersion: 1 }, 'fields'],
    ['of a field nobody knows', { fields: { colour: 'red' }, baseVersion: 1 }, 'colour'],
    ['without base version', { fields: { quantity: 1 } }, 'baseVersion'],
    ['of another order than the address names', { id: 'x', fields: { quantity: 1 }, baseVersion: 1 }, 'id'],
  ])('an edit %s is a bad request that names the field', async (_name, edit, field) => {
    const problem = problemIn(await floor.call('PATCH', EXISTING, edit))
    expect(problem).toMatchObject({ status: 400, code: 'bad-request' })
    expect(problem.detail).toContain(field)
  })
})
