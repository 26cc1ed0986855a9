import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelName, parseChannel, type Channel } from '../../relay/protocol/channels.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { presenceChannel, ROSTER_KEY } from '../../relay/protocol/room-names.ts'
import type { Headcount, Member } from '../../relay/protocol/presence.ts'
import { filledBy } from '../testing/live-fill.ts'
import { LiveHub, type LivePut } from './live.ts'
import type { PresentDevice, SilentDevice } from './presence-seats.ts'
import { Presence } from './presence.ts'

const LEASE_MS = 35_000
const LINE = room('line-3')
const ORDER = room('line-3', 'order-1')

function room(area: string, id?: string): Channel {
  const channel = parseChannel(presenceChannel(area, id))
  if (channel === null) throw new Error('no channel')
  return channel
}

function device(number: number, more: Partial<PresentDevice> = {}): PresentDevice {
  const id = `${number}`.padStart(43, 'd') as DeviceId
  const name = `Press ${number}`
  const alone = { areas: ['line-3'], isAlone: false, operator: null, session: null }
  return { device: id, link: 'first', order: 1, name, source: 'here', ...alone, ...more }
}

/** A floor whose readers have every value as it was told last, and a list of what was told when. */
function floor({ startedAt = -LEASE_MS } = {}) {
  const told = new Map<string, unknown>()
  const log: string[] = []
  const clock = { now: 0, wallAhead: 0 }
  const places = { isFull: false }
  const presence = new Presence({
    live: {
      put: (channel, { key, value }: LivePut) => {
        if (places.isFull) return false
        told.set(`${channel} ${key}`, value)
        log.push(`${channel} ${key}`)
        return true
      },
      forget: (channel, key) => void told.delete(`${channel} ${key}`),
      isRead: () => true,
    },
    wall: () => Date.parse('2026-11-20T06:00:00.000Z') + clock.now + clock.wallAhead,
    iso: (wallMs) => new Date(wallMs).toISOString(),
    areas: ['line-3'],
    startedAt,
    leaseMs: LEASE_MS,
  })
  presence.settle(0)
  log.length = 0
  const at = (ms: number): void => {
    clock.now = ms
    presence.settle(ms)
  }
  return {
    presence,
    log,
    at,
    places,
    /** Somebody sets the wall clock; nothing else happens. */
    setWall: (byMs: number) => void (clock.wallAhead += byMs),
    track: (who: PresentDevice, channel = LINE, state: 'here' | 'screen-off' = 'here') =>
      presence.track(who, channel, { state }, clock.now),
    leave: (who: PresentDevice, channel = LINE) => presence.track(who, channel, null, clock.now),
    lost: (who: PresentDevice) => presence.left(who, 'lost', { heardAt: clock.now, leaseMs: LEASE_MS, now: clock.now }),
    member: (who: PresentDevice, channel = LINE) =>
      told.get(`${channel.name} ${who.device}`) as Member | null | undefined,
    mark: () => told.get(`${LINE.name} ${ROSTER_KEY}`),
    headcount: () => told.get(`${channelName('headcount', 'line-3')} ${ROSTER_KEY}`) as Headcount,
  }
}

