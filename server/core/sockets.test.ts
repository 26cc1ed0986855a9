import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { KnownDevices } from './known-devices.ts'
import { Sockets } from './sockets.ts'

const IN = { kind: 'in', leaves: null }

describe('[V21] all sockets', () => {
  const open = (max: number) => {
    const sockets = new Sockets<string>(max)
    const enter = (member: string, source: string, now = 0) => sockets.enter(member, source, { now, chance: 0 })
    return { sockets, enter }
  }

  it('are bounded in sum, at the cost of whoever has most', () => {
    const { sockets, enter } = open(3)
    for (const name of ['a1', 'a2', 'b1']) expect(enter(name, name.slice(0, 1))).toEqual(IN)
    expect(enter('c1', 'c')).toEqual({ kind: 'in', leaves: 'a1' })
    expect(enter('c2', 'c')).toEqual({ kind: 'full' })
    expect(enter('c3', 'c', 1_000)).toEqual({ kind: 'in', leaves: 'c1' })
    expect(sockets.size).toBe(3)
  })

  it('of known devices are never cut off for others, and count', () => {
    const { sockets, enter } = open(2)
    for (const name of ['d1', 'd2']) enter(name, 'a')
    for (const name of ['d1', 'd2']) sockets.belongsToDevice(name)
    expect(enter('x', 'b', 60_000)).toEqual({ kind: 'full' })
    sockets.left('d1')
    expect(enter('x', 'b', 60_000)).toEqual(IN)
    expect(enter('y', 'c', 60_000)).toEqual({ kind: 'full' })
  })

  it('that are gone already become nobody’s', () => {
    const { sockets, enter } = open(2)
    enter('a', 'a')
    sockets.left('a')
    sockets.belongsToDevice('a')
    expect(sockets.size).toBe(0)
  })
})

describe('[V7] [P8] known devices', () => {
  it('are those last seen and those used since, and bounded', () => {
    const [first, second, third] = ['1', '2', '3'] as DeviceId[] as [DeviceId, DeviceId, DeviceId]
    const known = new KnownDevices([first, second], 2)
    known.used(third)
    expect([first, second, third].map((id) => known.has(id))).toEqual([true, false, true])
    known.used(first)
    known.used(second)
    expect([first, second, third].map((id) => known.has(id))).toEqual([true, true, false])
  })
})
