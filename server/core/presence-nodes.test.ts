import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChannel, type Channel } from '../../relay/protocol/channels.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { presenceChannel, ROSTER_KEY } from '../../relay/protocol/room-names.ts'
import type { Member, RosterMark } from '../../relay/protocol/presence.ts'
import type { SeatNews } from '../ports/live-nodes.ts'
import type { Leaving, PresentDevice } from './presence-seats.ts'
import { Presence } from './presence.ts'

const LEASE_MS = 35_000
const LINE = room('line-3')
const ORDER = room('line-3', 'order-1')

function room(area: string, id?: string): Channel {
  const channel = parseChannel(presenceChannel(area, id))
  if (channel === null) throw new Error('no channel')
  return channel
}

/** Nodes of one floor and the devices that come and go by them; what is told arrives when `deliver` says so, of each node in order. */
class Floor {
  now = 0
  readonly nodes = new Map<string, Node>()
  readonly #devices = new Map<number, { order: number; at: Node | null; who: PresentDevice }>()

  open(name: string): Node {
    const node = new Node(name, this)
    this.nodes.set(name, node)
    for (const other of this.nodes.values()) {
      other.say(...other.presence.nodes.members(this.now))
      other.deliver()
    }
    return node
  }

  /** By this node, whatever it had before; the others read of it in the store. */
  greet(number: number, node: Node, operator: string | null = null): PresentDevice {
    const before = this.#devices.get(number)
    const order = (before?.order ?? 0) + 1
    const device = `${number}`.padStart(43, 'd') as DeviceId
    const session = operator === null ? null : { id: `of-${operator}` as SessionId, until: Infinity }
    const named = { device, name: `Press ${number}`, link: `${order} at ${node.name}`, order, source: 'here' }
    const who = { ...named, areas: ['line-3'], isAlone: false, operator, session }
    this.#devices.set(number, { order, at: node, who })
    for (const each of this.nodes.values()) each.presence.nodes.greeted(device, order, this.now)
    if (before?.at !== undefined && before.at !== null) this.#left(before, 'lost')
    return who
  }

  track(number: number, channel: Channel, state: 'here' | 'screen-off' | null): void {
    const device = this.#devices.get(number)
    device?.at?.presence.track(device.who, channel, state === null ? null : { state }, this.now)
  }

  leave(number: number, how: Leaving): void {
    const device = this.#devices.get(number)
    if (device?.at === undefined || device.at === null) return
    this.#left(device, how)
    device.at = null
  }

  kill(node: Node): void {
    this.nodes.delete(node.name)
    for (const device of this.#devices.values()) if (device.at === node) device.at = null
    for (const other of this.nodes.values()) other.presence.nodes.lost(node.name, this.now, this.now)
  }

  pass(ms: number): void {
    this.now += ms
    for (const node of this.nodes.values()) node.presence.settle(this.now)
  }

  #left({ at, who }: { readonly at: Node | null; readonly who: PresentDevice }, how: Leaving): void {
    at?.presence.left(who, how, { heardAt: this.now, leaseMs: LEASE_MS, now: this.now })
  }
}

class Node {
  readonly name: string
  readonly presence: Presence
  readonly #floor: Floor
  readonly #told = new Map<string, unknown>()
  #waiting = new Map<string, SeatNews>()

  constructor(name: string, floor: Floor) {
    this.name = name
    this.#floor = floor
    this.presence = new Presence({
      live: {
        put: (channel, { key, value }) => {
          this.#told.set(`${channel} ${key}`, value)
          return true
        },
        forget: (channel, key) => void this.#told.delete(`${channel} ${key}`),
        isRead: () => true,
      },
      wall: () => Date.parse('2026-11-20T06:00:00.000Z') + floor.now,
      iso: (wallMs) => new Date(wallMs).toISOString(),
      areas: ['line-3'],
      startedAt: floor.now - LEASE_MS,
      leaseMs: LEASE_MS,
      share: (news) => this.say(news),
    })
  }

  say(...news: readonly SeatNews[]): void {
    for (const one of news) this.#waiting.set(`${one.channel} ${one.device}`, one)
  }

