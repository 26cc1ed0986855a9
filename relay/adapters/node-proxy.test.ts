import { afterEach, expect, it, vi } from 'vitest'
import { proxyOfEnvironment } from './node-proxy.ts'

const NAMES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY']

/** The environment says exactly this of proxies. */
function environment(wanted: Readonly<Record<string, string>>): void {
  for (const name of NAMES) {
    vi.stubEnv(name.toLowerCase(), '')
    vi.stubEnv(name, wanted[name] ?? '')
  }
}
afterEach(() => vi.unstubAllEnvs())

const found = (url: string) => {
  const way = proxyOfEnvironment(url)
  return way.ok ? way.proxy : way.sentence
}

it('[R71] the environment names a proxy by the scheme of the server, and leaves out what NO_PROXY names', () => {
  environment({
    HTTPS_PROXY: 'http://a:1',
    HTTP_PROXY: 'http://b:2',
    NO_PROXY: 'near.example,.hall.example,[fd00::1],x:81',
  })
  expect(found('https://andon.example/x')).toBe('http://a:1')
  expect(found('http://andon.example')).toBe('http://b:2')
  expect(found('http://x:80')).toBe('http://b:2')
  expect(found('https://[fd00::2]:7443')).toBe('http://a:1')
  for (const near of [
    'https://near.example',
    'http://andon.hall.example:7070',
    'https://[fd00::1]:7443',
    'http://x:81',
  ])
    expect([near, found(near)]).toEqual([near, null])
  environment({ ALL_PROXY: 'https://c:3' })
  expect(found('https://andon.example')).toBe('https://c:3')
  environment({ HTTPS_PROXY: 'http://a:1', NO_PROXY: '*' })
  expect(found('https://andon.example')).toBeNull()
  environment({})
  expect(found('https://andon.example')).toBeNull()
})

it('[R71] this machine is never reached through one', () => {
  environment({ ALL_PROXY: 'http://a:1' })
  for (const near of [
    'http://localhost:7070',
    'https://andon.localhost',
    'http://127.0.0.1:7070',
    'http://127.1.2.3',
    'http://[::1]:7070',
  ])
    expect([near, found(near)]).toEqual([near, null])
  for (const far of ['http://localhost.example', 'http://127.0.0.1.example', 'http://[::2]'])
    expect([far, found(far)]).toEqual([far, 'http://a:1'])
})

it('[R71] a proxy that is none is said, and no password repeated', () => {
  for (const proxy of ['socks5://kim:1111@10.0.0.1:1080', 'http://', 'ftp://kim:1111@a']) {
    environment({ HTTPS_PROXY: proxy })
    expect(found('https://andon.example/x')).toMatch(
      /^The proxy .* for https:\/\/andon\.example must be an address like/,
    )
    expect(found('https://andon.example')).not.toContain('1111')
  }
})
