// Which way a relay takes, and what people are told of it; the ladder by itself is `core/link/ladder.test.ts`.
import { describe, expect, it } from 'vitest'
import { WAYS } from './protocol/ways.ts'
import { Floor, type FloorOptions } from './testing/floor.ts'
import { settle } from './testing/virtual-clock.ts'

const everyWay = (options: FloorOptions = {}) => new Floor({ ways: WAYS, ...options })
const ways = (floor: Floor) => floor.sockets.wires.map(({ way }) => way)
const told = (floor: Floor) => {
  const { state, way, wayReason } = floor.seen('status').at(-1)?.status ?? {}
  return [state, way, wayReason]
}

async function started(floor: Floor): Promise<Floor> {
  await floor.relay.start()
  await settle()
  return floor
}

/** Lets the pause pass, until the next attempt. */
async function nextAttempt(floor: Floor): Promise<void> {
  const { length } = floor.sockets.wires
  while (floor.sockets.wires.length === length) await floor.clock.advance(100)
}

/** Live by polling: a WebSocket is blocked, and a stream is held back. */
async function polling(floor: Floor = everyWay()): Promise<Floor> {
  await started(floor)
  floor.wire.refuse('upgrade-missing')
  floor.wire.refuse('upgrade-missing')
  floor.wire.open()
  await floor.clock.advance(2_000)
  await floor.connect()
  return floor
}

describe('[R56] the way of a relay', () => {
  it('is the WebSocket', async () => {
    const floor = await everyWay().live()
    expect(told(floor)).toEqual(['live', 'ws', null])
  })

  it('is the next one where the WebSocket opens and nothing comes within two seconds', async () => {
    const floor = await started(everyWay())
    floor.wire.open()
    await floor.clock.advance(1_999)
    expect(ways(floor)).toEqual(['ws'])
    await floor.clock.advance(1)
    expect(ways(floor)).toEqual(['ws', 'stream'])
    await floor.connect()
    expect(told(floor)).toEqual(['live', 'stream', 'way-silent'])
  })

  it('is the next one at once where something answers in place of the server, twice', async () => {
    const floor = await polling()
    expect(ways(floor)).toEqual(['ws', 'ws', 'stream', 'poll'])
    expect(told(floor)).toEqual(['live', 'poll', 'upgrade-missing'])
    const blocked = floor.seen('status').filter(({ status }) => status.code === 'upgrade-missing')
    expect(new Set(blocked.map(({ status }) => status.forSite)), 'what does not pass by itself').toEqual(
      new Set([true]),
    )
  })

  it('is the next one where links are cut again and again, though they answered', async () => {
    const floor = await everyWay().live()
    for (let period = 0; period < 2; period += 1) {
      for (let beat = 0; beat < 10; beat += 1) {
        await floor.clock.advance(10_000)
        await floor.serve()
      }
      floor.wire.cut()
      if (floor.wire.way === 'ws') await nextAttempt(floor)
      await floor.connect()
    }
    expect(ways(floor)).toEqual(['ws', 'ws', 'stream'])
    expect(told(floor)).toEqual(['live', 'stream', 'way-cut'])
  })

  it('is the next one where links fall silent again and again', async () => {
    const floor = await everyWay().live()
    for (let minute = 0; minute < 3 && floor.wire.way === 'ws'; minute += 1) {
      for (let beat = 0; beat < 3; beat += 1) {
        await floor.clock.advance(10_000)
        await floor.serve()
      }
      await floor.clock.advance(31_000)
      floor.server.accept(floor.wire)
      await floor.serve()
    }
    expect(told(floor)).toEqual(['live', 'stream', 'way-cut'])
  })

  it('[R57] stays where nobody answers, and where the server says no', async () => {
    const floor = await started(everyWay())
    for (let attempt = 0; attempt < 5; attempt += 1) {
      floor.wire.cut()
      await nextAttempt(floor)
    }
    floor.wire.refuse('bad-origin')
    await nextAttempt(floor)
    floor.wire.open()
    floor.wire.send({ t: 'error', code: 'device-revoked', message: 'No.' })
    floor.wire.close(4403)
    await nextAttempt(floor)
    expect(new Set(ways(floor))).toEqual(new Set(['ws']))
  })

  it('is what is chosen in the settings, however it fails', async () => {
    const floor = await started(everyWay({ ways: ['stream'] }))
    floor.wire.refuse('foreign-answer')
    await nextAttempt(floor)
    floor.wire.refuse('foreign-answer')
    await nextAttempt(floor)
    await floor.connect()
    expect(ways(floor)).toEqual(['stream', 'stream', 'stream'])
    expect(told(floor)).toEqual(['live', 'stream', 'pinned'])
  })
})

describe('[R58] what worked in a network', () => {
  it('is taken first after a restart, and in another network the best', async () => {
    const floor = await polling()
    const again = floor.again()
    await started(again)
    expect(ways(again)).toEqual(['poll'])
    again.network = 'home'
    again.hint('online')
    await settle()
    expect(ways(again)).toEqual(['poll', 'ws'])
    again.network = 'plant'
    again.hint('woke')
    await settle()
    expect(ways(again)).toEqual(['poll', 'ws', 'poll'])
  })
})

describe('[R60] a device that nobody looks at', () => {
  const paces = (floor: Floor) => floor.sent('ping').map(({ everyMs }) => everyMs)

  /** Nobody looks from its first proof on, until it has pinged so often. */
  async function unwatched(floor: Floor, pings: number): Promise<Floor> {
    await floor.live()
    floor.hint('unwatched')
    while (paces(floor).length < pings) {
      await floor.clock.advance(10_000)
      await floor.serve()
    }
    return floor
  }

  it('pings less often and says so, until somebody looks', async () => {
    const floor = await unwatched(everyWay(), 4)
    expect(floor.clock.monotonic()).toBe(70_000)
    expect(paces(floor)).toEqual([undefined, 30_000, 30_000, 30_000])
    floor.hint('watched')
    await floor.serve()
    expect(paces(floor).slice(4)).toEqual([undefined])
    expect(told(floor)).toEqual(['live', 'ws', null])
    expect(floor.sockets.wires).toHaveLength(1)
  })

  it('pings as ever where the server does not know of a pace', async () => {
    const floor = everyWay()
    floor.server.takes = ['newest', 'ways']
    await unwatched(floor, 4)
    expect(floor.clock.monotonic()).toBe(30_000)
    expect(paces(floor)).toEqual([undefined, undefined, undefined, undefined])
  })

  it('keeps its way where such a link is cut, and pings as ever until somebody has looked', async () => {
    const floor = await unwatched(everyWay(), 2)
    for (let times = 0; times < 4; times += 1) {
      await floor.clock.advance(20_000)
      floor.wire.cut()
      if (!floor.sockets.wire.isOpen) await nextAttempt(floor)
      await floor.connect()
      expect([told(floor), paces(floor).at(-1)]).toEqual([['live', 'ws', null], undefined])
      floor.hint('watched')
      floor.hint('unwatched')
      await floor.clock.advance(10_000)
      await floor.serve()
      expect(paces(floor).at(-1)).toBe(30_000)
    }
    await floor.clock.advance(20_000)
    floor.wire.cut()
    await nextAttempt(floor)
    await floor.connect()
    floor.hint('unwatched')
    await floor.clock.advance(10_000)
    await floor.serve()
    expect(paces(floor).at(-1)).toBeUndefined()
    floor.hint('online')
    await floor.connect()
    expect(paces(floor).at(-1)).toBe(30_000)
  })
})
