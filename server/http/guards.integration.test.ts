import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { StoreUnavailable } from '../ports/store-errors.ts'
import { DEVICE, openFloor, problemIn, type Floor } from '../testing/http-floor.ts'
import { HTTP_LIMITS } from './limits.ts'

let floor: Floor
afterEach(() => floor.close())

const ALERT = { priority: 'P1', area: 'line-3', title: 'Press 2 stopped' }
const JSON_TYPE = { authorization: 'Bearer demo-key', 'content-type': 'application/json' }

describe('every refusal is a problem of the code table', () => {
  it('for what is not there', async () => {
    floor = await openFloor()
    for (const url of ['/nothing', '/api/nothing', '/api/alerts/x/y/z', '/%ff', '/../package.json']) {
      expect(problemIn(await floor.inject({ url }))).toMatchObject({ status: 404, code: 'not-found' })
    }
    expect(problemIn(await floor.inject({ method: 'DELETE', url: '/api/alerts' }))).toMatchObject({
      status: 404,
      code: 'not-found',
    })
  })

  it('for bodies that are not JSON', async () => {
    floor = await openFloor()
    for (const payload of ['{', '{"a":}', 'priority=P0', '\u0000']) {
      const response = await floor.inject({ method: 'POST', url: '/api/alerts', headers: JSON_TYPE, payload })
      expect(problemIn(response)).toMatchObject({ status: 400, code: 'bad-json' })
    }
    const form = await floor.inject({
      method: 'POST',
      url: '/api/alerts',
      headers: { ...JSON_TYPE, 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'priority=P0',
    })
    expect(problemIn(form)).toMatchObject({
      status: 400,
      code: 'bad-request',
      detail: expect.stringContaining('Content-Type'),
    })
  })

  it('for bodies nested deeper than a call stack, under an Idempotency-Key or not [P8]', async () => {
    floor = await openFloor()
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    for (const url of ['/api/alerts', '/api/orders', '/api/telemetry', '/api/equipment'])
      for (const key of [{}, { 'idempotency-key': 'deep' }]) {
        const response = await floor.inject({
          method: 'POST',
          url,
          headers: { ...JSON_TYPE, ...key },
          payload: url === '/api/alerts' ? `{"title":${deep}}` : deep,
        })
        expect(problemIn(response), url).toMatchObject({ status: 400, code: 'bad-request' })
      }
    const headers = { ...JSON_TYPE, authorization: `Bearer ${floor.deviceToken(DEVICE)}` }
    // As deep as fits into what this address takes.
    const fits = deep.slice(20_000 - HTTP_LIMITS.maxSessionBytes / 2, 20_000 + HTTP_LIMITS.maxSessionBytes / 2)
    for (const [payload, status] of [
      [deep, 413],
      [fits, 400],
    ] as const)
      expect((await floor.inject({ method: 'POST', url: '/api/sessions', headers, payload })).statusCode).toBe(status)
  })

  it('for a database sent to any other address than that of a restore', async () => {
    floor = await openFloor()
    const device = { authorization: `Bearer ${floor.deviceToken(DEVICE)}` }
    for (const [url, who] of [
      ['/api/alerts', {}],
      ['/api/telemetry', {}],
      ['/api/sessions', device],
    ] as const)
      for (const key of [{}, { 'idempotency-key': 'database' }]) {
        const headers = { ...JSON_TYPE, ...key, ...who, 'content-type': 'application/vnd.sqlite3' }
        const response = await floor.inject({ method: 'POST', url, headers, payload: 'SQLite format 3' })
        expect(problemIn(response), url).toMatchObject({ status: 400, code: 'bad-request' })
      }
    const headers = { ...JSON_TYPE, 'content-type': 'application/vnd.sqlite3' }
    const restore = { method: 'POST' as const, url: '/api/admin/restore', payload: 'SQLite format 3' }
    expect((await floor.inject({ ...restore, headers })).statusCode).toBe(202)
    const guess = { ...headers, authorization: 'Bearer guess' }
    expect(problemIn(await floor.inject({ ...restore, headers: guess }))).toMatchObject({ code: 'bad-key' })
  })

  it('for bodies beyond the limit [P8]', async () => {
    floor = await openFloor()
    const within = await floor.call('POST', '/api/alerts', {
      ...ALERT,
      body: 'x'.repeat(HTTP_LIMITS.maxBodyBytes - 200),
    })
    expect(problemIn(within)).toMatchObject({ status: 400, code: 'bad-request' })
    const beyond = await floor.call('POST', '/api/alerts', { ...ALERT, body: 'x'.repeat(HTTP_LIMITS.maxBodyBytes) })
    expect(problemIn(beyond)).toMatchObject({ status: 413, code: 'frame-too-large' })
  })

  it('for API keys that are missing or wrong', async () => {
    floor = await openFloor()
    for (const authorization of ['', 'Bearer wrong', 'demo-key', `Bearer ${'x'.repeat(HTTP_LIMITS.maxToken + 1)}`]) {
      for (const response of [
        await floor.call('GET', '/api/alerts', undefined, { authorization }),
        await floor.call('POST', '/api/alerts', ALERT, { authorization }),
        await floor.call('GET', '/api/orders', undefined, { authorization }),
      ]) {
        expect(problemIn(response)).toMatchObject({ status: 401, code: 'bad-key' })
        expect(response.headers['www-authenticate']).toBe('Bearer')
      }
    }
    expect(floor.submitted).toEqual([])
  })

  it('for our own faults, whose cause stays in the log', async () => {
    floor = await openFloor({}, () => ({ submit: () => Promise.reject(new Error('secret detail')) }))
    const response = await floor.call('POST', '/api/alerts', ALERT)
    expect(problemIn(response)).toMatchObject({ status: 500, code: 'internal' })
    expect(response.body).not.toContain('secret')
  })

  it('for a disk that does not take a write', async () => {
    floor = await openFloor({}, () => ({ submit: () => Promise.reject(new StoreUnavailable()) }))
    const response = await floor.call('POST', '/api/alerts', ALERT)
    expect(problemIn(response)).toMatchObject({ status: 503, code: 'unavailable' })
    expect(response.headers['retry-after']).toBe('2')
  })

  it('for a store that asks to come back later', async () => {
    const verdict = { kind: 'retry-later', code: 'unavailable', message: 'The disk is slow.', afterMs: 2500 } as const
    floor = await openFloor({}, () => ({ submit: () => Promise.resolve({ verdict, events: [], endedSessions: [] }) }))
    const response = await floor.call('POST', '/api/alerts', ALERT)
    expect(problemIn(response)).toEqual({ status: 503, code: 'unavailable', detail: 'The disk is slow.' })
    expect(response.headers['retry-after']).toBe('3')
  })

  it('even for what is not HTTP', async () => {
    floor = await openFloor()
    await floor.app.listen({ host: '127.0.0.1', port: 0 })
    const socket = connect((floor.app.server.address() as { port: number }).port, '127.0.0.1')
    socket.write('NONSENSE\r\n\r\n')
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*"code":"bad-request"/)
  })
})

