import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { sha256 } from './hashes.ts'
import { DEVICE, openFloor, problemIn, type Floor } from '../testing/http-floor.ts'

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
  const response = await floor.call('POST', '/api/alerts', alert, headers)
  expect(response.statusCode).toBe(201)
  return response.json<{ id: CommandId; acknowledged: unknown; cleared: unknown }>()
}
const list = async (query = '', headers: Record<string, string> = {}) =>
  (await floor.call('GET', `/api/alerts${query}`, undefined, headers)).json<{
    alerts: { id: string; priority: string }[]
  }>().alerts

describe('raising', () => {
  it('answers 201 with the record, in the name of the key', async () => {
    const record = await raise()
    expect(record).toEqual({
      ...ALERT,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      raised: { by: 'demo-key', on: null, at: expect.any(String) },
      acknowledged: null,
      cleared: null,
    })
    expect(await list()).toContainEqual(record)
  })

  it('does without a body text', async () => {
    expect(await raise({ priority: 'P3', area: 'line-1', title: 'Oil low' })).toMatchObject({ body: null })
  })

  it.each<[string, unknown, string]>([
    ['without title', { priority: 'P0', area: 'line-3' }, 'title'],
    ['with an empty title', { ...ALERT, title: ' ' }, 'title'],
    ['with a title too long', { ...ALERT, title: 'x'.repeat(121) }, 'title'],
    ['of priority P9', { ...ALERT, priority: 'P9' }, 'priority'],
    ['of a malformed area', { ...ALERT, area: 'Line 3' }, 'area'],
    ['with a field nobody knows', { ...ALERT, colour: 'red' }, 'colour'],
  ])('an alert %s is a bad request that names the field', async (_name, alert, field) => {
    const problem = problemIn(await floor.call('POST', '/api/alerts', alert))
    expect(problem).toMatchObject({ status: 400, code: 'bad-request' })
    expect(problem.detail).toContain(`"${field}"`)
  })

  it('needs a body', async () => {
    expect(problemIn(await floor.call('POST', '/api/alerts'))).toMatchObject({ status: 400, code: 'bad-request' })
    const empty = await floor.inject({
      method: 'POST',
      url: '/api/alerts',
      headers: { authorization: 'Bearer demo-key', 'content-type': 'application/json' },
    })
    expect(problemIn(empty)).toMatchObject({ status: 400, code: 'bad-request' })
    for (const body of [null, [], 'x', 1]) {
      expect(problemIn(await floor.call('POST', '/api/alerts', body))).toMatchObject({
        status: 400,
        code: 'bad-request',
      })
    }
  })

  it('in an area that is not there, or not the key’s, is refused by the rules', async () => {
    expect(problemIn(await floor.call('POST', '/api/alerts', { ...ALERT, area: 'line-9' }))).toMatchObject({
      status: 404,
      code: 'unknown-area',
    })
    expect(problemIn(await floor.call('POST', '/api/alerts', ALERT, LINE_1))).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
  })
})

