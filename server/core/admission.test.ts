import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../relay/testing/seeded-random.ts'
import { ADMISSION, Admission, type AdmissionRules } from './admission.ts'

const RULES: AdmissionRules = {
  silent: { max: 6, maxPerSource: 3, sparedMs: 1_000 },
  strangers: { max: 3, maxPerSource: 2 },
  maxKnown: 2,
  slow: { above: 64, ms: 2_500 },
  perSecond: 100,
  maxDelayMs: 1_000,
}

function open(rules: Partial<AdmissionRules> = {}) {
  const door = new Admission<string>({ ...RULES, ...rules })
  const enter = (member: string, source: string, now = 0, chance = 0) => door.enter(member, source, { now, chance })
  return { door, enter }
}

const IN = { kind: 'in', leaves: null }
const later = (delayMs: number) => ({ kind: 'later', delayMs })

describe('[V7] silent connections', () => {
  it('of one source beyond its bound make room themselves, by chance among those silent for a second', () => {
    const { enter } = open()
    for (const name of ['a1', 'a2', 'a3']) expect(enter(name, 'a')).toEqual(IN)
    expect(enter('b1', 'b', 999)).toEqual(IN)
    expect(enter('a4', 'a', 1_000, 0.5)).toEqual({ kind: 'in', leaves: 'a2' })
    expect(enter('a5', 'a', 1_000, 0.5)).toEqual({ kind: 'in', leaves: 'a3' })
  })

  it('find no room where everybody of their source has just come, and are asked back one after the other', () => {
    const { enter } = open()
    for (const name of ['a1', 'a2', 'a3']) enter(name, 'a')
    expect([enter('a4', 'a', 5), enter('a5', 'a', 5)]).toEqual([later(10), later(20)])
    expect(enter('b1', 'b', 5)).toEqual(IN)
  })

  it('of many sources together make room at the cost of whoever has most, however new', () => {
    const { enter } = open()
    for (const name of ['a1', 'a2', 'a3']) enter(name, 'a')
    for (const name of ['b1', 'b2', 'c1']) enter(name, name.slice(0, 1))
    expect(enter('d1', 'd', 1, 0.9)).toEqual({ kind: 'in', leaves: 'a3' })
    // Nobody has more than b or c would have: the excess is theirs, and all of them have just come.
    expect([enter('b3', 'b', 1), enter('c2', 'c', 1)]).toEqual([later(10), later(10)])
    expect(enter('e1', 'e', 1)).toEqual({ kind: 'in', leaves: 'a1' })
  })

  it('ask nobody to wait longer than the limit, whatever others asked for', () => {
    const { enter } = open({ perSecond: 1, maxDelayMs: 3_000 })
    for (const name of ['a1', 'a2', 'a3']) enter(name, 'a')
    const waits = Array.from({ length: 5 }, (_, index) => enter(`late${index}`, 'a', 0))
    expect(waits).toEqual([later(1_000), later(2_000), later(3_000), later(3_000), later(3_000)])
    for (const name of ['b1', 'b2', 'b3']) enter(name, 'b')
    expect(enter('b4', 'b', 0)).toEqual(later(1_000))
  })
})

describe('[V7] greetings', () => {
  it('of known devices have places of their own, whatever strangers do', () => {
    const { door, enter } = open()
    for (const [name, source] of [
      ['s1', 'a'],
      ['s2', 'a'],
      ['s3', 'b'],
    ] as const) {
      enter(name, source)
      expect(door.hello(name, 'stranger', 0)).toEqual(IN)
    }
    enter('s4', 'c')
    expect(door.hello('s4', 'stranger', 0)).toEqual(later(10))
    enter('k1', 'a')
    expect(door.hello('k1', 'known', 0)).toEqual(IN)
  })

  it('of strangers of one source are bounded, and of known devices in sum', () => {
    const { door, enter } = open()
    for (const name of ['s1', 's2', 's3']) enter(name, 'a')
    expect(['s1', 's2', 's3'].map((name) => door.hello(name, 'stranger', 0))).toEqual([IN, IN, later(10)])
    for (const name of ['k1', 'k2', 'k3']) enter(name, 'b')
    expect(['k1', 'k2', 'k3'].map((name) => door.hello(name, 'known', 0))).toEqual([IN, IN, later(10)])
    door.left('k1', 0)
    enter('k4', 'b')
    expect(door.hello('k4', 'known', 0)).toEqual(IN)
  })

  it('that are over leave nothing behind', () => {
    const { door, enter } = open()
    const names = ['a', 'b', 'c']
    for (const name of names) enter(name, name)
    for (const name of names) door.hello(name, name === 'a' ? 'known' : 'stranger', 0)
    for (const name of names) door.left(name, 0)
    expect([door.silent, door.greeting]).toEqual([0, 0])
  })
})

