import { expect, it } from 'vitest'
import { proxyIn } from './system-proxy.ts'

it.each([
  ['DIRECT', null],
  ['PROXY 10.0.0.1:3128', 'http://10.0.0.1:3128'],
  ['PROXY [fd00::1]:3128; DIRECT', 'http://[fd00::1]:3128'],
  ['HTTPS proxy.plant.example:443;PROXY 10.0.0.1:3128', 'https://proxy.plant.example:443'],
  ['SOCKS5 10.0.0.2:1080; PROXY 10.0.0.1:3128; DIRECT', 'http://10.0.0.1:3128'],
  ['SOCKS5 10.0.0.2:1080; DIRECT', null],
  ['SOCKS5 10.0.0.2:1080', undefined],
  ['PROXY ', undefined],
  ['', undefined],
])('[R71] the system says %j', (answer, proxy) => {
  expect(proxyIn(answer)).toEqual(proxy === undefined ? { ok: false } : { ok: true, proxy })
})
