import { BlockList, isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInNetwork, isLoopbackIp, parseIp, parseNetwork, sourceOf, writeIp } from './ip-address.ts'

function ip(text: string) {
  const parsed = parseIp(text)
  if (parsed === null) throw new Error(`${text} is no address`)
  return parsed
}

describe('an address', () => {
  it.each([
    ['10.0.0.7', '10.0.0.7'],
    ['::ffff:10.0.0.7', '10.0.0.7'],
    ['::FFFF:0a00:0007', '10.0.0.7'],
    ['2001:db8::1', '2001:db8:0:0:0:0:0:1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8:0:0:0:0:0:1'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['1::', '1:0:0:0:0:0:0:0'],
  ])('%s is %s', (text, written) => {
    expect(writeIp(ip(text))).toBe(written)
  })

  it.each([
    '',
    ' ',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.1',
    '01.2.3.4',
    '1.2.3.4%eth0',
    ':',
    ':::',
    '1::2::3',
    '1:2',
    'g::1',
  ])('is not %j', (text) => {
    expect(parseIp(text)).toBeNull()
  })

  it('is what Node takes for one, and nothing else', () => {
    const piece = fc.constantFrom(':', '::', '.', '0', '1', 'ffff', '10', '255', '256', 'g', '%e', '1.2.3.4')
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    )
    fc.assert(
      fc.property(text, (candidate) => {
        expect(parseIp(candidate) !== null, candidate).toBe(isIP(candidate) !== 0)
      }),
    )
  })
})

describe('a network', () => {
  it('holds what Node says it holds', () => {
    const bits = (max: number) => fc.integer({ min: 1, max })
    const of4 = fc.record({ family: fc.constant('ipv4' as const), net: fc.ipV4(), ip: fc.ipV4(), bits: bits(32) })
    const of6 = fc.record({ family: fc.constant('ipv6' as const), net: fc.ipV6(), ip: fc.ipV6(), bits: bits(128) })
    fc.assert(
      fc.property(fc.oneof(of4, of6), ({ family, net, ip: candidate, bits: length }) => {
        const list = new BlockList()
        list.addSubnet(net, length, family)
        const network = parseNetwork(`${net}/${length}`)
        if (network === null) throw new Error('no network')
        expect(isInNetwork(ip(candidate), network)).toBe(list.check(candidate, family))
        expect(isInNetwork(ip(net), network)).toBe(true)
      }),
    )
  })

  it.each(['10.0.0.0/0', '::/0', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/x', 'proxy', ''])(
    'is not %j',
    (text) => {
      expect(parseNetwork(text)).toBeNull()
    },
  )
})

it('this machine is 127.0.0.0/8 and ::1, in either spelling', () => {
  for (const text of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) expect(isLoopbackIp(ip(text))).toBe(true)
  for (const text of ['128.0.0.1', '::2', '::', '0.0.0.0', '10.0.0.1']) expect(isLoopbackIp(ip(text))).toBe(false)
})

it('one IPv6 network of 64 bits is one source, one IPv4 address another [P8]', () => {
  expect(sourceOf(ip('2001:db8:1:2:3:4:5:6'))).toBe('2001:db8:1:2::/64')
  expect(sourceOf(ip('2001:db8:1:2::1'))).toBe(sourceOf(ip('2001:db8:1:2:ffff::')))
  expect(sourceOf(ip('2001:db8:1:3::1'))).not.toBe(sourceOf(ip('2001:db8:1:2::1')))
  expect(sourceOf(ip('::ffff:10.0.0.7'))).toBe('10.0.0.7')
})
