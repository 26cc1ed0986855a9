import { afterEach, describe, expect, it } from 'vitest'
import { openFloor, problemIn, type Floor } from '../testing/http-floor.ts'

let floor: Floor
afterEach(() => floor.close())

describe('health', () => {
  it('the process lives, the disk takes writes, the numbers are there', async () => {
    floor = await openFloor()
    expect((await floor.inject({ url: '/healthz' })).json()).toEqual({ status: 'ok', name: 'andon', version: '0.0.0' })
    expect((await floor.inject({ url: '/readyz' })).json()).toEqual({ status: 'ready' })
    const metrics = await floor.inject({ url: '/metrics' })
    expect(metrics.headers['content-type']).toContain('text/plain')
    expect(metrics.body).toContain('andon_connections 3')
    expect(metrics.body).toContain('andon_http_requests_total{method="GET",route="/readyz",status="200"} 1')
    expect(metrics.body).toContain('process_cpu_user_seconds_total')
  })

  it('[X6] tells its numbers to this machine and to whoever has a key, to nobody else', async () => {
    floor = await openFloor()
    const ask = async (remoteAddress: string, headers: Record<string, string> = {}) => {
      const response = await floor.inject({ url: '/metrics', remoteAddress, headers })
      return response.statusCode === 200 ? 'told' : problemIn(response).code
    }
    expect(await ask('127.0.0.1')).toBe('told')
    expect(await ask('::1')).toBe('told')
    expect(await ask('10.0.0.7', { authorization: 'Bearer demo-key' })).toBe('told')
    expect(await ask('10.0.0.7')).toBe('bad-key')
    expect(await ask('10.0.0.7', { authorization: 'Bearer guess' })).toBe('bad-key')
    // A proxy here that forwards for somebody elsewhere.
    expect(await ask('127.0.0.1', { 'x-forwarded-for': '10.0.0.7' })).toBe('bad-key')
    expect(await ask('127.0.0.1', { forwarded: 'for=10.0.0.7' })).toBe('bad-key')
    expect(await ask('127.0.0.1', { host: 'andon.example' })).toBe('bad-key')
  })

  it('is not ready while the disk takes nothing, and asks it once for many who ask', async () => {
    let probes = 0
    const probe = () => {
      probes += 1
      return Promise.reject(new Error('disk full'))
    }
    floor = await openFloor({}, (store) => ({ store: { ...store, probe } }))
    const answers = await Promise.all([
      floor.inject({ url: '/readyz' }),
      floor.inject({ url: '/readyz' }),
      floor.inject({ url: '/readyz' }),
    ])
    for (const answer of answers) expect(problemIn(answer)).toMatchObject({ status: 503, code: 'unavailable' })
    expect(probes).toBe(1)
    expect((await floor.inject({ url: '/healthz' })).statusCode).toBe(200)
  })
})

it('[X24] the API describes itself, without the pages', async () => {
  floor = await openFloor()
  const document = (await floor.inject({ url: '/api/openapi.json' })).json<{
    openapi: string
    paths: Record<string, Record<string, unknown>>
  }>()
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths).toSorted()).toEqual([
    '/.well-known/jwks.json',
    '/api/admin/backup',
    '/api/admin/restore',
    '/api/admin/reviews',
    '/api/alerts',
    '/api/alerts/{id}/ack',
    '/api/alerts/{id}/evidence',
    '/api/alerts/{id}/resolve',
    '/api/asyncapi.json',
    '/api/attachments/{line}/{id}/{hash}',
    '/api/attachments/{line}/{id}/{hash}/upload',
    '/api/chat/{line}',
    '/api/equipment',
    '/api/equipment/{area}/{machine}',
    '/api/openapi.json',
    '/api/operators/{id}/sign-out',
    '/api/orders',
    '/api/orders/{id}',
    '/api/search',
    '/api/sessions',
    '/api/sessions/forget',
    '/api/sessions/refresh',
    '/api/telemetry',
    '/api/telemetry/{area}/{machine}/{signal}',
    '/api/uplink',
    '/healthz',
    '/metrics',
    '/readyz',
  ])
  expect(document.paths['/api/alerts']?.['post']).toMatchObject({
    security: [{ apiKey: [] }],
    requestBody: { content: { 'application/json': { schema: { required: ['priority', 'area', 'title'] } } } },
  })
})

it('[X24] the wire describes itself', async () => {
  floor = await openFloor()
  const answer = await floor.inject({ url: '/api/asyncapi.json' })
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(answer.json()).toMatchObject({ asyncapi: '3.0.0', info: { version: '0.0.0' }, channels: { sync: {} } })
})

it('publishes the keys of its tokens', async () => {
  floor = await openFloor()
  expect((await floor.inject({ url: '/.well-known/jwks.json' })).json()).toMatchObject({
    keys: [{ kty: 'EC', crv: 'P-256', use: 'sig' }],
  })
})