describe('acknowledging and resolving', () => {
  it('acknowledges in the name of the key, and once is enough', async () => {
    const { id } = await raise()
    const first = await floor.call('POST', `/api/alerts/${id}/ack`)
    expect(first.statusCode).toBe(200)
    expect(first.json()).toMatchObject({ id, acknowledged: { by: 'demo-key', on: null }, cleared: null })
    const second = await floor.call('POST', `/api/alerts/${id}/ack`)
    expect(second.json()).toEqual(first.json())
  })

  it('the last of the two steps answers the whole record, and the alert is gone', async () => {
    const { id } = await raise()
    await floor.call('POST', `/api/alerts/${id}/ack`)
    const resolved = await floor.call('POST', `/api/alerts/${id}/resolve`)
    expect(resolved.json()).toMatchObject({
      id,
      title: ALERT.title,
      acknowledged: { by: 'demo-key' },
      cleared: { by: 'demo-key' },
    })
    expect((await list()).map((alert) => alert.id)).not.toContain(id)

    const other = await raise()
    expect((await floor.call('POST', `/api/alerts/${other.id}/resolve`)).json()).toMatchObject({
      cleared: { by: 'demo-key' },
      acknowledged: null,
    })
    expect((await floor.call('POST', `/api/alerts/${other.id}/ack`)).json()).toMatchObject({
      cleared: { by: 'demo-key' },
      acknowledged: { by: 'demo-key' },
    })
    expect(problemIn(await floor.call('POST', `/api/alerts/${other.id}/ack`))).toMatchObject({
      status: 404,
      code: 'alert-not-found',
    })
  })

  it.each(['01990000-0000-7000-8000-00000000ffff', 'nonsense', '%00'])('there is no alert %s', async (id) => {
    for (const verb of ['ack', 'resolve']) {
      expect(problemIn(await floor.call('POST', `/api/alerts/${id}/${verb}`))).toMatchObject({
        status: 404,
        code: 'alert-not-found',
      })
    }
  })

  it('is refused to a key of another area', async () => {
    const { id } = await raise()
    expect(problemIn(await floor.call('POST', `/api/alerts/${id}/ack`, undefined, LINE_1))).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
  })
})

describe('listing', () => {
  it('shows the highest priority first, filtered by area and priority', async () => {
    const p3 = await raise({ priority: 'P3', area: 'line-2', title: 'Bin full' })
    const p1 = await raise({ priority: 'P1', area: 'line-2', title: 'Press stopped' })
    expect((await list('?area=line-2')).map((alert) => alert.id)).toEqual([p1.id, p3.id])
    expect((await list('?area=line-2&priority=P3')).map((alert) => alert.id)).toEqual([p3.id])
    expect(await list('?priority=P2')).toEqual([])
    expect((await list()).map((alert) => alert.priority).toSorted()).toEqual(
      (await list()).map((alert) => alert.priority),
    )
  })

  it('shows a key what its areas are', async () => {
    const mine = await raise({ priority: 'P0', area: 'line-1', title: 'Mine' })
    await raise()
    const shown = await list('?priority=P0', LINE_1)
    expect(shown.map((alert) => alert.id)).toEqual([mine.id])
    expect(problemIn(await floor.call('GET', '/api/alerts?area=line-3', undefined, LINE_1))).toMatchObject({
      status: 403,
      code: 'forbidden',
    })
  })

  it.each([
    ['?priority=P9', 400, 'bad-request'],
    ['?area=Line%203', 400, 'bad-request'],
    ['?colour=red', 400, 'bad-request'],
    ['?area=line-1&area=line-2', 400, 'bad-request'],
    ['?area=line-9', 404, 'unknown-area'],
  ])('refuses %s', async (query, status, code) => {
    expect(problemIn(await floor.call('GET', `/api/alerts${query}`))).toMatchObject({ status, code })
  })
})

describe('evidence [P4]', () => {
  it('is kept when the alert is gone, for keys that see everything', async () => {
    const { id } = await raise()
    const receipt = { device: DEVICE, kind: 'displayed', at: '2026-11-20T06:00:00.000Z' } as const
    await floor.store.recordReceipts([{ alert: id, ...receipt }])
    const read = () => floor.call('GET', `/api/alerts/${id}/evidence`)
    expect((await read()).json()).toEqual({ alert: id, receipts: [receipt] })
    expect(problemIn(await floor.call('GET', `/api/alerts/${id}/evidence`, undefined, LINE_1))).toMatchObject({
      code: 'forbidden',
    })
    await floor.call('POST', `/api/alerts/${id}/ack`)
    await floor.call('POST', `/api/alerts/${id}/resolve`)
    expect((await read()).json()).toMatchObject({ receipts: [receipt] })
    expect(problemIn(await floor.call('GET', `/api/alerts/${id}/evidence`, undefined, LINE_1))).toMatchObject({
      code: 'alert-not-found',
    })
  })

  it('of an alert that never was is not found', async () => {
    expect(problemIn(await floor.call('GET', '/api/alerts/nonsense/evidence'))).toMatchObject({
      status: 404,
      code: 'alert-not-found',
    })
  })
})
