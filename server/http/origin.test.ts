import { describe, expect, it } from 'vitest'
import { originAllowed } from './origin.ts'

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
    ['no host at all', 'http://127.0.0.1:7070', undefined, false],
  ])('%s', (_name, origin, host, allowed) => {
    expect(originAllowed(origin, host, false, [])).toBe(allowed)
  })

  it('with TLS its own origin is https', () => {
    expect(originAllowed('https://andon.example', 'andon.example:443', true, [])).toBe(true)
    expect(originAllowed('http://andon.example', 'andon.example', true, [])).toBe(false)
  })

  it('pages the site named, whatever the host', () => {
    const extra = ['https://andon.example', 'app://andon']
    expect(originAllowed('https://andon.example', '10.0.0.1:7070', false, extra)).toBe(true)
    expect(originAllowed('app://andon', '10.0.0.1:7070', false, extra)).toBe(true)
    expect(originAllowed('https://other.example', '10.0.0.1:7070', false, extra)).toBe(false)
    expect(originAllowed('null', '10.0.0.1:7070', false, extra)).toBe(false)
  })
})
