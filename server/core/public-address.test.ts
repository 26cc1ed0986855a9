import { describe, expect, it } from 'vitest'
import { belowBase, parsePublicUrl } from './public-address.ts'

describe('[X21] a public address', () => {
  it.each([
    ['https://plant.example/andon', 'https://plant.example', 'plant.example', '/andon'],
    ['https://plant.example/andon/', 'https://plant.example', 'plant.example', '/andon'],
    ['https://Plant.Example:443/', 'https://plant.example', 'plant.example', ''],
    ['http://plant.example:8080', 'http://plant.example:8080', 'plant.example:8080', ''],
    ['https://[2001:db8::1]:7443/hall/3', 'https://[2001:db8::1]:7443', '[2001:db8::1]:7443', '/hall/3'],
    ['https://[2001:0DB8:0::1]/a', 'https://[2001:db8::1]', '[2001:db8::1]', '/a'],
    ['http://127.0.0.1:7070/a~b_c.d-e', 'http://127.0.0.1:7070', '127.0.0.1:7070', '/a~b_c.d-e'],
  ])('%s is taken apart', (text, origin, host, basePath) => {
    expect(parsePublicUrl(text)).toEqual({ origin, host, basePath })
  })

  it.each([
    ['', /like https/],
    ['plant.example', /like https/],
    ['ftp://plant.example', /like https/],
    ['https:plant.example', /like https/],
    ['https:///andon', /like https/],
    ['https://plant.example:99999', /like https/],
    ['https://[::1', /like https/],
    ['javascript:alert(1)', /like https/],
    ['https://kim:1111@plant.example/andon', /name or password/],
    ['https://@plant.example/andon', /name or password/],
    ['https://plant.example/andon?x=1', /query/],
    ['https://plant.example/andon?', /query/],
    ['https://plant.example/andon#top', /fragment/],
    ['https://plant.example/a b', /path/],
    ['https://plant.example/a/../b', /path/],
    ['https://plant.example/./a', /path/],
    ['https://plant.example//a', /path/],
    ['https://plant.example/a//', /path/],
    ['https://plant.example/%61', /path/],
    ['https://plant.example/라인', /path/],
    ['https://plant.example/a;b', /path/],
    ['https://plant.example\\a', /path|like https/],
    ['https://plant.example/api', /\/api/],
    ['https://plant.example/sync/x', /\/sync/],
  ])('%j is refused, in words', (text, says) => {
    expect(parsePublicUrl(text)).toMatch(says)
  })

  it('[X21] what is below the base loses it, and nothing else does', () => {
    expect(belowBase('/andon/api/x?y=/andon/', '/andon')).toBe('/api/x?y=/andon/')
    expect(belowBase('/andon/', '/andon')).toBe('/')
    expect(belowBase('/andon', '/andon')).toBeNull()
    expect(belowBase('/andon?x', '/andon')).toBeNull()
    expect(belowBase('/andonx/api', '/andon')).toBeNull()
    expect(belowBase('/api/x', '/andon')).toBeNull()
    expect(belowBase('/api/x', '')).toBe('/api/x')
  })
})