describe('whose pages may write [G6]', () => {
  const send = (headers: Record<string, string>, method: 'GET' | 'POST' = 'POST') =>
    floor.inject({
      method,
      url: '/api/alerts',
      headers: { ...JSON_TYPE, host: 'andon.example:7070', ...headers },
      ...(method === 'POST' && { payload: ALERT }),
    })

  it('its own and those the site named, nobody else’s', async () => {
    floor = await openFloor({ origins: ['https://wall.example'] })
    expect((await send({})).statusCode).toBe(201)
    expect((await send({ origin: 'http://andon.example:7070' })).statusCode).toBe(201)
    expect((await send({ origin: 'https://wall.example' })).statusCode).toBe(201)
    const throughProxy = await floor.inject({
      method: 'POST',
      url: '/api/sessions/forget',
      headers: { origin: 'https://wall.example' },
    })
    expect(throughProxy.headers['set-cookie']).toContain('; Secure')
    for (const origin of ['http://evil.example', 'https://andon.example:7070', 'null']) {
      expect(problemIn(await send({ origin }))).toMatchObject({ status: 403, code: 'bad-origin' })
      expect(
        problemIn(await floor.inject({ method: 'POST', url: '/api/sessions', headers: { origin } })),
      ).toMatchObject({ code: 'bad-origin' })
    }
    expect(floor.submitted).toHaveLength(3)
  })

  it('reading is left to the browser, which shows the answer to nobody else', async () => {
    floor = await openFloor()
    const response = await send({ origin: 'http://evil.example' }, 'GET')
    expect(response.statusCode).toBe(200)
    expect(response.headers['access-control-allow-origin']).toBeUndefined()
    expect(response.headers['cross-origin-resource-policy']).toBe('same-origin')
  })
})

describe('by what name it is asked [G8]', () => {
  it('[V22] [P8] tells the log foreign names for as long as it runs, at a bounded pace, with the number of those left out', async () => {
    const lines: Record<string, unknown>[] = []
    const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>)
    const log = pino({ level: 'warn' }, { write })
    floor = await openFloor({}, () => ({ log }))
    const ask = (host: string) => floor.inject({ url: '/healthz', headers: { host } })
    for (let name = 0; name < 30; name += 1) await ask(`made-up-${name}.example`)
    expect(lines).toHaveLength(5)
    // Days later an administrator forgets a name, and asks for it until it works.
    floor.clock.ms += 3 * 86_400_000
    for (let again = 0; again < 10; again += 1) await ask('wall.example')
    expect(lines.slice(5)).toMatchObject([{ event: 'host-refused', host: 'wall.example', leftOut: 25 }])
    floor.clock.ms += 60_000
    await ask('wall.example')
    expect(lines.slice(6)).toMatchObject([{ event: 'host-refused', host: 'wall.example' }])
  })

  it('answers nobody’s page whose name was pointed at this address (DNS rebinding), reading or writing', async () => {
    floor = await openFloor()
    const headers = { ...JSON_TYPE, host: 'evil.example:7070', origin: 'http://evil.example:7070' }
    for (const response of [
      await floor.inject({ url: '/', headers: { host: headers.host, accept: 'text/html' } }),
      await floor.inject({ url: '/healthz', headers: { host: headers.host } }),
      await floor.inject({ url: '/api/alerts', headers }),
      await floor.inject({ method: 'POST', url: '/api/alerts', headers, payload: ALERT }),
      await floor.inject({ method: 'POST', url: '/api/sessions', headers, payload: {} }),
    ]) {
      const problem = problemIn(response)
      expect(problem).toMatchObject({ status: 403, code: 'bad-host', detail: expect.stringContaining('--hosts') })
      expect(response.body).not.toContain('evil')
    }
    expect(floor.submitted).toEqual([])
  })
})