  /** What it said arrives at the others, or is lost. */
  deliver(isLost = false): void {
    const news = [...this.#waiting.values()]
    this.#waiting = new Map()
    if (isLost) return
    for (const other of this.#floor.nodes.values())
      if (other !== this) other.presence.nodes.heard(this.name, news, this.#floor.now)
  }

  /** It tells of all its members, because somebody hears again. */
  list(): void {
    const began = this.#floor.now
    this.say(...this.presence.nodes.members(began))
    this.deliver()
    for (const other of this.#floor.nodes.values())
      if (other !== this) other.presence.nodes.listed(this.name, began, this.#floor.now)
  }

  member(number: number, channel = LINE): Member | null {
    return (this.#told.get(`${channel.name} ${`${number}`.padStart(43, 'd')}`) ?? null) as Member | null
  }

  get mark(): RosterMark {
    return this.#told.get(`${LINE.name} ${ROSTER_KEY}`) as RosterMark
  }

  /** Who is where, as a reader is told. */
  get roster(): readonly string[] {
    return [...this.#told]
      .filter(([key, value]) => value !== null && !key.endsWith(ROSTER_KEY))
      .map(([key, value]) => {
        const { state, operator } = value as Member
        return `${key} ${state} ${operator ?? ''}`
      })
      .toSorted((a, b) => (a < b ? -1 : 1))
  }
}

function twoNodes() {
  const floor = new Floor()
  const [one, two] = [floor.open('one'), floor.open('two')]
  const deliver = (): void => {
    for (const node of floor.nodes.values()) node.deliver()
  }
  return { floor, one, two, deliver }
}

describe('[U8] [M9] members of several nodes', () => {
  it('are one roster at each, with the person, the state and the time of those at the other', () => {
    const { floor, one, two, deliver } = twoNodes()
    floor.greet(1, one, 'kim')
    floor.track(1, LINE, 'here')
    floor.greet(2, two)
    floor.track(2, LINE, 'screen-off')
    deliver()
    expect(two.member(1)).toEqual(one.member(1))
    expect(one.member(2)).toMatchObject({ name: 'Press 2', state: 'screen-off', operator: null })
    floor.track(1, LINE, null)
    floor.leave(2, 'suspending')
    deliver()
    expect([two.member(1), one.member(2)?.state]).toEqual([null, 'asleep'])
  })

  it.each(['with', 'without'] as const)(
    'a device that went to another node is not silent at the first, %s Redis, and its time is not taken back',
    (redis) => {
      const { floor, one, two, deliver } = twoNodes()
      floor.greet(1, one, 'kim')
      floor.track(1, LINE, 'here')
      deliver()
      expect(one.presence.unkept(0)).toHaveLength(1)
      floor.pass(1_000)
      floor.greet(1, two, 'kim')
      floor.track(1, LINE, 'here')
      if (redis === 'with') deliver()
      floor.pass(2 * LEASE_MS)
      expect(one.member(1)?.state ?? null).toBe(redis === 'with' ? 'here' : null)
      expect(two.member(1)?.state).toBe('here')
      expect(one.presence.unkept(floor.now)).toEqual([])
      expect(two.presence.unkept(floor.now)).toMatchObject([{ isOver: false }])
    },
  )

  it('what an older link says, late or by another node, changes nothing', () => {
    const { floor, one, two, deliver } = twoNodes()
    const older = floor.greet(1, one)
    floor.track(1, LINE, 'here')
    floor.greet(1, two)
    floor.track(1, LINE, 'screen-off')
    two.deliver()
    one.deliver()
    expect(one.presence.track(older, LINE, { state: 'here' }, 0)).toBeNull()
    one.presence.left(older, 'stopping', { heardAt: 0, leaseMs: LEASE_MS, now: 0 })
    one.presence.track(older, LINE, null, 0)
    deliver()
    expect([one.member(1)?.state, two.member(1)?.state]).toEqual(['screen-off', 'screen-off'])
  })

  it('[M10] of a node that is killed are gone when they did not come back by another one within a lease', () => {
    const { floor, one, two, deliver } = twoNodes()
    for (const number of [1, 2]) {
      floor.greet(number, one)
      for (const channel of [LINE, ORDER]) floor.track(number, channel, 'here')
    }
    deliver()
    floor.pass(1_000)
    floor.kill(one)
    floor.pass(10_000)
    floor.greet(1, two)
    floor.track(1, LINE, 'here')
    expect([1, 2].map((number) => two.member(number)?.state)).toEqual(['here', 'here'])
    floor.pass(LEASE_MS)
    expect([1, 2].map((number) => two.member(number)?.state)).toEqual(['here', 'gone'])
    expect([1, 2].map((number) => two.member(number, ORDER))).toEqual([null, null])
    expect(two.member(2)?.since).toBe('2026-11-20T06:00:01.000Z')
  })

  it('[P6] are known to be there for whoever would displace them by a slow retry, for as long as their node is', () => {
    const { floor, one, two, deliver } = twoNodes()
    const { device } = floor.greet(1, one)
    floor.track(1, LINE, 'here')
    deliver()
    expect([one, two].map(({ presence }) => presence.nodes.isThere(device))).toEqual([false, true])
    floor.kill(one)
    expect(two.presence.nodes.isThere(device)).toBe(false)
  })

  it('[M12] are unconfirmed while the other nodes are not heard, and for a lease behind that', () => {
    const { floor, one } = twoNodes()
    floor.pass(1)
    expect(one.mark).toEqual({ confirmed: true })
    one.presence.hearing(false, floor.now)
    floor.pass(2 * LEASE_MS)
    expect(one.mark).toEqual({ confirmed: false })
    one.presence.hearing(true, floor.now)
    floor.pass(LEASE_MS - 1)
    expect(one.mark).toEqual({ confirmed: false })
    floor.pass(1)
    expect(one.mark).toEqual({ confirmed: true })
  })

  it('[P8] a room that is full has no place for members of another node either, and says that to it', () => {
    const { floor, one, two, deliver } = twoNodes()
    for (let number = 0; number < LIMITS.maxMembers + 1; number += 1) {
      floor.greet(number, number % 2 === 0 ? one : two, `person-${number}`)
      floor.track(number, LINE, 'here')
      deliver()
    }
    expect(one.roster).toHaveLength(LIMITS.maxMembers)
    expect(two.roster).toEqual(one.roster)
  })

  const number = fc.nat({ max: 3 })
  const step = fc.oneof(
    fc.record({ do: fc.constant('greet' as const), number, node: fc.nat({ max: 2 }), signed: fc.boolean() }),
    fc.record({
      do: fc.constant('track' as const),
      number,
      isArea: fc.boolean(),
      state: fc.constantFrom('here' as const, 'screen-off' as const, null),
    }),
    fc.record({
      do: fc.constant('leave' as const),
      number,
      how: fc.constantFrom('lost' as const, 'stopping' as const, 'suspending' as const),
    }),
    fc.record({ do: fc.constant('deliver' as const), node: fc.nat({ max: 2 }), isLost: fc.boolean() }),
    fc.record({ do: fc.constant('restart' as const), node: fc.nat({ max: 2 }) }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 1_000, LEASE_MS) }),
  )

  it('are equal at all nodes once they hear each other, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const floor = new Floor()
        const names = ['one', 'two', 'three']
        for (const name of names) floor.open(name)
        const nodeAt = (at: number): Node => floor.nodes.get(names[at] ?? '') ?? floor.open(names[at] ?? '')
        for (const [at, one] of steps.entries()) {
          if (one.do === 'greet') floor.greet(one.number, nodeAt(one.node), one.signed ? 'kim' : null)
          else if (one.do === 'track') floor.track(one.number, one.isArea ? LINE : ORDER, one.state)
          else if (one.do === 'leave') floor.leave(one.number, one.how)
          else if (one.do === 'deliver') nodeAt(one.node).deliver(one.isLost)
          else if (one.do === 'pass') floor.pass(one.ms)
          else {
            floor.kill(nodeAt(one.node))
            names[one.node] = `node ${at}`
            nodeAt(one.node)
          }
        }
        floor.pass(1)
        for (const node of floor.nodes.values()) node.list()
        floor.pass(2 * LEASE_MS)
        for (const node of floor.nodes.values()) node.list()
        floor.pass(2 * LEASE_MS)
        const [first, ...others] = [...floor.nodes.values()].map(({ roster }) => roster)
        for (const other of others) expect(other).toEqual(first)
      }),
      { numRuns: 300 },
    )
  })
})
