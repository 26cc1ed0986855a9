/** What the body of a request may cost: nothing of it is read for whoever may not ask, and little for whoever may. */
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { HTTP_LIMITS } from '../../server/http/limits.ts'
import { besiegeFloor, LINE_KEY, SITE_KEY } from './besieged-floor.ts'

const floor = besiegeFloor()
/** More than any route takes in memory. */
const GIGABYTE = 1024 ** 3

/** Status and code of the first answer in raw bytes. */
function inShort(answer: string): string {
  return `${/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 'closed'} ${/"code":"([\w-]+)"/.exec(answer)?.[1] ?? ''}`.trim()
}

/** What is answered to a request of which nothing but the head ever comes. */
async function answerToHead(request: string, headers: readonly string[], bytes = GIGABYTE): Promise<string> {
  const { host } = new URL(floor.url())
  const lines = [`${request} HTTP/1.1`, `Host: ${host}`, 'Connection: close', `Content-Length: ${bytes}`, ...headers]
  return inShort(await floor.exchange([...lines, '', ''].join('\r\n')))
}

const JSON_TYPE = 'Content-Type: application/json'
const bearer = (key: string): string => `Authorization: Bearer ${key}`

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: readonly object[] }>>>>
}
/** Every route that may have a body, with the keys it asks for. */
async function writingRoutes(): Promise<readonly { readonly request: string; readonly asks: string }[]> {
  const { body } = await floor.call('/api/openapi.json', { method: 'GET' })
  return Object.entries((body as Described).paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'get' && method !== 'head')
      .map(([method, { security = [] }]) => ({
        request: `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, 'x')}`,
        asks: security.flatMap((each) => Object.keys(each)).join(' '),
      })),
  )
}

describe('a body [X8]', () => {
  it('of a stranger is answered before one byte of it came, whatever route it is for', async () => {
    const routes = await writingRoutes()
    const asked = routes.flatMap((route) => [[], ['Content-Encoding: gzip']].map((packed) => ({ ...route, packed })))
    // Side by side: each connection stays for the second in which its answer can be read.
    const answers = await Promise.all(
      asked.map(async ({ request, asks, packed }) => [
        `${request} (${asks})${packed.join('')}`,
        await answerToHead(request, [JSON_TYPE, ...packed]),
      ]),
    )
    const expected = answers.map(([name = '']) => {
      if (name.includes('/forget')) return [name, '413 frame-too-large']
      return [name, name.includes('(deviceToken)') ? '401 bad-token' : '401 bad-key']
    })
    expect(answers.length).toBeGreaterThan(20)
    expect(answers).toEqual(expected)
  })

  it.each(['POST /api/nothing', 'PUT /api/alerts', 'POST /healthz', 'POST /sync', 'DELETE /'])(
    'for an address that takes none is not waited for: %s',
    async (request) => {
      expect(await answerToHead(request, [JSON_TYPE])).toBe('404 not-found')
    },
  )

  it('of a restore is read for the key of an administrator only, and only where it is a backup', async () => {
    const restore = 'POST /api/admin/restore'
    const backup = 'Content-Type: application/vnd.sqlite3'
    const asked: readonly (readonly [headers: readonly string[], answer: string])[] = [
      [[JSON_TYPE], '401 bad-key'],
      [[backup], '401 bad-key'],
      [[JSON_TYPE, bearer(LINE_KEY)], '403 forbidden'],
      [[backup, bearer(LINE_KEY)], '403 forbidden'],
      [[JSON_TYPE, bearer(SITE_KEY)], '400 bad-request'],
      [[JSON_TYPE, 'Content-Encoding: gzip', bearer(SITE_KEY)], '400 bad-request'],
    ]
    const answers = await Promise.all(asked.map(([headers]) => answerToHead(restore, headers)))
    expect(answers).toEqual(asked.map(([, answer]) => answer))
  })

  it('that is packed is inflated up to what the route takes', async () => {
    const packed = (bytes: number): Buffer => gzipSync(Buffer.alloc(bytes, ' '))
    const headers = { 'content-encoding': 'gzip' }
    const { deviceToken } = await floor.stranger()
    const id = '019e0000-0000-7000-8000-000000000000'
    for (const [path, key, max] of [
      ['/api/alerts', SITE_KEY, HTTP_LIMITS.maxBodyBytes],
      [`/api/alerts/${id}/ack`, SITE_KEY, HTTP_LIMITS.maxSmallBytes],
      ['/api/operators/nobody/sign-out', SITE_KEY, HTTP_LIMITS.maxSmallBytes],
      ['/api/telemetry', SITE_KEY, LIMITS.maxTelemetryBytes],
      ['/api/sessions', deviceToken, HTTP_LIMITS.maxSessionBytes],
      ['/api/sessions/refresh', deviceToken, HTTP_LIMITS.maxSessionBytes],
      ['/api/sessions/forget', '', HTTP_LIMITS.maxSmallBytes],
    ] as const) {
      const beyond = await floor.call(path, { bearer: key, headers, body: packed(max + 1) })
      expect([path, beyond.status, beyond.code]).toEqual([path, 413, 'frame-too-large'])
      expect([path, (await floor.call(path, { bearer: key, headers, body: packed(max) })).status]).not.toEqual([
        path,
        413,
      ])
    }
  })

  it('a thousand times its size, for a restore, is not inflated: the server goes on at once', async () => {
    const body = gzipSync(Buffer.from(`[${Array.from({ length: 2_000_000 }, () => '{}').join(',')}]`))
    const headers = { 'content-encoding': 'gzip' }
    for (const [key, status] of [
      ['', 401],
      [LINE_KEY, 403],
      [SITE_KEY, 400],
    ] as const)
      expect((await floor.call('/api/admin/restore', { bearer: key, headers, body })).status).toBe(status)
  })

  it('under a guessed key is a guess that counts: beyond the rate of an address it is refused as such', async () => {
    const guess = () => floor.call('/api/telemetry', { bearer: 'guess', body: [] })
    const answers: unknown[] = []
    for (let count = 0; count < HTTP_LIMITS.perAddress; count += 50)
      answers.push(...(await Promise.all(Array.from({ length: 50 }, guess))).map(({ code }) => code))
    expect(answers.filter((code) => code === 'rate-limited').length).toBeGreaterThan(0)
    expect(new Set(answers)).toEqual(new Set(['bad-key', 'rate-limited']))
  })
})