describe('the demonstration floor', () => {
  const ask = (remoteAddress: string, headers: Record<string, string> = {}) =>
    floor.inject({ url: '/healthz', remoteAddress, headers })

  it('answers this machine only', async () => {
    floor = await openFloor({ demo: true })
    expect((await ask('127.0.0.1')).statusCode).toBe(200)
    expect((await ask('127.0.0.1', { 'x-forwarded-for': '127.0.0.1' })).statusCode).toBe(200)
    for (const response of [await ask('10.0.0.7'), await ask('127.0.0.1', { 'x-forwarded-for': '10.0.0.7' })]) {
      expect(problemIn(response)).toMatchObject({ status: 403, code: 'demo-loopback-only' })
      expect(response.headers['x-content-type-options']).toBe('nosniff')
    }
  })

  it('answers everybody when it was opened, as does a server that is none', async () => {
    floor = await openFloor({ demo: true, demoOpen: true })
    expect((await ask('10.0.0.7')).statusCode).toBe(200)
    await floor.close()
    floor = await openFloor()
    expect((await ask('10.0.0.7', { 'x-forwarded-for': '10.0.0.8' })).statusCode).toBe(200)
  })
})

describe('rate limits [P8]', () => {
  it('are per address for strangers, and never on health', async () => {
    floor = await openFloor()
    const guess = (remoteAddress: string) =>
      floor.inject({ url: '/api/alerts', remoteAddress, headers: { authorization: 'Bearer guess' } })
    for (let count = 0; count < HTTP_LIMITS.perAddress; count += 1) await guess('10.0.0.7')
    const limited = await guess('10.0.0.7')
    expect(problemIn(limited)).toMatchObject({ status: 429, code: 'rate-limited' })
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0)
    expect(problemIn(await guess('10.0.0.8'))).toMatchObject({ code: 'bad-key' })
    const key = { authorization: 'Bearer demo-key' }
    expect((await floor.inject({ url: '/api/alerts', remoteAddress: '10.0.0.7', headers: key })).statusCode).toBe(200)
    expect((await floor.inject({ url: '/healthz', remoteAddress: '10.0.0.7' })).statusCode).toBe(200)
  })

  it('count whom a proxy of the site forwards for, and nobody’s word otherwise [X5]', async () => {
    floor = await openFloor({ trustProxy: ['10.0.0.7'] })
    const ask = async (remoteAddress: string, forwarded: string) => {
      const headers = { 'x-forwarded-for': forwarded }
      return problemIn(await floor.inject({ method: 'POST', url: '/api/sessions', remoteAddress, headers })).code
    }
    for (let count = 0; count < HTTP_LIMITS.signInsPerAddress; count += 1) await ask('10.0.0.7', '192.168.0.1')
    expect(await ask('10.0.0.7', '192.168.0.1')).toBe('rate-limited')
    expect(await ask('10.0.0.7', '192.168.0.2')).toBe('bad-token')
    expect(await ask('10.0.0.8', '192.168.0.1')).toBe('bad-token')
  })

  it('are tighter for signing in', async () => {
    floor = await openFloor()
    for (let count = 0; count < HTTP_LIMITS.signInsPerAddress; count += 1)
      await floor.inject({ method: 'POST', url: '/api/sessions' })
    expect(problemIn(await floor.inject({ method: 'POST', url: '/api/sessions' }))).toMatchObject({
      status: 429,
      code: 'rate-limited',
    })
    expect(problemIn(await floor.inject({ method: 'POST', url: '/api/sessions/refresh' }))).toMatchObject({
      code: 'bad-token',
    })
  })
})

it('while it drains, whoever still asks is told to come back', async () => {
  const answer = Promise.withResolvers<never>()
  const started = Promise.withResolvers<void>()
  const submit = () => {
    started.resolve()
    return answer.promise
  }
  floor = await openFloor({}, () => ({ submit }))
  await floor.app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((floor.app.server.address() as { port: number }).port, '127.0.0.1')
  const body = JSON.stringify(ALERT)
  const raise = `POST /api/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer demo-key\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  socket.write(raise)
  await started.promise
  const closed = floor.app.close()
  const asked = once(floor.app.server, 'request')
  socket.write(raise)
  await asked
  answer.reject(new Error('gone'))
  const said = await text(socket)
  await closed
  expect(said.split('HTTP/1.1 ').map((part) => part.slice(0, 3))).toEqual(['', '500', '503'])
  expect(said).toContain('"code":"unavailable"')
})
