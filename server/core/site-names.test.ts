import { describe, expect, it } from 'vitest'
import { isSiteName, parseName, type SiteNames } from './site-names.ts'

const NAMES: SiteNames = {
  named: new Set(['andon.example', 'andon', '203.0.113.9']),
  hasAddress: (address) => address === '192.168.1.10' || address === 'fd00:0:0:0:0:0:0:10',
  isCertified: (name) => name === 'wall.example',
}

describe('a request is meant for this server [G8]', () => {
  it.each([
    undefined,
    'localhost',
    'localhost:7070',
    'kiosk.localhost:7070',
    '127.0.0.1:7070',
    '127.8.0.1',
    '[::1]:7070',
    'andon.example',
    'ANDON.Example:7070',
    'andon.example.:7070',
    'andon:7070',
    '192.168.1.10',
    '192.168.1.10:7070',
    '[fd00::10]:7070',
    '[::ffff:192.168.1.10]',
    '203.0.113.9',
    'wall.example',
  ])('by the name %s', (host) => {
    expect(isSiteName(host, NAMES)).toBe(true)
  })

  it.each([
    'evil.example',
    'evil.example:7070',
    'andon.example.evil.example',
    'evil.example/andon.example',
    'xandon.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '192.168.1.11',
    '[fd00::11]:7070',
    '10.1',
    '0x7f000001',
    '',
    ':7070',
    '[::1',
    'andon.example@evil.example',
  ])('not by the name %j', (host) => {
    expect(isSiteName(host, NAMES)).toBe(false)
  })
})

it('a name of the site is a name or an address, without scheme, port or path', () => {
  expect(['Andon.Example', 'andon', 'line_3.example', '10.0.0.1', '[FD00::1]'].map(parseName)).toEqual([
    'andon.example',
    'andon',
    'line_3.example',
    '10.0.0.1',
    'fd00:0:0:0:0:0:0:1',
  ])
  for (const text of [
    '',
    'https://andon.example',
    'andon.example/x',
    'andon.example:7070',
    '[::1]:7070',
    '*.example',
    'a b',
    '-a',
    'a..b',
    'x'.repeat(64),
  ])
    expect(parseName(text), text).toBeNull()
})
