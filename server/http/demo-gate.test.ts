import { describe, expect, it } from 'vitest'
import { isLocalRequest } from './demo-gate.ts'

const HERE = '127.0.0.1'

describe('the demonstration floor answers this machine only', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'])(
    'peer %s is this machine',
    (peer) => {
      expect(isLocalRequest(peer, {})).toBe(true)
    },
  )

  it.each(['10.0.0.7', '192.168.1.4', '::ffff:10.0.0.7', 'fe80::1', '0.0.0.0', '::', '', 'localhost', undefined])(
    'peer %s is not',
    (peer) => {
      expect(isLocalRequest(peer, {})).toBe(false)
    },
  )

  it.each([
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-forwarded-for': '127.0.0.1, ::1' },
    { 'x-forwarded-for': ['127.0.0.1', '127.0.0.2:8080'] },
    { forwarded: 'for=127.0.0.1;proto=http' },
    { forwarded: 'for="[::1]:4711"' },
    { forwarded: 'proto=https;by=10.0.0.1' },
    { forwarded: 'by="a;b,c";for=127.0.0.1' },
    { forwarded: 'for=127.0.0.1:4711, ' },
    { 'x-real-ip': '127.0.0.1' },
  ])('a proxy here that forwards for here: %o', (headers) => {
    expect(isLocalRequest(HERE, headers)).toBe(true)
  })

  it.each([
    { 'x-forwarded-for': '10.0.0.7' },
    { 'x-forwarded-for': '127.0.0.1, 10.0.0.7' },
    { 'x-forwarded-for': '10.0.0.7, 127.0.0.1' },
    { 'x-forwarded-for': ['127.0.0.1', '10.0.0.7'] },
    { 'x-forwarded-for': '' },
    { 'x-forwarded-for': 'unknown' },
    { forwarded: 'for=10.0.0.7' },
    { forwarded: 'proto=http; For="[2001:db8::1]:80"' },
    { forwarded: 'for=127.0.0.1, for=10.0.0.7' },
    { forwarded: 'for=_hidden' },
    { forwarded: 'for=' },
    { forwarded: 'for' },
    { forwarded: 'for = 10.0.0.7' },
    { forwarded: 'for="10.0.0.7' },
    { forwarded: 'for="127.0.0.1"10.0.0.7' },
    { forwarded: 'by="\\";for=10.0.0.7' },
    { forwarded: 'for=127.0.0.1;by=";", for=10.0.0.7' },
    { forwarded: ['for=127.0.0.1', 'nonsense'] },
    { forwarded: 'for="127.0.0.1\\" , for="10.0.0.7"' },
    { 'x-real-ip': '10.0.0.7' },
    { 'cf-connecting-ip': '2001:db8::1' },
  ])('a proxy here that forwards for elsewhere, or for nobody it can name: %o', (headers) => {
    expect(isLocalRequest(HERE, headers)).toBe(false)
  })

  it('refuses a stranger’s page whose name was pointed at this machine', () => {
    expect(isLocalRequest(HERE, { origin: 'http://evil.example:7070', host: 'evil.example:7070' })).toBe(false)
    expect(isLocalRequest(HERE, { origin: 'http://localhost:7070', host: 'localhost:7070' })).toBe(true)
    expect(isLocalRequest(HERE, { origin: 'http://[::1]:7070', host: '[::1]:7070' })).toBe(true)
    expect(isLocalRequest(HERE, { origin: 'http://127.0.0.1:7070', host: '127.0.0.1:7070' })).toBe(true)
    expect(isLocalRequest(HERE, { host: 'evil.example' })).toBe(false)
    expect(isLocalRequest(HERE, { host: 'upstream:80' })).toBe(true)
  })
})
