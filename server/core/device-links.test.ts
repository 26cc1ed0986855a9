import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { DeviceLinks } from './device-links.ts'

const [KIOSK, STRANGER] = ['kiosk', 'stranger'] as DeviceId[] as [DeviceId, DeviceId]

describe('a device token is of one greeting [A8]', () => {
  it('and ends with the next one, whenever the older connection goes', () => {
    const links = new DeviceLinks()
    expect(links.isLast(KIOSK, 'one')).toBe(false)
    links.welcomed(KIOSK, 'one')
    expect(links.isLast(KIOSK, 'one')).toBe(true)
    links.welcomed(KIOSK, 'two')
    links.left(KIOSK, 'one')
    expect(links.isLast(KIOSK, 'one')).toBe(false)
    expect(links.isLast(KIOSK, 'two')).toBe(true)
  })

  it('but not with its connection: a refresh may be on its way', () => {
    const links = new DeviceLinks()
    links.welcomed(KIOSK, 'one')
    links.left(KIOSK, 'one')
    expect(links.isLast(KIOSK, 'one')).toBe(true)
  })

  it('of whoever is away a bounded number is remembered, and whoever is here always [P8]', () => {
    const links = new DeviceLinks()
    links.welcomed(KIOSK, 'one')
    links.welcomed(STRANGER, 'first')
    links.left(STRANGER, 'first')
    for (let count = 0; count < 10_000; count += 1) {
      const device = `stranger ${count}` as DeviceId
      links.welcomed(device, 'x')
      links.left(device, 'x')
    }
    expect(links.away).toBe(10_000)
    expect(links.isLast(STRANGER, 'first')).toBe(false)
    expect(links.isLast(KIOSK, 'one')).toBe(true)
  })
})