describe('who is where', () => {
  it('[M9] says who is in a room since when, and of the same again nothing', () => {
    const { track, member, log, at } = floor()
    const kim = device(1, { operator: 'kim' })
    at(1_000)
    expect(track(kim)).toBeNull()
    expect(member(kim)).toEqual({
      name: 'Press 1',
      operator: 'kim',
      state: 'here',
      since: '2026-11-20T06:00:01.000Z',
    })
    at(9_000)
    log.length = 0
    track(kim)
    expect(log).toEqual([])
    track(kim, LINE, 'screen-off')
    expect(member(kim)).toMatchObject({ state: 'screen-off', since: '2026-11-20T06:00:01.000Z' })
  })

  it('[M9] believes a device how long it has been there', () => {
    const { presence, member } = floor()
    presence.track(device(1), LINE, { state: 'here', agoMs: 60_000 }, 0)
    expect(member(device(1))?.since).toBe('2026-11-20T05:59:00.000Z')
  })

  it('[M9] since when is of the person: anew with another one, and of whoever was there all the time as before', () => {
    const { presence, track, at, member, log } = floor()
    const kim = device(1, { operator: 'kim' })
    const becomes = (operator: string | null, now: number) => {
      at(now)
      presence.personChanged({ ...kim, operator }, () => true, now)
    }
    const since = () => [member(kim)?.operator, member(kim)?.since.slice(14, 19)]
    track(kim)
    becomes('lee', 60_000)
    expect(since()).toEqual(['lee', '01:00'])
    at(60_500)
    log.length = 0
    presence.track({ ...kim, operator: 'lee' }, LINE, { state: 'here', agoMs: 0 }, 60_500)
    expect([since(), log]).toEqual([['lee', '01:00'], []])
    // Their token ran out for a minute.
    becomes(null, 120_000)
    becomes('lee', 180_000)
    expect(since()).toEqual(['lee', '03:00'])
    presence.track({ ...kim, operator: 'lee' }, LINE, { state: 'here', agoMs: 120_000 }, 180_000)
    expect(since()).toEqual(['lee', '01:00'])
    // Heard of on another connection, and only there with the next person.
    at(240_000)
    presence.track({ ...kim, link: 'second', operator: 'cho' }, LINE, { state: 'here', agoMs: 10_000 }, 240_000)
    expect(since()).toEqual(['cho', '03:50'])
  })

  it('[M10] [Y9] tells nobody of a connection that is lost and comes back within the lease', () => {
    const { track, lost, log, at, member } = floor()
    track(device(1, { operator: 'kim' }))
    at(1_000)
    lost(device(1))
    log.length = 0
    at(LEASE_MS + 999)
    track(device(1, { operator: 'kim', link: 'second' }))
    // What the old connection still says is of another one.
    lost(device(1))
    at(3 * LEASE_MS)
    expect(log).toEqual([])
    expect(member(device(1))).toMatchObject({ state: 'here', since: '2026-11-20T06:00:00.000Z' })
  })

  it.each([5, -5, 48, -48])('[M10] [P7] a wall clock that is set by %i h during a lease moves none of it', (hours) => {
    const { track, lost, log, at, setWall, member, mark } = floor({ startedAt: 0 })
    const [stays, goes] = [device(1, { operator: 'kim' }), device(2, { operator: 'lee' })]
    track(stays)
    track(goes)
    at(1_000)
    lost(stays)
    lost(goes)
    log.length = 0
    setWall(hours * 3_600_000)
    // Neither confirmed nor gone before the time, nobody new after it: by the clock that nobody sets.
    at(LEASE_MS - 1)
    expect([log, mark()]).toEqual([[], { confirmed: false }])
    at(LEASE_MS)
    expect(mark()).toEqual({ confirmed: true })
    at(LEASE_MS + 999)
    track(stays)
    log.length = 0
    setWall(-2 * hours * 3_600_000)
    at(LEASE_MS + 1_000)
    expect([member(stays)?.state, member(goes)?.state]).toEqual(['here', 'gone'])
    expect(log.filter((entry) => entry.includes(stays.device))).toEqual([])
    setWall(hours * 3_600_000)
    at(LEASE_MS + 999 + LIMITS.absentMs)
    expect(member(goes)?.state).toBe('gone')
    at(LEASE_MS + 1_000 + LIMITS.absentMs)
    expect([member(stays)?.state, member(goes)]).toEqual(['here', null])
  })

  it('[M10] is gone when the lease is over, since it was last heard; and from a room in the area it has left', () => {
    const { track, lost, at, member } = floor()
    const kim = device(1, { operator: 'kim' })
    track(kim)
    track(kim, ORDER)
    at(5_000)
    lost(kim)
    at(5_000 + LEASE_MS)
    expect(member(kim)).toEqual({ name: 'Press 1', operator: null, state: 'gone', since: '2026-11-20T06:00:05.000Z' })
    expect(member(kim, ORDER)).toBeNull()
    at(5_000 + LEASE_MS + LIMITS.absentMs)
    expect(member(kim)).toBeNull()
  })

  it('[M10] [P5] says since when nothing was heard of it before it is gone, connected or not, until it is heard again', () => {
    const { presence, track, at, member, log } = floor()
    const [dies, hangs, stays] = [device(1, { operator: 'kim' }), device(2), device(3)]
    const heard = (who: PresentDevice, now: number) => presence.heard(who, LEASE_MS, now)
    const all = [dies, hangs, stays]
    for (const who of all) track(who)
    let now = 0
    // A heartbeat each ten seconds, and settled four times a second.
    const until = (end: number, beating: readonly PresentDevice[]) => {
      for (; now < end; now += 250) {
        at(now)
        if (now % 10_000 === 0) for (const who of beating) heard(who, now)
      }
      at(now)
    }
    until(20_250, all)
    log.length = 0
    presence.left(dies, 'lost', { heardAt: 20_000, leaseMs: LEASE_MS, now: 20_500 })
    until(34_750, [stays])
    expect(log).toEqual([])
    until(35_000, [stays])
    expect(all.map((who) => member(who)?.stale)).toEqual([
      '2026-11-20T06:00:20.000Z',
      '2026-11-20T06:00:20.000Z',
      undefined,
    ])
    expect(member(dies)).toMatchObject({ operator: 'kim', state: 'here', since: '2026-11-20T06:00:00.000Z' })
    until(36_000, [stays])
    heard(hangs, 36_000)
    track({ ...dies, link: 'second' })
    heard({ ...dies, link: 'second' }, 36_000)
    expect(all.map((who) => member(who)?.stale)).toEqual([undefined, undefined, undefined])
    presence.left(hangs, 'lost', { heardAt: 36_000, leaseMs: LEASE_MS, now: 36_000 })
    until(36_000 + LEASE_MS, [stays, { ...dies, link: 'second' }])
    expect(member(hangs)).toEqual({ name: 'Press 2', operator: null, state: 'gone', since: '2026-11-20T06:00:36.000Z' })
    expect(member(stays)?.stale).toBeUndefined()
  })

  it('[M10] [P5] a member that rests is late by its own heartbeat, and nobody is where the server stood still', () => {
    const { presence, track, at, member } = floor()
    const [rests, kim] = [device(1), device(2)]
    for (const who of [rests, kim]) track(who)
    presence.heard(rests, 3 * LEASE_MS, 0)
    presence.heard(kim, LEASE_MS, 0)
    // For 20 s it came to nothing.
    at(250)
    at(20_000)
    expect([member(kim)?.stale, member(rests)?.stale]).toEqual([undefined, undefined])
    for (let now = 20_250; now < 35_000; now += 250) at(now)
    expect(member(kim)?.stale).toBeUndefined()
    at(35_000)
    expect([member(kim)?.stale, member(rests)?.stale]).toEqual(['2026-11-20T06:00:00.000Z', undefined])
  })

  it('[M10] is gone or asleep at once where the device says so, and what follows of that connection changes nothing', () => {
    const { presence, track, at, member, lost } = floor()
    for (const number of [1, 2]) track(device(number, { operator: 'lee' }))
    const leaving = { heardAt: 0, leaseMs: LEASE_MS, now: 0 }
    presence.left(device(1), 'stopping', leaving)
    presence.left(device(2), 'suspending', leaving)
    lost(device(1))
    lost(device(2))
    at(LEASE_MS)
    expect(member(device(1))).toMatchObject({ state: 'gone', operator: null })
    expect(member(device(2))).toMatchObject({ state: 'asleep', operator: 'lee' })
    track(device(2, { operator: 'lee', link: 'second' }))
    expect(member(device(2))).toMatchObject({ state: 'here' })
  })

  it('[M9] has left where it says so, and where the next person may not be', () => {
    const { presence, track, leave, member } = floor()
    const kim = device(1, { operator: 'kim' })
    track(kim)
    track(kim, ORDER)
    presence.personChanged({ ...kim, operator: null }, (channel) => channel === LINE.name, 0)
    expect([member(kim)?.operator, member(kim, ORDER)]).toEqual([null, null])
    leave(kim)
    expect(member(kim)).toBeNull()
    expect(presence.counts()).toMatchObject({ rooms: 2, members: 0 })
  })

  it.each(['ended', 'over'])(
    '[M10] [P9] nobody is named by a session that is %s, also where the device is asleep or lost',
    (how) => {
      const { presence, track, lost, at, member, headcount } = floor()
      const session = { id: 'session-of-kim' as SessionId, until: how === 'over' ? 10_000 : Infinity }
      const [asleep, away, here] = [1, 2, 3].map((number) => device(number, { operator: 'kim', session }))
      const [visitor, lee] = [device(4, { operator: 'kim', session, areas: [] }), device(5, { operator: 'lee' })]
      if (asleep === undefined || away === undefined || here === undefined) throw new Error('no device')
      for (const who of [asleep, away, here, visitor, lee]) track(who)
      track(here, ORDER)
      for (const who of [asleep, visitor]) presence.left(who, 'suspending', { heardAt: 0, leaseMs: LEASE_MS, now: 0 })
      lost(away)
      at(9_999)
      expect([asleep, away, here, visitor].map((who) => member(who)?.operator)).toEqual(['kim', 'kim', 'kim', 'kim'])
      expect([...presence.sessionsOf('kim')]).toEqual([session.id])
      at(10_000)
      if (how === 'ended') presence.sessionsEnded([session.id], 10_000)
      at(10_250)
      expect([asleep, away, here].map((who) => [member(who)?.operator, member(who)?.state])).toEqual([
        [null, 'asleep'],
        [null, 'here'],
        [null, 'here'],
      ])
      // Since it was last heard, and since nobody is signed in.
      expect([asleep, here].map((who) => member(who)?.since.slice(17, 19))).toEqual(['00', '10'])
      // What only the person might be in, they have left.
      expect([member(visitor), member(here, ORDER), member(lee)?.operator]).toEqual([null, null, 'lee'])
      expect(headcount().people).toBe(1)
      expect(presence.sessionsOf('kim').size).toBe(0)
    },
  )

  it('[M10] [P5] a reader that was full for minutes is told that somebody has left, and one that begins is not', () => {
    const hub = new LiveHub<string>({
      encode: ({ key, value }) => `${key} ${value === null ? 'left' : 'is there'}`,
      join: (frames) => frames.join(', '),
      schedule: () => {},
    })
    const presence = new Presence({
      live: hub,
      wall: () => 0,
      iso: () => '',
      areas: ['line-3'],
      startedAt: -LEASE_MS,
      leaseMs: LEASE_MS,
    })
    presence.settle(0)
    const got: string[] = []
    const state = { isFull: false }
    const deliver = (joined: string) =>
      void got.push(...joined.split(', ').filter((frame) => !frame.startsWith('roster')))
    hub.attach(LINE.name, { group: null, maxHz: 10, deliver, isFull: () => state.isFull }, 0)
    presence.track(device(1), LINE, { state: 'here' }, 0)
    hub.flush(10, 0, 100)
    state.isFull = true
    presence.track(device(1), LINE, null, 1_000)
    for (let second = 1; second <= 300; second += 1) {
      presence.settle(second * 1_000)
      hub.sweep(second * 1_000)
      hub.flush(10, second * 1_000, 100)
    }
    state.isFull = false
    hub.flush(10, 301_000, 100)
    const { device: id } = device(1)
    expect(got).toEqual([`${id} is there`, `${id} left`])
    const begins = filledBy(
      hub.attach(LINE.name, { group: 1, maxHz: 10, deliver, isFull: () => false }, 302_000),
      302_000,
    )
    expect(begins).toEqual(['roster is there'])
  })

  it('[M12] counts each person once, whatever devices they have, and devices by what they are', () => {
    const { track, lost, at, headcount } = floor()
    for (const number of [1, 2]) track(device(number, { operator: 'kim' }))
    track(device(3, { operator: 'lee' }), LINE, 'screen-off')
    track(device(4))
    lost(device(4))
    at(LEASE_MS)
    const devices = { here: 2, 'screen-off': 1, asleep: 0, gone: 1 }
    expect(headcount()).toEqual({ confirmed: true, people: 2, devices })
  })

  it('[M12] is unconfirmed for one lease after the start', () => {
    const { at, mark, headcount } = floor({ startedAt: 0 })
    expect([mark(), headcount().confirmed]).toEqual([{ confirmed: false }, false])
    at(LEASE_MS - 1)
    expect(mark()).toEqual({ confirmed: false })
    at(LEASE_MS)
    expect([mark(), headcount().confirmed]).toEqual([{ confirmed: true }, true])
  })

  it('[M9] [P8] a member whose value finds no place is told as soon as there is one', () => {
    const { track, member, at, places } = floor()
    places.isFull = true
    expect(track(device(1))).toBeNull()
    at(250)
    expect(member(device(1))).toBeUndefined()
    places.isFull = false
    at(500)
    expect(member(device(1))).toMatchObject({ state: 'here' })
  })

  it('[M12] a room below an area that nobody is in says so as well to whoever reads it, and is over with its last reader', () => {
    const hub = new LiveHub<string>({
      encode: ({ key, value }) => `${key} ${JSON.stringify(value)}`,
      join: (frames) => frames.join(),
      schedule: () => {},
    })
    const presence = new Presence({
      live: hub,
      wall: () => 0,
      iso: () => '',
      areas: ['line-3'],
      startedAt: 0,
      leaseMs: LEASE_MS,
    })
    const got: string[] = []
    const reader = { group: null, maxHz: 10, deliver: (joined: string) => void got.push(joined), isFull: () => false }
    presence.read(ORDER, 0)
    expect(filledBy(hub.attach(ORDER.name, reader, 0), 0)).toEqual(['roster {"confirmed":false}'])
    presence.track(device(1, { operator: 'kim' }), ORDER, { state: 'here' }, 0)
    presence.track(device(1), ORDER, null, 0)
    presence.settle(LEASE_MS)
    hub.flush(10, LEASE_MS, 10)
    expect(got).toEqual([`${device(1).device} null,roster {"confirmed":true}`])
    hub.detach(ORDER.name, reader)
    presence.settle(LEASE_MS)
    expect([presence.counts().rooms, hub.attach(ORDER.name, reader, LEASE_MS).size]).toEqual([1, 0])
  })

  it.each([true, false])(
    '[M9] [P8] everybody is told who comes after thousands went through a room below an area (one reads it all the time: %s)',
    (isRead) => {
      const hub = new LiveHub<string>({ encode: ({ key }) => key, join: (frames) => frames.join(), schedule: () => {} })
      const options = { wall: () => 0, iso: () => '', areas: ['line-3'], startedAt: 0, leaseMs: LEASE_MS }
      const presence = new Presence({ live: hub, ...options })
      const reader = { group: null, maxHz: 10, deliver: () => {}, isFull: () => false }
      presence.settle(LEASE_MS)
      presence.read(ORDER, 0)
      hub.attach(ORDER.name, reader, 0)
      if (!isRead) hub.detach(ORDER.name, reader)
      for (let number = 0; number < 2 * LIMITS.maxLiveKeys; number += 1) {
        presence.track(device(number, { operator: 'kim' }), ORDER, { state: 'here' }, LEASE_MS)
        presence.track(device(number), ORDER, null, LEASE_MS)
      }
      const last = device(0, { operator: 'lee' })
      presence.track(last, ORDER, { state: 'here' }, LEASE_MS)
      expect(filledBy(hub.attach(ORDER.name, { ...reader }, LEASE_MS), LEASE_MS)).toContain(last.device)
    },
  )

  it('[P8] a device is in so many rooms, and the next is refused until it has left one', () => {
    const { track, leave } = floor()
    const rooms = Array.from({ length: LIMITS.maxRooms + 1 }, (_, index) => room('line-3', `order-${index}`))
    expect(rooms.map((one) => track(device(1), one)).at(-1)).toBe('too-many-rooms')
    leave(device(1), rooms[0])
    expect(track(device(1), rooms.at(-1))).toBeNull()
  })

  it('[P8] [Y9] places of a connection that is over are none of the sixteen of the next one', () => {
    const { track, lost, member } = floor()
    const rooms = Array.from({ length: 2 * LIMITS.maxRooms }, (_, index) => room('line-3', `order-${index}`))
    for (const one of rooms.slice(0, LIMITS.maxRooms)) track(device(1), one)
    lost(device(1))
    const again = device(1, { link: 'second' })
    for (const one of rooms.slice(LIMITS.maxRooms)) expect(track(again, one)).toBeNull()
    expect(rooms.map((one) => member(again, one)?.state ?? null)).toEqual(
      rooms.map((_, index) => (index < LIMITS.maxRooms ? null : 'here')),
    )
    expect(track(again, LINE)).toBe('too-many-rooms')
  })

  it('[Y9] strangers have places of their own, per address and in sum, and people find one in a full room', () => {
    const { presence, track } = floor()
    const stranger = (number: number) => device(number, { isAlone: true, source: `from-${number % 8}` })
    let taken = 0
    for (let number = 0; number < 1_000; number += 1) if (track(stranger(number)) === null) taken += 1
    expect(taken).toBe(LIMITS.maxMembersAlone)
    expect(track(device(5_000, { isAlone: true, source: 'from-9' }))).toBe('room-full')
    for (let number = 1_000; number < 1_000 + LIMITS.maxMembers; number += 1)
      expect(track(device(number, { operator: `person-${number % 20}` }))).toBeNull()
    expect(presence.counts()).toMatchObject({ members: LIMITS.maxMembers, evicted: LIMITS.maxMembersAlone })
    expect(track(device(9_998))).toBe('room-full')
  })

  it('[Y9] [P8] one person has an eighth of a room, on however many devices, and costs nobody else a place', () => {
    const { presence, track, lost, at, member } = floor()
    const others = [1, 2, 3].map((number) => device(number, { operator: `person-${number}` }))
    for (const who of [...others, device(4), device(5)]) track(who)
    presence.left(device(5), 'stopping', { heardAt: 0, leaseMs: LEASE_MS, now: 0 })
    const kim = (number: number) => device(number, { operator: 'kim', source: `from-${number}` })
    const answers = Array.from({ length: 2 * LIMITS.maxMembers }, (_, number) => track(kim(1_000 + number)))
    expect(answers.filter((answer) => answer === null)).toHaveLength(LIMITS.maxMembers / 8)
    expect(answers.at(-1)).toBe('room-full')
    expect([...others, device(4), device(5)].map((who) => member(who)?.state)).toEqual([
      ...Array<string>(4).fill('here'),
      'gone',
    ])
    // Those of their own that are gone make room for the next, and push nobody else out of what is named.
    for (let round = 0; round < 4; round += 1)
      for (let number = 0; number < LIMITS.maxMembers / 8; number += 1) {
        lost(kim(10_000 * round + 1_000 + number))
        at((round + 1) * LEASE_MS)
        track(kim(10_000 * (round + 1) + 1_000 + number))
      }
    expect(member(device(5))?.state).toBe('gone')
    expect(presence.counts().members).toBe(LIMITS.maxMembers / 8 + others.length + 2)
  })

  it('[M9] [P8] readers are told for how many who are there a room has no place, until they go or find one', () => {
    const { track, lost, leave, at, mark, headcount, member } = floor()
    const most = LIMITS.maxMembers / 8
    const kim = (number: number) => device(number, { operator: 'kim' })
    for (let number = 0; number < most + 4; number += 1) track(kim(number))
    track(kim(most))
    at(250)
    expect([mark(), headcount().more]).toEqual([{ confirmed: true, more: 4 }, 4])
    lost(kim(most))
    lost(kim(most + 1))
    // Of an older connection.
    lost(device(most + 2, { link: 'before' }))
    leave(kim(most + 2))
    at(500)
    expect([mark(), headcount().more]).toEqual([{ confirmed: true, more: 1 }, 1])
    leave(kim(0))
    expect([track(kim(most + 3)), member(kim(most + 3))?.state]).toEqual([null, 'here'])
    at(750)
    expect([mark(), headcount().more]).toEqual([{ confirmed: true }, undefined])
  })

  it('[M9] [P8] one that has to make room while it is there is counted among those without a place', () => {
    const { presence, track, at, mark } = floor()
    for (let number = 0; number < LIMITS.maxMembers; number += 1)
      track(device(1_000 + number, { operator: `person-${number % 9}` }))
    expect(track(device(1, { operator: 'lee' }))).toBeNull()
    at(250)
    expect([presence.counts().evicted, mark()]).toEqual([1, { confirmed: true, more: 1 }])
    for (let number = 0; number < 2 * LIMITS.maxMembers; number += 1) track(device(10_000 + number))
    at(500)
    expect(mark()).toEqual({ confirmed: true, more: LIMITS.maxMembers })
  })

  it('[Y9] [P8] one person has no more than that by signing in on devices that are there already', () => {
    const { presence, track, lost, at, member, mark } = floor()
    const most = LIMITS.maxMembers / 8
    const alone = (number: number) => device(number, { source: `from-${number}` })
    const all = Array.from({ length: most + 10 }, (_, number) => alone(number))
    for (const who of all) track(who)
    for (const who of all) presence.personChanged({ ...who, operator: 'kim' }, () => true, 0)
    const isOn = () => all.filter((who) => member(who)?.operator === 'kim').length
    at(250)
    expect([isOn(), mark()]).toEqual([most, { confirmed: true, more: 10 }])
    // Nor by coming back on another connection, nor where somebody else was.
    const other = alone(5_000)
    track({ ...other, operator: 'lee' })
    expect(track({ ...other, operator: 'kim', link: 'second' })).toBe('room-full')
    expect(member(other)).toBeNull()
    // One of theirs that is gone makes room.
    lost(device(0))
    at(2 * LEASE_MS)
    track(other)
    presence.personChanged({ ...other, operator: 'kim' }, () => true, 2 * LEASE_MS)
    expect([member(other)?.operator, member(device(0))]).toEqual(['kim', null])
    // Whoever signs out keeps the place, as a device with nobody.
    presence.personChanged({ ...other, operator: null }, () => true, 2 * LEASE_MS)
    expect(member(other)).toMatchObject({ operator: null, state: 'here' })
  })

  it('[Y9] [P8] devices that nobody is signed in on have half of a room from one address, and people find one in a full room', () => {
    const { track, member, presence } = floor()
    const from = (source: string, first: number) =>
      Array.from({ length: LIMITS.maxMembers }, (_, number) => track(device(first + number, { source })))
    expect(from('from-1', 10_000).filter((answer) => answer === null)).toHaveLength(LIMITS.maxMembers / 2)
    expect(from('from-2', 20_000).filter((answer) => answer === null)).toHaveLength(LIMITS.maxMembers / 2)
    // Whoever has most makes room for another address, and for a person.
    const [terminal, lee] = [device(1, { source: 'from-3' }), device(2, { operator: 'lee', source: 'from-1' })]
    expect([track(terminal), track(lee)]).toEqual([null, null])
    expect([member(terminal)?.state, member(lee)?.state]).toEqual(['here', 'here'])
    expect(presence.counts()).toMatchObject({ members: LIMITS.maxMembers, evicted: 2 })
  })

  it('[Y9] [P8] in a room full of people one of whoever is there most often makes room for another person', () => {
    const { track, member } = floor()
    for (let number = 0; number < LIMITS.maxMembers; number += 1)
      track(device(1_000 + number, { operator: number < 100 ? 'kim' : `person-${number % 20}` }))
    expect(track(device(1, { operator: 'lee' }))).toBeNull()
    expect(member(device(1_000))).toBeNull()
    expect(track(device(2))).toBe('room-full')
  })

  it('[Y9] [P8] devices of one address that go push no terminal of another out of those that are named', () => {
    const { presence, track, member } = floor()
    const leaving = { heardAt: 0, leaseMs: LEASE_MS, now: 0 }
    const go = (who: PresentDevice): void => {
      track(who)
      presence.left(who, 'stopping', leaving)
    }
    for (const number of [1, 2, 3]) go(device(number, { source: `from-${number}` }))
    for (let number = 0; number < 2 * LIMITS.maxAbsent; number += 1) go(device(1_000 + number, { source: 'loud' }))
    expect([1, 2, 3].map((number) => member(device(number))?.state)).toEqual(['gone', 'gone', 'gone'])
    expect(presence.counts().absent).toBe(LIMITS.maxAbsent)
  })

  describe('when devices were last heard', () => {
    const wall = (ms: number): string => new Date(Date.parse('2026-11-20T06:00:00.000Z') + ms).toISOString()
    const silent = (number: number, agoMs: number, isAlone = false): SilentDevice => {
      const { device: id, name, areas } = device(number)
      return { device: { id, name, areas, status: 'active' }, isAlone, heardWall: Date.parse(wall(-agoMs)) }
    }
    const MINUTE = 60_000

    it('[M12] [Y9] is given out to be kept when they come, when they go and each few minutes, and never by heartbeat', () => {
      const { presence, track, leave, lost, at } = floor()
      const rows = (all?: 'all') =>
        presence
          .unkept(clockOf.now, all)
          .map(({ device: id, area, at: time, isOver }) => [
            Number(id.slice(-2).replace('d', '')),
            area,
            isOver ? null : time.slice(14, 19),
          ])
      const clockOf = { now: 0 }
      const to = (ms: number) => at((clockOf.now = ms))
      track(device(1, { operator: 'kim' }))
      track(device(1, { operator: 'kim' }), ORDER)
      expect(rows()).toEqual([[1, 'line-3', '00:00']])
      to(4 * MINUTE)
      track(device(2))
      for (let word = 0; word < 9; word += 1) track(device(1), LINE, word % 2 === 0 ? 'screen-off' : 'here')
      expect(rows()).toEqual([[2, 'line-3', '04:00']])
      to(5 * MINUTE)
      expect(rows()).toEqual([[1, 'line-3', '05:00']])
      lost(device(2))
      to(6 * MINUTE)
      expect(rows()).toEqual([[2, 'line-3', '05:00']])
      expect(rows('all')).toEqual([[1, 'line-3', '06:00']])
      to(20 * MINUTE)
      expect(rows()).toEqual([[1, 'line-3', '20:00']])
      // Back again, and away as it says itself; one that came and left meanwhile is nothing.
      track(device(2, { link: 'second' }))
      track(device(3))
      for (const number of [2, 3]) leave(device(number))
      expect([rows(), rows()]).toEqual([[[2, 'line-3', null]], []])
    })

    it('[M12] who was there before the start and has not come back is silent since then, for a week from then', () => {
      const { presence, track, at, member, headcount } = floor({ startedAt: 0 })
      track(device(1, { operator: 'kim' }))
      at(LEASE_MS)
      expect(presence.hasHadTime(LEASE_MS)).toBe(true)
      presence.restore('line-3', [silent(2, 60 * MINUTE), silent(1, MINUTE), silent(3, -MINUTE)], LEASE_MS)
      at(LEASE_MS)
      expect(member(device(2))).toEqual({ name: 'Press 2', operator: null, state: 'gone', since: wall(-60 * MINUTE) })
      expect([member(device(1))?.state, member(device(3))?.state]).toEqual(['here', 'gone'])
      expect(headcount().devices).toEqual({ here: 1, 'screen-off': 0, asleep: 0, gone: 2 })
      // It is kept as it is, until it is named no more.
      expect(presence.unkept(LEASE_MS).map(({ device: id }) => id)).toEqual([device(1).device])
      at(LIMITS.absentMs - 60 * MINUTE + 2)
      expect(member(device(2))).toBeNull()
      expect(presence.unkept(LIMITS.absentMs)).toContainEqual(
        expect.objectContaining({ device: device(2).device, isOver: true }),
      )
      track(device(3))
      expect(member(device(3))?.state).toBe('here')
    })

    it('[M12] a terminal that shows another line is kept as heard on its own, and missed there when it is gone', () => {
      const { presence, track, leave, lost, at, member, headcount } = floor()
      const other = room('line-4')
      const kim = device(1, { operator: 'kim' })
      const rows = (now: number) =>
        presence.unkept(now).map(({ area, at: time, isOver }) => [area, isOver ? null : time])
      presence.read(other, 0)
      track(kim)
      expect(rows(0)).toEqual([['line-3', wall(0)]])
      at(MINUTE)
      leave(kim)
      track(kim, other)
      expect(rows(MINUTE)).toEqual([
        ['line-3', wall(MINUTE)],
        ['line-4', wall(MINUTE)],
      ])
      expect(member(kim)).toBeNull()
      at(7 * MINUTE)
      expect(rows(7 * MINUTE)).toEqual([
        ['line-4', wall(7 * MINUTE)],
        ['line-3', wall(7 * MINUTE)],
      ])
      lost(kim)
      at(8 * MINUTE)
      for (const line of [LINE, other])
        expect(member(kim, line)).toMatchObject({ state: 'gone', operator: null, since: wall(7 * MINUTE) })
      expect(headcount().devices.gone).toBe(1)
      // Back, and on the other line again: it is missed nowhere.
      track({ ...kim, link: 'second' }, other)
      at(9 * MINUTE)
      expect([member(kim), member(kim, other)?.state]).toEqual([null, 'here'])
      expect(rows(9 * MINUTE)).toContainEqual(['line-3', wall(9 * MINUTE)])
      // Its places are the person's while they are on it, and nobody's of this line after.
      presence.left({ ...kim, link: 'second' }, 'suspending', { heardAt: 9 * MINUTE, leaseMs: 1, now: 9 * MINUTE })
      expect([member(kim)?.operator, member(kim, other)?.operator]).toEqual([null, 'kim'])
    })

    it('[M12] one that is in another room by then has left', () => {
      const { presence, track, member } = floor()
      track(device(1), room('line-4'))
      presence.restore('line-3', [silent(1, MINUTE)], 0)
      expect(member(device(1))).toBeNull()
      expect(presence.unkept(0)).toContainEqual({
        device: device(1).device,
        area: 'line-3',
        isAlone: false,
        isOver: false,
        at: expect.any(String) as string,
      })
      presence.restore('line-9', [silent(2, MINUTE)], 0)
    })

    it('[M12] [P8] of many the last ones are named, strangers first of those who are not, and nobody who is there goes', () => {
      const { presence, track, member } = floor()
      track(device(1))
      const many = Array.from({ length: 2 * LIMITS.maxAbsent }, (_, index) =>
        silent(100 + index, (1_000 - index) * MINUTE, index % 2 === 0),
      )
      presence.restore('line-3', many, 0)
      expect(presence.counts()).toMatchObject({ members: LIMITS.maxAbsent + 1, absent: LIMITS.maxAbsent })
      expect([100, 101, 101 + LIMITS.maxAbsent].map((number) => member(device(number))?.state ?? null)).toEqual([
        null,
        'gone',
        'gone',
      ])
      expect(member(device(1))?.state).toBe('here')
    })
  })

  it('[P8] names so many that are gone, the last ones', () => {
    const { track, lost, at, member, presence } = floor()
    for (let number = 0; number <= LIMITS.maxAbsent; number += 1) {
      track(device(number))
      lost(device(number))
    }
    at(LEASE_MS)
    expect(presence.counts().absent).toBe(LIMITS.maxAbsent)
    expect([member(device(0)), member(device(1))?.state]).toEqual([null, 'gone'])
  })

  it('[Y9] a stranger finds the place of one of its address that is gone, and never that of a terminal', () => {
    const { presence, track, at, member } = floor()
    const stranger = (number: number) => device(number, { isAlone: true, source: 'from-1' })
    const leaving = { heardAt: 0, leaseMs: LEASE_MS, now: 0 }
    track(device(1))
    presence.left(device(1), 'stopping', leaving)
    for (let number = 100; number < 100 + 2 * LIMITS.maxMembersAlonePerSource; number += 1) {
      expect(track(stranger(number)), `number ${number}`).toBeNull()
      presence.left(stranger(number), 'stopping', leaving)
    }
    at(1_000)
    expect(member(device(1))?.state).toBe('gone')
    expect(presence.counts()).toMatchObject({ members: LIMITS.maxMembersAlonePerSource + 1 })
  })

  it('[Y9] of those who are gone strangers make room first, whoever comes and whoever goes', () => {
    const { presence, track, member } = floor()
    const stranger = device(1_000, { isAlone: true, source: 'from-1' })
    const leaving = { heardAt: 0, leaseMs: LEASE_MS, now: 0 }
    for (let number = 0; number < LIMITS.maxAbsent; number += 1) {
      track(device(number))
      presence.left(device(number), 'stopping', leaving)
    }
    track(stranger)
    presence.left(stranger, 'stopping', leaving)
    expect([member(device(0))?.state, member(stranger)]).toEqual(['gone', null])
  })

  it('[M10] a device that is here in another room by then has left, and is neither gone nor asleep', () => {
    const { presence, track, lost, at, member } = floor()
    const [here, other] = [LINE, room('line-4')]
    const [kim, lee] = [device(1), device(2)]
    for (const who of [kim, lee]) track(who, here)
    lost(kim)
    presence.left(lee, 'suspending', { heardAt: 0, leaseMs: LEASE_MS, now: 0 })
    for (const who of [kim, lee]) track({ ...who, link: 'second' }, other)
    at(LEASE_MS)
    expect([member(kim, here), member(lee, here)]).toEqual([null, null])
    expect([member(kim, other)?.state, member(lee, other)?.state]).toEqual(['here', 'here'])
  })

  it('[M10] ends, however devices come, go, sleep and change people and the wall clock jumps, with whoever is there, and with nobody else', () => {
    const step = fc.tuple(
      fc.constantFrom('connect', 'lose', 'stop', 'sleep', 'person', 'leave', 'wait', 'clock'),
      fc.nat(3),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const { presence, track, leave, member, at, setWall, headcount } = floor()
        const devices = [0, 1, 2, 3].map((number) => ({
          number,
          links: 0,
          isUp: false,
          isIn: false,
          operator: null as string | null,
          ended: 'gone',
        }))
        let now = 0
        const whoIs = ({ number, links, operator }: (typeof devices)[number]) =>
          device(number, { link: `link-${links}`, operator })
        for (const [what, which] of steps) {
          const one = devices[which]
          if (one === undefined) continue
          if (what === 'wait') at((now += 10_000))
          else if (what === 'clock') setWall((which - 1.5) * 7_200_000)
          else if (what === 'connect') {
            const old = whoIs(one)
            one.links += 1
            track(whoIs(one))
            // The old connection of a device ends after the new one is there.
            presence.left(old, 'lost', { heardAt: now, leaseMs: LEASE_MS, now })
            Object.assign(one, { isUp: true, isIn: true })
          } else if (!one.isUp) continue
          else if (what === 'person') {
            one.operator = one.operator === null ? 'kim' : null
            presence.personChanged(whoIs(one), () => true, now)
          } else if (what === 'leave') {
            leave(whoIs(one))
            one.isIn = false
          } else {
            const how = { stop: 'stopping', sleep: 'suspending', lose: 'lost' } as const
            presence.left(whoIs(one), how[what], { heardAt: now, leaseMs: LEASE_MS, now })
            Object.assign(one, { isUp: false, ended: what === 'sleep' ? 'asleep' : 'gone' })
          }
        }
        at(now + LEASE_MS)
        for (const one of devices) {
          const seen = member(whoIs(one)) ?? null
          if (one.isUp && one.isIn) expect(seen).toMatchObject({ state: 'here', operator: one.operator })
          else expect(seen?.state ?? null).toBe(one.isIn ? one.ended : null)
        }
        // A person on several devices is one.
        const there = devices.filter(({ isUp, isIn }) => isUp && isIn)
        const people = new Set(there.flatMap(({ operator }) => operator ?? []))
        expect(headcount()).toMatchObject({ people: people.size, devices: { here: there.length } })
      }),
    )
  })
})
