import type { NetworkInterfaceInfo } from 'node:os'
import { beforeEach, describe, expect, it } from 'vitest'
import type { NetworkHints } from '../ports.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { allHints, nodeHints } from './node-hints.ts'

type Hint = Parameters<Parameters<NetworkHints['listen']>[0]>[0]

const LOOPBACK = info('127.0.0.1', { internal: true })
const ETHERNET = info('10.0.0.7')

let clock: VirtualClock
let found: Record<string, NetworkInterfaceInfo[]>
let heard: Hint[]
let release: () => void

beforeEach(() => {
  clock = new VirtualClock()
  found = { lo: [LOOPBACK], eth0: [ETHERNET, info('fe80::1', { family: 'IPv6' })] }
  heard = []
  release = nodeHints({ clock, interfaces: () => found }).listen((hint) => heard.push(hint))
})

describe('the network hints of Node', () => {
  it('say nothing while the addresses stay', async () => {
    await clock.advance(60_000)
    expect(heard).toEqual([])
  })

  it('[R6] say online for every other set of addresses, and offline when none is left', async () => {
    found = { ...found, wlan0: [info('192.168.1.5')] }
    await clock.advance(2_000)
    expect(heard).toEqual(['online'])
    found = { lo: [LOOPBACK], eth0: [info('fe80::1', { family: 'IPv6' })] }
    await clock.advance(2_000)
    expect(heard).toEqual(['online', 'offline'])
    found = { lo: [LOOPBACK], eth0: [ETHERNET] }
    await clock.advance(2_000)
    expect(heard).toEqual(['online', 'offline', 'online'])
  })

  it('take no notice of a new temporary address in the same IPv6 network', async () => {
    found = { eth0: [info('2001:db8:1:2:aaaa:bbbb:cccc:dddd', { family: 'IPv6' })] }
    await clock.advance(2_000)
    found = { eth0: [info('2001:db8:1:2:1111:2222:3333:4444', { family: 'IPv6' })] }
    await clock.advance(2_000)
    expect(heard).toEqual(['online'])
  })

  it('end with the release', async () => {
    release()
    found = {}
    await clock.advance(10_000)
    expect(heard).toEqual([])
  })

  it('come from several sources as from one', () => {
    const sources = [source(), source()]
    const all: Hint[] = []
    const releaseAll = allHints(...sources).listen((hint) => all.push(hint))
    sources[0]?.say('woke')
    sources[1]?.say('online')
    releaseAll()
    sources[1]?.say('offline')
    expect(all).toEqual(['woke', 'online'])
  })
})

function info(
  address: string,
  { internal = false, family = 'IPv4' }: { internal?: boolean; family?: 'IPv4' | 'IPv6' } = {},
): NetworkInterfaceInfo {
  const rest = { address, internal, netmask: '', mac: '', cidr: null }
  return family === 'IPv6' ? { ...rest, family, scopeid: 0 } : { ...rest, family }
}

function source(): NetworkHints & { say(hint: Hint): void } {
  const listeners = new Set<(hint: Hint) => void>()
  return {
    listen(hinted) {
      listeners.add(hinted)
      return () => listeners.delete(hinted)
    },
    say: (hint) => listeners.forEach((listener) => listener(hint)),
  }
}
