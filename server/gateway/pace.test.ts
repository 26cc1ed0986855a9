import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { Pace } from './pace.ts'

const LATHE = 'l'.repeat(43) as DeviceId
const PRESS = 'p'.repeat(43) as DeviceId

function takeAll(pace: Pace, device: DeviceId, author: string | null, count: number): number[] {
  return Array.from({ length: count }, () => pace.take(device, author, 0))
}

describe('pace', () => {
  it('[V8] one person on two devices is limited together, and nobody else with them', () => {
    const pace = new Pace({ device: { perSecond: 10, burst: 100 }, author: { perSecond: 2, burst: 10 } })
    expect(takeAll(pace, LATHE, 'kim', 6)).toEqual([0, 0, 0, 0, 0, 0])
    expect(takeAll(pace, PRESS, 'kim', 4)).toEqual([0, 0, 0, 0])
    expect(pace.take(PRESS, 'kim', 0)).toBe(500)
    expect(pace.take(LATHE, 'kim', 0)).toBe(500)
    expect(pace.take(PRESS, 'lee', 0)).toBe(0)
    expect(pace.take(PRESS, null, 0)).toBe(0)
    expect(pace.take(LATHE, 'kim', 500)).toBe(0)
  })

  it('[V8] a device is limited whoever sends from it', () => {
    const pace = new Pace({ device: { perSecond: 4, burst: 3 }, author: { perSecond: 10, burst: 10 } })
    expect([pace.take(LATHE, 'kim', 0), pace.take(LATHE, 'lee', 0), pace.take(LATHE, null, 0)]).toEqual([0, 0, 0])
    expect(pace.take(LATHE, 'park', 0)).toBe(250)
    expect(pace.take(PRESS, 'park', 0)).toBe(0)
  })
})