describe('[V7] greetings of known devices that end slowly', () => {
  const slow = { maxKnown: 100, slow: { above: 4, ms: 1_000 } }
  /** So many are let in at once, and one of them ends every `everyMs`, ten times. */
  function busy(count: number, everyMs: number) {
    const { door, enter } = open({ ...slow, silent: { max: 200, maxPerSource: 200, sparedMs: 1_000 } })
    for (let index = 0; index < count; index += 1) {
      enter(`k${index}`, 'a')
      expect(door.hello(`k${index}`, 'known', 0)).toEqual(IN)
    }
    for (let ended = 1; ended <= 10; ended += 1) door.left(`k${ended}`, ended * everyMs)
    const hello = (name: string, now: number) => {
      enter(name, 'a', now)
      return door.hello(name, 'known', now)
    }
    return { door, hello, now: 10 * everyMs }
  }

  it('let no more in than end in time, and ask the others back at twice that pace', () => {
    // Ten a second, and twenty under way: whoever came now would wait for two seconds.
    const { hello, now } = busy(30, 100)
    expect(['a', 'b', 'c'].map((name) => hello(name, now))).toEqual([later(50), later(100), later(150)])
  })

  it('let everybody in while they end in time, and a few however slow they are', () => {
    const quick = busy(30, 10)
    expect(quick.hello('a', quick.now)).toEqual(IN)
    const few = busy(14, 5_000)
    expect(few.hello('a', few.now)).toEqual(IN)
  })

  it('are as slow as nothing ends, and quick again with the next storm', () => {
    const { door, hello, now } = busy(30, 10)
    expect(hello('a', now + 10_000)).toEqual(later(500))
    for (let index = 0; index < 30; index += 1) door.left(`k${index}`, now + 10_000)
    for (let index = 0; index < 30; index += 1) expect(hello(`again${index}`, now + 20_000)).toEqual(IN)
  })
})

describe('[V7] five hundred devices that return while somebody holds the door', () => {
  /** Milliseconds until each of 500 known devices was greeted; the attacker opens 2,000 sockets, and 200/s again as they go. */
  function simulate(attacker: string): readonly number[] {
    const random = seededRandom(7)
    const door = new Admission<string>(ADMISSION)
    const silentSince = new Map<string, number>()
    const gone = (name: string | null): void => {
      if (name !== null) silentSince.delete(name)
    }
    let made = 0
    const hold = (now: number): void => {
      const name = `x${made++}`
      const answer = door.enter(name, attacker, { now, chance: random.next() })
      if (answer.kind === 'later') return
      gone(answer.leaves)
      silentSince.set(name, now)
    }
    for (let index = 0; index < 2_000; index += 1) hold(-5_000 + index * 2)
    const devices = Array.from({ length: 500 }, (_, index) => ({
      name: `d${index}`,
      due: random.next() * 1_000,
      helloAt: 0,
    }))
    const took: number[] = []
    for (let now = 0; took.length < devices.length && now < 60_000; now += 5) {
      hold(now)
      for (const [name, since] of silentSince) {
        if (now - since < 10_000) continue
        door.left(name, now)
        silentSince.delete(name)
      }
      for (const device of devices) {
        if (device.due > now) continue
        if (device.helloAt === 0) {
          const answer = door.enter(device.name, 'floor', { now, chance: random.next() })
          if (answer.kind === 'later') device.due = now + answer.delayMs
          else {
            gone(answer.leaves)
            device.helloAt = now + 50 + random.next() * 200
          }
        } else if (now >= device.helloAt) {
          const answer = door.hello(device.name, 'known', now)
          expect(answer.kind).toBe('in')
          door.left(device.name, now)
          device.due = Infinity
          took.push(now)
        }
      }
    }
    return took
  }

  it.each([
    ['from elsewhere', 'stranger'],
    ['behind the same address', 'floor'],
  ])('%s are all greeted within two seconds', (_where, attacker) => {
    const took = simulate(attacker)
    expect(took).toHaveLength(500)
    expect(Math.max(...took)).toBeLessThan(2_000)
  })
})
