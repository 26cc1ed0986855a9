import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Pins } from '../ports/pins.ts'
import { mixedFloor, seedDemo } from './demo-floor.ts'
import { openFloor, type Floor } from '../testing/http-floor.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
})
afterAll(() => floor.close())

it('the demonstration floor is what the README says', async () => {
  expect(await floor.store.areas()).toEqual(['line-1', 'line-2', 'line-3'])
  expect((await floor.store.operators()).map(({ id, role, areas }) => [id, role, areas])).toEqual([
    ['admin', 'admin', ['*']],
    ['kim', 'operator', ['line-3']],
    ['lee', 'operator', ['line-3']],
    ['park', 'supervisor', ['*']],
  ])
})

it('a second start changes nothing that people changed, and hashes no PIN', async () => {
  const kim = await floor.store.operator('kim')
  if (kim === null) throw new Error('kim is gone')
  await floor.store.putOperator({ ...kim, status: 'inactive' })
  const tops = (await floor.store.tail(null)).tops
  const pins: Pins = { hash: () => Promise.reject(new Error('hashed again')), verify: () => Promise.resolve(false) }
  await seedDemo(floor.store, pins)
  expect(await floor.store.operator('kim')).toMatchObject({ status: 'inactive' })
  expect((await floor.store.tail(null)).tops).toEqual(tops)
})

it('never shares a folder with a real floor, in either direction', async () => {
  expect(await mixedFloor(floor.store, { demo: true, data: 'd' })).toBeNull()
  expect(await mixedFloor(floor.store, { demo: false, data: 'd' })).toContain('start it with --demo')
  const [kim] = await floor.store.operators()
  const real = {
    apiKeyByHash: () => Promise.resolve(null),
    operators: () => Promise.resolve(kim === undefined ? [] : [kim]),
  } as unknown as Floor['store']
  expect(await mixedFloor(real, { demo: false, data: 'd' })).toBeNull()
  expect(await mixedFloor(real, { demo: true, data: 'd' })).toContain('start it without --demo')
})
