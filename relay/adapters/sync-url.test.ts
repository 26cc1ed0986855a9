import { describe, expect, it } from 'vitest'
import { apiUrl, closable, syncUrl, wayUrl } from './sync-url.ts'

describe('the addresses of a server', () => {
  it.each([
    ['http://127.0.0.1:7070', 'ws://127.0.0.1:7070/sync'],
    ['https://andon.example', 'wss://andon.example/sync'],
    ['https://example.org/floor/', 'wss://example.org/floor/sync'],
    ['http://kim:1111@[::1]:80/?token=x#y', 'ws://[::1]/sync'],
  ])('leads from %s to %s', (base, address) => {
    expect(syncUrl(base)).toBe(address)
  })

  it('names the node that it has to come to', () => {
    expect(syncUrl('https://example.org/floor', 'one')).toBe('wss://example.org/floor/sync?near=one')
    expect(wayUrl('https://example.org', '/sync/poll', 'a&b')).toBe('https://example.org/sync/poll?near=a%26b')
  })

  it.each(['', 'floor', 'ws://host', 'ftp://host', 'http://'])('does not exist for %j', (base) => {
    expect(syncUrl(base)).toBeNull()
    expect(apiUrl(base, 'sessions')).toBeNull()
  })

  it('has its API below the same base', () => {
    expect(apiUrl('https://example.org/floor', 'sessions/refresh')).toBe(
      'https://example.org/floor/api/sessions/refresh',
    )
  })
})

describe('closing', () => {
  it('keeps the codes a program may send and turns others into a normal close', () => {
    expect([1000, 3000, 4403, 4999].map((code) => closable(code, '').code)).toEqual([1000, 3000, 4403, 4999])
    expect([0, 1001, 1005, 1006, 2999, 5000].map((code) => closable(code, '').code)).toEqual(Array(6).fill(1000))
  })

  it('cuts a reason to 123 bytes and never inside a character', () => {
    expect(closable(1000, 'x'.repeat(123)).reason).toHaveLength(123)
    expect(closable(1000, 'x'.repeat(500)).reason).toHaveLength(123)
    const { reason } = closable(1000, '가'.repeat(100))
    expect(reason).toBe('가'.repeat(41))
  })
})
