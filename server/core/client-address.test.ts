import { describe, expect, it } from 'vitest'
import { clientOf, proxiesOf, type Headers } from './client-address.ts'

const PROXIES = proxiesOf(['127.0.0.1', '10.1.0.0/16', 'fd00::/8'])
const address = (peer: string | undefined, forwarded?: Headers['x-forwarded-for'], proxies = PROXIES): string =>
  clientOf(peer, { 'x-forwarded-for': forwarded }, proxies).address

describe('the address of a client [X5]', () => {
  it('is the peer’s, where nobody was named as a proxy', () => {
    expect(address('192.168.0.9', '10.0.0.1', [])).toBe('192.168.0.9')
    expect(address('127.0.0.1', '10.0.0.1', [])).toBe('127.0.0.1')
  })

  it('is the peer’s, where the peer is not the proxy that was named', () => {
    expect(address('192.168.0.9', '10.0.0.1')).toBe('192.168.0.9')
  })

  it.each<[string, string, Headers['x-forwarded-for'], string]>([
    ['one proxy', '127.0.0.1', '192.168.0.9', '192.168.0.9'],
    ['one proxy that writes ports', '127.0.0.1', '192.168.0.9:51312', '192.168.0.9'],
    ['IPv6 with port', '127.0.0.1', '[2001:db8::9]:51312', '2001:db8:0:0:0:0:0:9'],
    ['two proxies', '127.0.0.1', '192.168.0.9, 10.1.2.3', '192.168.0.9'],
    ['several lines', 'fd00::1', ['192.168.0.9', '10.1.2.3, 10.1.2.4'], '192.168.0.9'],
    ['what the client wrote itself', '127.0.0.1', '1.1.1.1, 192.168.0.9', '192.168.0.9'],
    ['proxies only: the first of them', '127.0.0.1', '10.1.0.1, 10.1.0.2', '10.1.0.1'],
    ['the mapped spelling', '::ffff:127.0.0.1', '::ffff:192.168.0.9', '192.168.0.9'],
  ])('behind %s', (_name, peer, forwarded, expected) => {
    expect(address(peer, forwarded)).toBe(expected)
  })

  it.each(['', 'unknown', '192.168.0.9, unknown', 'evil.example', '1.1.1.1 2.2.2.2'])(
    'is the proxy’s, where what it forwards cannot be read: %j',
    (forwarded) => {
      expect(address('127.0.0.1', forwarded)).toBe('127.0.0.1')
    },
  )

  it('is nobody’s, where the socket is gone', () => {
    expect(address(undefined, '192.168.0.9')).toBe('unknown')
  })

  it('counts for limits by /64 where it is IPv6 [P8]', () => {
    const { source } = clientOf('127.0.0.1', { 'x-forwarded-for': '2001:db8:1:2:3::9' }, PROXIES)
    expect(source).toBe('2001:db8:1:2::/64')
  })
})
