/** Who speaks HTTP as it was not meant: other people's pages, paths out of the folder, bodies and requests that are none. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { besiegeFloor, LINE_KEY, SITE_KEY } from './besieged-floor.ts'

const floor = besiegeFloor()
const ALERT = { priority: 'P2', area: 'line-3', title: 'Forged' }

/** The status of the first answer in raw bytes; null where the server only closed. */
function statusOf(answer: string): number | null {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]
  return status === undefined ? null : Number(status)
}
const ask = (lines: readonly string[], body = ''): string =>
  [...lines, `Host: ${new URL(floor.url()).host}`, 'Connection: close', '', body].join('\r\n')

describe('a page of somebody else [G6]', () => {
  it.each(['http://evil.example', 'null', 'http://127.0.0.1.evil.example', 'http://127.0.0.1:1'])(
    'writes nothing with a key it found (CSRF): Origin %s',
    async (origin) => {
      const answer = await floor.call('/api/alerts', { bearer: SITE_KEY, headers: { origin }, body: ALERT })
      expect([answer.status, answer.code]).toEqual([403, 'bad-origin'])
    },
  )

  it('cannot sign anybody in or out, nor refresh with the victim’s cookie', async () => {
    const headers = { origin: 'http://evil.example', cookie: 'andon-refresh=x' }
    for (const path of ['/api/sessions', '/api/sessions/refresh', '/api/sessions/forget']) {
      const answer = await floor.call(path, { headers, body: {} })
      expect([path, answer.status, answer.code]).toEqual([path, 403, 'bad-origin'])
    }
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'gets no body taken that a form could send: %s',
    async (type) => {
      const answer = await floor.call('/api/alerts', {
        bearer: SITE_KEY,
        headers: { 'content-type': type },
        body: JSON.stringify(ALERT),
      })
      expect([answer.status, answer.code]).toEqual([400, 'bad-request'])
    },
  )

  it('reads nothing: no answer names another origin, and none may be framed or sniffed', async () => {
    const { headers } = await floor.call('/api/alerts', {
      method: 'GET',
      bearer: SITE_KEY,
      headers: { origin: 'http://evil.example' },
    })
    expect(headers.get('access-control-allow-origin')).toBeNull()
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })

  it('asks in vain what it may do (preflight)', async () => {
    const answer = await floor.call('/api/alerts', {
      method: 'OPTIONS',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    })
    expect([answer.status, answer.code]).toEqual([403, 'bad-origin'])
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a path out of the folder of pages', () => {
  it.each([
    ['/../package.json', 400],
    ['/..%2fpackage.json', 404],
    ['/%2e%2e/%2e%2e/package.json', 400],
    ['/assets/..%5c..%5cpackage.json', 400],
    ['/assets/%252e%252e/package.json', 404],
    ['//etc/passwd', 400],
    ['/....//package.json', 400],
    ['/package.json%00.html', 400],
    ['/.git/config', 404],
    ['/%c0%ae%c0%ae/package.json', 404],
  ])('finds nothing: %s', async (path, status) => {
    const answer = await floor.exchange(ask([`GET ${path} HTTP/1.1`]))
    expect(statusOf(answer)).toBe(status)
    expect(answer).not.toMatch(/root:|"name": ?"andon"|\[core\]/)
  })

  it('finds nothing as an absolute address of another host either', async () => {
    const answer = await floor.exchange(ask(['GET http://evil.example/../../etc/passwd HTTP/1.1']))
    expect(answer).not.toContain('root:')
    expect(statusOf(answer)).toBe(400)
  })
})

describe('a body [X1]', () => {
  const post = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    floor.call('/api/alerts', { bearer: SITE_KEY, headers, body })

  it.each([
    ['that is cut off', '{"priority":"P0"'],
    ['that is no object', '[]'],
    ['with a key that is not one', '{"__proto__":{"role":"admin"},"priority":"P2","area":"line-3","title":"x"}'],
    [
      'with a constructor',
      '{"constructor":{"prototype":{"role":"admin"}},"priority":"P2","area":"line-3","title":"x"}',
    ],
    ['with a field too many', '{"priority":"P2","area":"line-3","title":"x","by":"chief"}'],
  ])('%s is refused', async (_what, body) => {
    const answer = await post(body)
    expect([answer.status, typeof answer.code]).toEqual([400, 'string'])
  })

  it.each([{}, { 'idempotency-key': 'deep' }])('deeper than any command is refused: %o', async (headers) => {
    const depth = 20_000
    const answer = await post(`{"title":${'['.repeat(depth)}${']'.repeat(depth)}}`, headers)
    expect(answer.status).toBe(400)
  })

  it('[X8] larger than the limit is refused, and whoever sends it can read so', async () => {
    const large = JSON.stringify({ ...ALERT, title: 'x'.repeat(4 * 1024 * 1024) })
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(large)))
    for (const { status, code } of answers) expect([status, code]).toEqual([413, 'frame-too-large'])
  })

  it('that says it is short and goes on is not two requests (smuggling)', async () => {
    const answer = await floor.exchange(
      ask(
        [
          'POST /api/alerts HTTP/1.1',
          `Authorization: Bearer ${LINE_KEY}`,
          'Content-Length: 4',
          'Transfer-Encoding: chunked',
        ],
        `0\r\n\r\nGET /api/alerts HTTP/1.1\r\nAuthorization: Bearer ${SITE_KEY}\r\n\r\n`,
      ),
    )
    expect(statusOf(answer)).toBe(400)
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
  })

  it('with two lengths is refused', async () => {
    const answer = await floor.exchange(
      ask(['POST /api/alerts HTTP/1.1', 'Content-Length: 4', 'Content-Length: 40'], '{}{}'),
    )
    expect(statusOf(answer)).toBe(400)
  })

  it('packed to a thousandth of what it is (a bomb) is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 32))
    const answer = await post(bomb, { 'content-encoding': 'gzip' })
    expect([answer.status, answer.code]).toEqual([413, 'frame-too-large'])
  })

  it('packed in a way nobody speaks is refused', async () => {
    const answer = await post(JSON.stringify(ALERT), { 'content-encoding': 'compress' })
    expect([answer.status, answer.code]).toEqual([400, 'bad-request'])
  })
})

