import { describe, expect, it } from 'vitest'
import { answerFor, isOurs, type PageFiles } from './page-files.ts'

const FILES: PageFiles = Object.fromEntries(
  ['/index.html', '/assets/index-abc.js', '/assets/font.woff2'].map((path) => [
    path,
    { sha256: '0'.repeat(64), bytes: 1 },
  ]),
)
const get = (url: string, method = 'GET') => answerFor({ method, url }, FILES)

describe('the pages of the kiosk', () => {
  it('are a closed list: the start page, and what the build put there', () => {
    expect(get('app://kiosk/')).toMatchObject({ status: 200, file: '/index.html' })
    expect(get('app://kiosk/#/line-3/orders')).toMatchObject({ status: 200, file: '/index.html' })
    expect(get('app://kiosk/assets/index-abc.js?x=1')).toMatchObject({ status: 200, file: '/assets/index-abc.js' })
    expect(get('app://kiosk/', 'HEAD')).toMatchObject({ status: 200 })
  })

  it.each([
    'app://kiosk/main.js',
    'app://kiosk/../main.js',
    'app://kiosk/%2e%2e/main.js',
    'app://kiosk/assets/..%2f..%2fmain.js',
    'app://kiosk/assets',
    'app://kiosk//index.html',
    'app://kiosk/INDEX.HTML',
    'app://kiosk/__proto__',
    'app://kiosk/toString',
    'app://other/index.html',
    'http://kiosk/index.html',
    'app://kiosk.evil/index.html',
    'nonsense',
  ])('have nothing at %s', (url) => {
    expect(get(url)).toMatchObject({ status: 404 })
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('take no %s', (method) => {
    expect(get('app://kiosk/', method)).toMatchObject({ status: 405, headers: { Allow: 'GET, HEAD' } })
  })

  it('carry the policy on every answer, refusals included', () => {
    for (const answer of [get('app://kiosk/'), get('app://kiosk/nothing'), get('app://kiosk/', 'POST')]) {
      const policy = answer.headers['Content-Security-Policy'] ?? ''
      for (const part of ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"]) {
        expect(policy.split('; ')).toContain(part)
      }
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
      expect(answer.headers['X-Content-Type-Options']).toBe('nosniff')
    }
  })

  it('keep only what never changes', () => {
    expect(get('app://kiosk/')).toMatchObject({ headers: { 'Cache-Control': 'no-store' } })
    expect(get('app://kiosk/assets/font.woff2')).toMatchObject({
      headers: { 'Cache-Control': 'public, max-age=31536000, immutable', 'Content-Type': 'font/woff2' },
    })
  })

  it.each<[url: string, ours: boolean]>([
    ['app://kiosk/', true],
    ['app://kiosk/index.html#/a', true],
    ['app://kiosk.example/', false],
    ['app://other/', false],
    ['https://kiosk/', false],
    ['https://example/?app://kiosk/', false],
    ['javascript:app://kiosk', false],
    ['', false],
  ])('%s is ours: %s', (url, ours) => {
    expect(isOurs(url)).toBe(ours)
  })
})
