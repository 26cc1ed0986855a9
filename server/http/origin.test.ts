import { describe, expect, it } from 'vitest'
import { parsePublicUrl } from '../core/public-address.ts'
import { originAllowed, type OwnOrigins } from './origin.ts'

const NOTHING: OwnOrigins = { isTls: false, origins: [], publicUrl: null }

function allowed(origin: string | undefined, host: string | undefined, own: Partial<OwnOrigins> = {}): boolean {
  return originAllowed({ origin, host }, { ...NOTHING, ...own })
}

describe('whose pages may use the server [G6]', () => {
  it.each<[string, string | undefined, string | undefined, boolean]>([
    ['a client that is no browser', undefined, '127.0.0.1:7070', true],
    ['its own page', 'http://127.0.0.1:7070', '127.0.0.1:7070', true],
    ['its own page, in other letters', 'HTTP://Andon.Example', 'andon.example', true],
    ['its own page on the default port', 'http://andon.example', 'andon.example:80', true],
    ['a page of another host', 'http://evil.example', '127.0.0.1:7070', false],
    ['a page of another port', 'http://127.0.0.1:8080', '127.0.0.1:7070', false],
    ['a page of another scheme', 'https://127.0.0.1:7070', '127.0.0.1:7070', false],
    ['a page that hides its origin', 'null', '127.0.0.1:7070', false],
    ['a name that only begins like ours', 'http://127.0.0.1:7070.evil.example', '127.0.0.1:7070', false],
    ['a name with ours as user', 'http://127.0.0.1:7070@evil.example', '127.0.0.1:7070', false],
    ['an empty origin', '', '127.0.0.1:7070', false],
    ['an empty host', 'http://', '', false],
    ['its own page on an IPv6 address', 'http://[::1]:7070', '[::1]:7070', true],
    ['the same IPv6 address, written out', 'http://[::1]:7070', '[0:0:0:0:0:0:0:1]:7070', true],
    ['a page of another IPv6 address', 'http://[::2]:7070', '[::1]:7070', false],
    ['no host at all', 'http://127.0.0.1:7070', undefined, false],
  ])('%s', (_name, origin, host, isAllowed) => {
    expect(allowed(origin, host)).toBe(isAllowed)
  })

  it.each([
    [undefined, true],
    ['same-origin', true],
    ['none', true],
    ['same-site', false],
    ['cross-site', false],
  ])('without an origin, where the browser says that the page is %s', (site, isAllowed) => {
    expect(originAllowed({ host: 'andon.example', 'sec-fetch-site': site }, NOTHING)).toBe(isAllowed)
  })

  it('with TLS its own origin is https', () => {
    expect(allowed('https://andon.example', 'andon.example:443', { isTls: true })).toBe(true)
    expect(allowed('http://andon.example', 'andon.example', { isTls: true })).toBe(false)
  })

  it('pages the site named, whatever the host', () => {
    const extra = { origins: ['https://andon.example', 'app://andon'] }
    expect(allowed('https://andon.example', '10.0.0.1:7070', extra)).toBe(true)
    expect(allowed('app://andon', '10.0.0.1:7070', extra)).toBe(true)
    expect(allowed('https://other.example', '10.0.0.1:7070', extra)).toBe(false)
    expect(allowed('null', '10.0.0.1:7070', extra)).toBe(false)
  })

  it('[X21] by its public address it is used in the scheme of that address only, whatever the proxy speaks to it', () => {
    const publicUrl = parsePublicUrl('https://plant.example/andon')
    if (typeof publicUrl === 'string') throw new Error(publicUrl)
    expect(allowed('https://plant.example', 'plant.example', { publicUrl })).toBe(true)
    expect(allowed('https://plant.example', '127.0.0.1:7070', { publicUrl })).toBe(true)
    expect(allowed('http://plant.example', 'plant.example', { publicUrl })).toBe(false)
    expect(allowed('http://plant.example', 'plant.example:443', { publicUrl })).toBe(false)
    expect(allowed('https://other.example', 'plant.example', { publicUrl })).toBe(false)
    // On the machine itself, past the proxy.
    expect(allowed('http://127.0.0.1:7070', '127.0.0.1:7070', { publicUrl })).toBe(true)
  })
})