describe('a request that is none', () => {
  it.each([
    ['with a head of 20 KB', (): string => ask(['GET /healthz HTTP/1.1', `X: ${'x'.repeat(20_000)}`]), 400],
    [
      'with 2,500 lines',
      (): string => ask(['GET /healthz HTTP/1.1', ...Array.from({ length: 2_500 }, (_, at) => `X-${at}: 1`)]),
      400,
    ],
    ['with a bare line feed in a field', (): string => ask(['GET /healthz HTTP/1.1', 'X: a\nInjected: b']), 400],
    ['with a NUL in a field', (): string => ask(['GET /healthz HTTP/1.1', 'X: a\0b']), 400],
    ['with a space before the colon', (): string => ask(['GET /healthz HTTP/1.1', 'Host : evil']), 400],
    ['of a method nobody has', (): string => ask(['STEAL /api/alerts HTTP/1.1']), 400],
    ['of TLS', (): string => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400],
  ])('%s is refused', async (_what, bytes, status) => {
    expect(statusOf(await floor.exchange(bytes()))).toBe(status)
  })

  it.each(['TRACE', 'PUT', 'DELETE', 'PATCH'])(
    'of a method this address does not have finds nothing: %s',
    async (method) => {
      const answer = await floor.exchange(ask([`${method} /api/alerts HTTP/1.1`, `Authorization: Bearer ${SITE_KEY}`]))
      expect(statusOf(answer)).toBe(404)
      expect(answer).not.toContain(SITE_KEY)
    },
  )

  it('CONNECT opens no tunnel: it is closed without a word', async () => {
    expect(await floor.exchange('CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n')).toBe('')
  })
})

describe('a key', () => {
  it.each([
    '',
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    `bearer${SITE_KEY}`,
    `Bearer ${SITE_KEY} x`,
    `Bearer ${'x'.repeat(5_000)}`,
  ])('that is none is refused: %j', async (authorization) => {
    const answer = await floor.call('/api/alerts', { method: 'GET', headers: { authorization } })
    expect([answer.status, answer.code]).toEqual([401, 'bad-key'])
  })

  it('of repetition that is endless is refused', async () => {
    const answer = await floor.call('/api/alerts', {
      bearer: SITE_KEY,
      headers: { 'idempotency-key': 'k'.repeat(1_000) },
      body: ALERT,
    })
    expect([answer.status, answer.code]).toEqual([400, 'bad-request'])
  })

  it('is said nowhere: no problem repeats what was sent', async () => {
    const secret = 'andon_secret-that-must-not-come-back'
    const answer = await floor.call('/api/alerts', { method: 'GET', bearer: secret })
    expect(JSON.stringify(answer.body)).not.toContain(secret)
  })
})

describe('the numbers of the floor [X6]', () => {
  it.each([
    ['through a proxy here', { 'x-forwarded-for': '10.0.0.7' }],
    ['through a proxy that says so otherwise', { forwarded: 'for=10.0.0.7' }],
    ['through a proxy whose word cannot be read', { forwarded: 'for=127.0.0.1 ; ; ="' }],
    ['through two, the last of them here', { 'x-forwarded-for': '10.0.0.7, 127.0.0.1' }],
    ['under a key that is none', { 'x-forwarded-for': '10.0.0.7', authorization: 'Bearer guess' }],
  ])('are not told elsewhere: %s', async (_what, headers) => {
    const answer = await floor.call('/metrics', { method: 'GET', headers })
    expect([answer.status, answer.code]).toEqual([401, 'bad-key'])
  })
})
