import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from './hashes.ts'
import { openFloor, problemIn, type Floor } from '../testing/http-floor.ts'

let floor: Floor
beforeAll(async () => {
  floor = await openFloor()
  await floor.store.putApiKey({
    id: 'k1',
    name: 'line-1 PLC',
    hash: sha256('line-1-key'),
    role: 'operator',
    areas: ['line-1'],
  })
})
afterAll(() => floor.close())

const ALERT = { priority: 'P0', area: 'line-3', title: 'Press 2 is on fire', body: 'Leave by door B' }
const LINE_1 = { authorization: 'Bearer line-1-key' }

async function raise(alert: object = ALERT, headers: Record<string, string> = {}) {
  return (await floor.call('POST', '/api/alerts', alert, headers)).json<{ id: string }>()
}

describe('Idempotency-Key', () => {
  it('[X2] the same key and body get the first answer again, whatever happened since', async () => {
    const key = { 'idempotency-key': 'raise-1' }
    const first = await floor.call('POST', '/api/alerts', ALERT, key)
    const { id } = first.json<{ id: string }>()
    await floor.call('POST', `/api/alerts/${id}/ack`)
    const turned = Object.fromEntries(Object.entries(ALERT).toReversed())
    const again = await floor.call('POST', '/api/alerts', turned, key)
    expect(again.statusCode).toBe(201)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(again.json()).toEqual(first.json())
  })

  it('[X2] a repeat says whether the record is still as its answer shows it', async () => {
    const key = { 'idempotency-key': 'raise-state' }
    const again = async () => {
      const { headers, statusCode } = await floor.call('POST', '/api/alerts', ALERT, key)
      return [statusCode, headers['idempotent-replayed'], headers['andon-record-state']]
    }
    const { id } = await raise(ALERT, key)
    expect(await again()).toEqual([201, 'true', 'current'])
    await floor.call('POST', `/api/alerts/${id}/ack`)
    expect(await again()).toEqual([201, 'true', 'changed'])
    await floor.call('POST', `/api/alerts/${id}/resolve`)
    expect(await again()).toEqual([201, 'true', 'gone'])
    const fresh = await floor.call('POST', '/api/alerts', ALERT, { 'idempotency-key': 'raise-fresh' })
    expect(fresh.headers['andon-record-state']).toBeUndefined()
    const ended = await floor.call('POST', '/api/operators/kim/sign-out', undefined, { 'idempotency-key': 'out' })
    expect([ended.statusCode, ended.headers['andon-record-state']]).toEqual([200, undefined])
  })

  it('the step that ended an alert is answered the same again, too', async () => {
    const { id } = await raise()
    await floor.call('POST', `/api/alerts/${id}/ack`)
    const key = { 'idempotency-key': 'resolve-1' }
    const first = await floor.call('POST', `/api/alerts/${id}/resolve`, undefined, key)
    const again = await floor.call('POST', `/api/alerts/${id}/resolve`, undefined, key)
    expect(again.headers['idempotent-replayed']).toBe('true')
    expect(again.json()).toEqual(first.json())
  })

  it('a refusal is remembered like an answer', async () => {
    const key = { 'idempotency-key': 'refused-1' }
    const first = await floor.call('POST', '/api/alerts', { ...ALERT, area: 'line-9' }, key)
    const again = await floor.call('POST', '/api/alerts', { ...ALERT, area: 'line-9' }, key)
    expect(problemIn(again)).toEqual(problemIn(first))
    expect(again.headers['idempotent-replayed']).toBe('true')
  })

  it('another body or another address under the same key is a conflict', async () => {
    const key = { 'idempotency-key': 'raise-2' }
    const { id } = await raise(ALERT, key)
    for (const response of [
      await floor.call('POST', '/api/alerts', { ...ALERT, title: 'Another' }, key),
      await floor.call('POST', `/api/alerts/${id}/ack`, undefined, key),
    ]) {
      expect(problemIn(response)).toMatchObject({ status: 409, code: 'idempotency-conflict' })
    }
  })

  it('belongs to its API key', async () => {
    const key = { 'idempotency-key': 'raise-3' }
    await raise({ ...ALERT, area: 'line-1' }, key)
    const other = await floor.call('POST', '/api/alerts', { ...ALERT, area: 'line-1' }, { ...key, ...LINE_1 })
    expect(other.headers['idempotent-replayed']).toBeUndefined()
  })

  it.each(['x'.repeat(129), '', 'a b', 'ä'])('%j is none', async (key) => {
    const problem = problemIn(await floor.call('POST', '/api/alerts', ALERT, { 'idempotency-key': key }))
    expect(problem).toMatchObject({ status: 400, code: 'bad-request' })
    expect(problem.detail).toContain('"Idempotency-Key"')
  })
})
