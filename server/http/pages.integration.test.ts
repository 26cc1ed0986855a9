import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { openFloor, problemIn, type Floor } from '../testing/http-floor.ts'

const staticRoot = mkdtempSync(join(tmpdir(), 'andon-pages-'))
mkdirSync(join(staticRoot, 'assets'))
writeFileSync(join(staticRoot, 'index.html'), '<!doctype html><title>Andon</title>')
writeFileSync(join(staticRoot, 'sw.js'), '// worker')
writeFileSync(join(staticRoot, '.secret'), 'hidden')
writeFileSync(join(staticRoot, 'assets/index-B3x_9-Aq.js'), '// app')
afterAll(() => rmSync(staticRoot, { recursive: true, force: true }))

let floor: Floor
afterEach(() => floor.close())
const HTML = { accept: 'text/html,application/xhtml+xml' }

describe('the web UI', () => {
  it('hashed files are kept for ever, everything else is asked for again', async () => {
    floor = await openFloor({}, () => ({ staticRoot }))
    expect((await floor.inject({ url: '/assets/index-B3x_9-Aq.js' })).headers['cache-control']).toBe(
      'public, max-age=31536000, immutable',
    )
    expect((await floor.inject({ url: '/sw.js' })).headers['cache-control']).toBe('no-cache')
    const index = await floor.inject({ url: '/' })
    expect(index.body).toContain('<title>Andon</title>')
    expect(index.headers['cache-control']).toBe('no-cache')
  })

  it('a link into the app leads to the app; a missing file and the API do not, and the socket asks for its upgrade', async () => {
    floor = await openFloor({}, () => ({ staticRoot }))
    for (const url of ['/lines', '/lines/line-3?tab=orders', '/lines/3/']) {
      const link = await floor.inject({ url, headers: HTML })
      expect(link.statusCode).toBe(302)
      expect(new URL(String(link.headers.location), `http://x${url}`).pathname).toBe('/')
    }
    for (const url of ['/assets/gone-00000000.js', '/api/nothing', '/.well-known/nothing']) {
      expect(problemIn(await floor.inject({ url, headers: HTML }))).toMatchObject({ status: 404, code: 'not-found' })
    }
    expect(problemIn(await floor.inject({ url: '/sync', headers: HTML }))).toMatchObject({
      status: 426,
      code: 'upgrade-missing',
    })
    expect(problemIn(await floor.inject({ url: '/lines/line-3' }))).toMatchObject({ status: 404 })
    expect(problemIn(await floor.inject({ method: 'POST', url: '/lines/line-3', headers: HTML }))).toMatchObject({
      status: 404,
    })
  })

  it('nothing outside its folder and nothing hidden in it is served', async () => {
    floor = await openFloor({}, () => ({ staticRoot }))
    for (const url of ['/.secret', '/../../etc/passwd', '/..%2f..%2fetc%2fpasswd', '/assets/..%5c..%5cx']) {
      expect(['not-found', 'bad-request']).toContain(problemIn(await floor.inject({ url })).code)
    }
  })

  it('not built yet, says how', async () => {
    for (const root of [null, join(staticRoot, 'assets')]) {
      floor = await openFloor({}, () => ({ staticRoot: root }))
      const page = await floor.inject({ url: '/', headers: HTML })
      expect(page.statusCode).toBe(200)
      expect(page.body).toContain('node build/run.mjs build')
      if (root === null) await floor.close()
    }
  })
})

describe('security headers', () => {
  it('are on every answer', async () => {
    floor = await openFloor({}, () => ({ staticRoot }))
    for (const url of ['/', '/nothing', '/healthz', '/api/alerts']) {
      const { headers } = await floor.inject({ url })
      expect(String(headers['content-security-policy']).split(';')).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "require-trusted-types-for 'script'",
        'trusted-types kiosk',
      ])
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
      })
      expect(headers['permissions-policy']).toContain('microphone=()')
      expect(headers['permissions-policy']).toContain('camera=(self)')
      expect(headers['strict-transport-security']).toBeUndefined()
      expect(headers['x-powered-by']).toBeUndefined()
    }
  })

  it('answers of the API are kept by nobody', async () => {
    floor = await openFloor()
    expect((await floor.call('GET', '/api/alerts')).headers['cache-control']).toBe('no-store')
  })
})
