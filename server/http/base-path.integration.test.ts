import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parsePublicUrl, type PublicAddress } from '../core/public-address.ts'
import { DEVICE, openFloor, problemIn, type Floor } from '../testing/http-floor.ts'

const staticRoot = mkdtempSync(join(tmpdir(), 'andon-base-'))
mkdirSync(join(staticRoot, 'assets'))
writeFileSync(join(staticRoot, 'index.html'), '<!doctype html><title>Andon</title>')
writeFileSync(join(staticRoot, 'assets/index-B3x_9-Aq.js'), '// app')

const HTML = { accept: 'text/html' }
const PAGE = { host: 'andon.example', origin: 'https://andon.example' }

let floor: Floor
beforeAll(async () => {
  floor = await openFloor({ publicUrl: address('https://andon.example/hall/3') }, () => ({ staticRoot }))
})
afterAll(async () => {
  await floor.close()
  rmSync(staticRoot, { recursive: true, force: true })
})

function address(text: string): PublicAddress {
  const parsed = parsePublicUrl(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

describe('[X21] below a base path', () => {
  it('pages, API and probes are where they are found, and programs may leave the base out', async () => {
    expect((await floor.inject({ url: '/hall/3/', headers: HTML })).body).toContain('<title>Andon</title>')
    expect((await floor.inject({ url: '/hall/3/assets/index-B3x_9-Aq.js' })).headers['cache-control']).toMatch(
      /immutable/,
    )
    for (const base of ['/hall/3', '']) {
      expect((await floor.call('GET', `${base}/api/alerts`)).statusCode).toBe(200)
      for (const probe of ['/healthz', '/readyz', '/.well-known/jwks.json', '/api/uplink'])
        expect((await floor.inject({ url: base + probe })).statusCode, base + probe).toBe(200)
      expect(problemIn(await floor.inject({ url: `${base}/sync` }))).toMatchObject({ code: 'upgrade-missing' })
    }
    const { servers } = (await floor.inject({ url: '/api/openapi.json' })).json<{ servers: unknown }>()
    expect(servers).toEqual([{ url: 'https://andon.example/hall/3' }])
  })

  it('a person is sent below it from the address without the last slash, and from anywhere below', async () => {
    for (const [url, to] of [
      ['/hall/3', '/hall/3/'],
      ['/hall/3?x=1', '/hall/3/'],
      ['/hall/3/lines/line-3', '/hall/3/'],
      ['/hall/3/lines', '/hall/3/'],
    ] as const) {
      const { statusCode, headers } = await floor.inject({ url, headers: HTML })
      expect(statusCode, url).toBe(302)
      expect(new URL(String(headers.location), `https://andon.example${url}`).pathname).toBe(to)
    }
  })

  it('elsewhere there is no page and no redirect, but a sentence that says where it is', async () => {
    for (const url of ['/', '/hall', '/hall/', '/hall/33/', '/index.html', '/assets/index-B3x_9-Aq.js', '/hall/3x']) {
      const page = await floor.inject({ url, headers: HTML })
      expect([url, page.statusCode, page.headers.location]).toEqual([url, 404, undefined])
      expect(page.body).toContain('https://andon.example/hall/3/')
      expect(problemIn(await floor.inject({ url }))).toMatchObject({
        code: 'not-found',
        detail: expect.stringContaining('https://andon.example/hall/3/'),
      })
    }
  })

  it('an upgrade reaches whoever takes it without the base', async () => {
    const seen: (string | undefined)[] = []
    floor.app.server.on('upgrade', (incoming, socket) => {
      seen.push(incoming.url)
      socket.destroy()
    })
    await floor.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = floor.app.server.address() as { readonly port: number }
    for (const path of ['/hall/3/sync', '/sync', '/hall/3/sync?x', '/hall/33/sync']) {
      const headers = { connection: 'upgrade', upgrade: 'websocket' }
      await once(request({ port, path, headers, agent: false }).end(), 'error')
    }
    expect(seen).toEqual(['/sync', '/sync', '/sync?x', '/hall/33/sync'])
  })

  it('the cookie is of this floor by name and path', async () => {
    const authorization = `Bearer ${floor.deviceToken(DEVICE)}`
    const signedIn = await floor.inject({
      method: 'POST',
      url: '/hall/3/api/sessions',
      headers: { ...PAGE, authorization },
      payload: { operator: 'kim', pin: '1111' },
    })
    expect(signedIn.statusCode).toBe(200)
    const [cookie] = signedIn.cookies
    expect(cookie).toMatchObject({ name: 'andon-refresh+hall+3', path: '/hall/3/api/sessions', secure: true })
    const { session } = signedIn.json<{ session: string }>()
    const refresh = (name: string) =>
      floor.inject({
        method: 'POST',
        url: '/hall/3/api/sessions/refresh',
        headers: { ...PAGE, authorization, cookie: `${name}=${cookie?.value}` },
        payload: { session },
      })
    expect((await refresh('andon-refresh')).statusCode).toBe(401)
    expect((await refresh('andon-refresh+hall+3')).statusCode).toBe(200)
  })
})

describe('[X21] what a proxy says of the address', () => {
  const FORWARDED = {
    'x-forwarded-host': 'andon.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-prefix': '/hall/3',
    'x-forwarded-port': '443',
    forwarded: 'host=andon.example;proto=https',
  }
  const forget = (to: Floor, headers: Record<string, string>) =>
    to.inject({ method: 'POST', url: '/api/sessions/forget', headers, remoteAddress: '10.0.0.1' })

  it.each([[[]], [['10.0.0.1']]])('is not believed, be it trusted or not: %s', async (trustProxy) => {
    const plain = await openFloor({ trustProxy })
    try {
      // Only its Host and the settings say whose page it is, and where its cookie belongs.
      const foreign = await forget(plain, { ...FORWARDED, host: 'x', origin: 'https://andon.example' })
      expect(problemIn(foreign)).toMatchObject({ code: 'bad-origin' })
      const stranger = await forget(plain, { ...FORWARDED, host: 'evil.example', origin: 'https://evil.example' })
      expect(problemIn(stranger)).toMatchObject({ code: 'bad-host' })
      const own = await forget(plain, { ...FORWARDED, host: 'x', origin: 'http://x' })
      expect(own.headers['set-cookie']).toMatch(/^andon-refresh=;.*Path=\/api\/sessions;/)
      expect(own.headers['set-cookie']).not.toContain('Secure')
      expect((await plain.inject({ url: '/', headers: { ...FORWARDED, ...HTML } })).headers.location).toBeUndefined()
    } finally {
      await plain.close()
    }
  })
})
