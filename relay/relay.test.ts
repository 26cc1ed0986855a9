import { describe, expect, it } from 'vitest'
import { ERRORS } from './protocol/errors.ts'
import { CLOSE } from './protocol/close-codes.ts'
import type { Incarnation } from './protocol/ids.ts'
import { LIMITS } from './protocol/limits.ts'
import type { Versions } from './protocol/version.ts'
import { Floor } from './testing/floor.ts'
import { MemoryDisk } from './testing/memory-store.ts'
import { untilItGivesUp } from './testing/model-server.ts'
import { settle } from './testing/virtual-clock.ts'

const ALERT = { type: 'alert.raise', data: { priority: 'P0', area: 'line-3', title: 'Fire' } } as const
const POST = { type: 'chat.post', data: { line: 'line-3', text: 'Hello' } } as const

const refs = (count: number, prefix = 'r') => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`)
/** What people's commands did: reports of the relay itself are `relay-reports.test.ts`. */
const titles = (floor: Floor) =>
  floor.server.effects
    .filter(({ type }) => type !== 'outbox.report')
    .map((effect) => (effect.data as { title: string }).title)
const raise = (floor: Floor, title: string, ref = title) =>
  floor.relay.submit({ ref, type: 'alert.raise', data: { ...ALERT.data, title } })

describe('[R54] the greeting', () => {
  const greeted = async (relay: Versions, server: Versions) => {
    const floor = new Floor({ versions: relay })
    floor.server.versions = server
    await floor.live()
    return floor.sent('hello').map(({ version }) => version)
  }

  it.each<[string, Versions, Versions, number]>([
    ['the relay was updated first', { min: 1, max: 2 }, { min: 1, max: 1 }, 1],
    ['the server was updated first', { min: 1, max: 1 }, { min: 1, max: 2 }, 1],
    ['both were updated', { min: 1, max: 2 }, { min: 1, max: 2 }, 2],
  ])('says the highest version that both speak: %s', async (_order, relay, server, version) => {
    expect(await greeted(relay, server)).toEqual([version])
  })

  it('says its own where there is none in common, for the server to refuse in its words', async () => {
    expect(await greeted({ min: 2, max: 3 }, { min: 1, max: 1 })).toEqual([3])
  })
})

describe('a command', () => {
  it('[R4] is told as saved, and sent, only when it is on disk', async () => {
    const floor = await new Floor().live()
    floor.store.hold()
    let answer: unknown = null
    void floor.relay.submit({ ref: 'r1', ...ALERT }).then((result) => (answer = result))
    await floor.serve()
    expect(answer).toBeNull()
    expect(floor.seen('saved')).toEqual([])
    expect(floor.sent('command')).toEqual([])
    floor.store.release()
    await settle()
    expect(answer).toMatchObject({ ok: true })
    expect(floor.seen('saved')).toHaveLength(1)
    await floor.serve()
    expect(floor.sent('command')).toHaveLength(1)
  })

  it('[R4] that was saved survives a crash before it was sent', async () => {
    const first = new Floor()
    await first.relay.start()
    await raise(first, 'a')
    const second = await first.again().live()
    expect(titles(second)).toEqual(['a'])
    expect(second.seen('result')).toMatchObject([{ ref: 'a', outcome: 'applied' }])
  })

  it('[R5] that took effect before a crash does not take effect again', async () => {
    const first = await new Floor().live()
    await raise(first, 'a')
    first.server.serve(first.wire) // carried out; the result never arrives
    const second = await first.again().live()
    expect(titles(second)).toEqual(['a'])
    expect(second.seen('result')).toMatchObject([{ ref: 'a', outcome: 'applied' }])
    expect(second.relay.pending()).toEqual({ urgent: 0, normal: 0 })
  })

  it('[R5] is confirmed only when its result is on disk', async () => {
    const floor = await new Floor().live()
    await raise(floor, 'a')
    floor.store.hold()
    await floor.serve()
    expect(floor.sent('confirm')).toEqual([])
    expect(floor.seen('result')).toEqual([])
    expect(floor.relay.pending()).toEqual({ urgent: 1, normal: 0 })
    floor.store.release()
    await floor.serve()
    expect(floor.sent('confirm')).toEqual([{ t: 'confirm', lane: 'urgent', upTo: 1 }])
    expect(floor.seen('result')).toHaveLength(1)
  })

  it('[R11] with a known reference is answered again and not sent again, also in the next life', async () => {
    const first = await new Floor().live()
    const one = await raise(first, 'a')
    await first.serve()
    const two = await raise(first, 'a')
    expect(two).toEqual({ ok: true, value: { id: one.ok ? one.value.id : '', repeated: true } })
    const second = await first.again().live()
    expect(await raise(second, 'a')).toEqual(two)
    await second.serve()
    expect(titles(second)).toEqual(['a'])
    expect(second.seen('saved')).toHaveLength(1)
    expect(second.seen('result').map((each) => each.outcome)).toEqual(['applied', 'applied'])
  })

  it('[R11] tells its result at every start until it was seen', async () => {
    let floor = await new Floor().live()
    await raise(floor, 'a')
    await floor.serve()
    floor = await floor.again().live()
    expect(floor.seen('result')).toHaveLength(1)
    await floor.relay.seen('a')
    floor = await floor.again().live()
    expect(floor.seen('result')).toEqual([])
  })

  it('[R11] is forgotten a week after its end', async () => {
    let floor = await new Floor().live()
    await raise(floor, 'a')
    await floor.serve()
    floor.clock.jump(LIMITS.keepResultsMs + 3_600_000)
    floor = await floor.again().live()
    expect(floor.seen('result')).toHaveLength(1)
    expect(floor.disk.rows('refs')).toEqual([])
  })

  it('[R10] is refused in words when it is wrong, too large, or nobody may send it', async () => {
    const floor = await new Floor().live()
    const submit = (type: string, data: unknown) =>
      floor.relay.submit({ ref: `${type}${JSON.stringify(data).length}`, type, data })
    expect(await submit('alert.rise', {})).toMatchObject({ ok: false, code: 'unknown-command' })
    expect(await submit('alert.raise', { priority: 'P9' })).toMatchObject({ ok: false, code: 'bad-command' })
    expect(await submit(POST.type, POST.data)).toMatchObject({ ok: false, code: 'sign-in-needed' })
    expect(await floor.relay.submit({ ref: 'x', id: 'not-a-uuid', ...ALERT })).toMatchObject({ code: 'bad-command' })
    expect(floor.disk.rows('outbox')).toEqual([])
  })
})

describe('the lanes', () => {
  it('[R7] send urgent before normal, whatever was first', async () => {
    const floor = await signedIn()
    floor.wire.cut()
    for (const ref of refs(3)) await floor.relay.submit({ ref, ...POST })
    await floor.relay.submit({ ref: 'fire', ...ALERT })
    await reconnect(floor)
    const lanes = floor.sent('command').map((frame) => frame['lane'])
    expect(lanes).toEqual(['urgent', 'normal', 'normal', 'normal'])
  })

  it('[R8] have a bounded number of commands in flight', async () => {
    const floor = new Floor()
    await floor.relay.start()
    await Promise.all(refs(LIMITS.maxInFlight + 10).map((ref) => raise(floor, ref)))
    floor.server.accept(floor.wire)
    await settle()
    floor.server.serve(floor.wire)
    floor.wire.flushDown()
    await settle()
    expect(floor.wire.flushUp().filter((frame) => frame.t === 'command')).toHaveLength(LIMITS.maxInFlight)
  })

  it('[R9] send again from the oldest unanswered command when the server has a hole', async () => {
    const floor = await new Floor().live()
    await Promise.all(refs(3).map((ref) => raise(floor, ref)))
    floor.wire.flushUp(1) // lost on the way, which no real socket does
    await floor.serve()
    expect(titles(floor)).toEqual(['r1', 'r2', 'r3'])
  })

  it('[R9] send again when nothing is answered for half a minute', async () => {
    const floor = await new Floor().live()
    await raise(floor, 'a')
    floor.wire.flushUp()
    for (let second = 0; second < 31; second += 5) {
      await floor.clock.advance(5_000)
      const ping = floor.wire.flushUp().findLast((frame) => frame.t === 'ping')
      if (ping?.t === 'ping') floor.wire.send(floor.server.pong(ping.nonce))
      if (second < 25) floor.wire.flushDown()
    }
    expect(floor.wire.received.filter((frame) => frame.t === 'command')).toHaveLength(2)
  })

  it('[R8] wait after retry-later, alone, and go on by their own clock', async () => {
    const floor = await signedIn()
    floor.server.decide = ({ lane }) => (lane === 'normal' ? { afterMs: 5_000 } : { outcome: 'applied' })
    for (const ref of refs(3)) await floor.relay.submit({ ref, ...POST })
    await floor.relay.submit({ ref: 'fire', ...ALERT })
    await floor.serve()
    expect(titles(floor)).toEqual(['Fire'])
    expect(floor.seen('result').map((each) => [each.ref, each.outcome])).toEqual([
      ['r1', 'retry-later'],
      ['fire', 'applied'],
    ])
    floor.server.decide = () => ({ outcome: 'applied' })
    await floor.clock.advance(4_999)
    await floor.serve()
    expect(floor.server.effects).toHaveLength(1)
    await floor.clock.advance(1)
    await floor.serve()
    expect(
      floor
        .seen('result')
        .slice(2)
        .map((each) => each.ref),
    ).toEqual(['r1', 'r2', 'r3'])
  })

  it('[R8] give up after ten connected minutes, and go on with the next command', async () => {
    const floor = await new Floor().live()
    const later = untilItGivesUp(60_000)
    floor.server.decide = (command) =>
      (command.data as { title: string }).title === 'a' ? later(command) : { outcome: 'applied' }
    await raise(floor, 'a')
    await raise(floor, 'b')
    for (let minute = 0; minute < 5; minute += 1) await minutes(floor, 1)
    floor.wire.cut()
    await floor.clock.advance(20 * 60_000) // not connected: does not count
    await reconnect(floor)
    await minutes(floor, 4)
    expect(floor.seen('result').some((each) => each.outcome === 'rejected')).toBe(false)
    await minutes(floor, 2)
    expect(floor.seen('result').slice(-2)).toMatchObject([
      { ref: 'a', outcome: 'rejected', code: 'gave-up' },
      { ref: 'b', outcome: 'applied' },
    ])
  })

  it.each(['unavailable', 'rate-limited'])(
    '[R8] give nothing up for what passes by itself: %s for an hour',
    async (code) => {
      const floor = await new Floor().live()
      floor.server.decide = () => ({ afterMs: 60_000, code })
      await raise(floor, 'a')
      await minutes(floor, 60)
      floor.server.decide = () => ({ outcome: 'applied' })
      await minutes(floor, 2)
      expect(floor.seen('result').at(-1)).toMatchObject({ ref: 'a', outcome: 'applied' })
      expect(floor.server.effects).toHaveLength(1)
    },
  )

  it('[R8] lets the server try the last copy once more before it is given up', async () => {
    const floor = await new Floor().live()
    let tries = 0
    floor.server.decide = () => ({ afterMs: 60_000 })
    await raise(floor, 'a')
    await minutes(floor, 9)
    floor.server.decide = () => {
      tries += 1
      return { outcome: 'applied' }
    }
    await minutes(floor, 2)
    expect(floor.seen('result').at(-1)).toMatchObject({ ref: 'a', outcome: 'applied' })
    expect(tries).toBe(1)
  })
})

describe('a disk that fails', () => {
  it('[R10] refuses commands in words, warns, and leaves no hole', async () => {
    const floor = await new Floor().live()
    floor.store.failing = true
    expect(await raise(floor, 'a')).toMatchObject({ ok: false, code: 'storage-failed' })
    expect(await raise(floor, 'b')).toMatchObject({ ok: false, code: 'storage-failed' })
    expect(floor.seen('saved')).toEqual([])
    expect(floor.seen('status').at(-1)?.status.warnings).toHaveLength(1)
    floor.store.failing = false
    expect(await raise(floor, 'c')).toMatchObject({ ok: true })
    expect(await raise(floor, 'a')).toMatchObject({ ok: true, value: { repeated: false } })
    await floor.serve()
    expect(titles(floor)).toEqual(['c', 'a'])
    expect(floor.seen('status').at(-1)?.status.warnings).toEqual([])
  })

  it('[R10] is tried again for what nobody waits for, until it works', async () => {
    const floor = await new Floor().live()
    await raise(floor, 'a')
    floor.store.failing = true
    await floor.serve()
    expect(floor.seen('result')).toEqual([])
    await floor.clock.advance(5_000)
    floor.store.failing = false
    await floor.clock.advance(1_000)
    await floor.serve()
    expect(floor.seen('result')).toMatchObject([{ ref: 'a', outcome: 'applied' }])
    expect(floor.disk.rows('outbox')).toEqual([])
  })
})

it('[R10] does not keep a relay from stopping when it fails', async () => {
  const floor = await new Floor().live()
  floor.store.failing = true
  void raise(floor, 'a')
  await floor.relay.stop()
  const writes = floor.logged.filter((line) => line.event === 'write-failed').length
  await floor.clock.advance(60_000)
  expect(floor.logged.filter((line) => line.event === 'write-failed')).toHaveLength(writes)
})

describe('an outbox the server does not know like that', () => {
  it('[R16] goes to review when it was copied: rejected, shown, and a new one begins', async () => {
    const first = await new Floor().live()
    await raise(first, 'a')
    first.server.serve(first.wire)
    first.server.outbox?.results.clear() // as if another copy of this disk had confirmed it
    const floor = await first.again().live()
    await floor.clock.advance(2_000)
    await reconnect(floor)
    expect(floor.seen('result')).toMatchObject([{ ref: 'a', outcome: 'rejected', code: 'outbox-forked' }])
    await raise(floor, 'b')
    await floor.serve()
    expect(titles(floor)).toEqual(['a', 'b'])
    const [one, two] = [first, floor].map((each) => each.sent('hello').at(-1)?.['outbox'] as { epoch: string })
    expect(one?.epoch).not.toBe(two?.epoch)
    expect(floor.status()).toBe('live')
  })

  it('[R16] goes to review when the server has forgotten the device', async () => {
    const floor = await new Floor().live()
    await raise(floor, 'a')
    await floor.serve()
    floor.wire.cut()
    await raise(floor, 'b')
    floor.server.outbox = null
    await reconnect(floor)
    await floor.clock.advance(2_000)
    await reconnect(floor)
    expect(floor.seen('result').at(-1)).toMatchObject({ ref: 'b', outcome: 'rejected', code: 'device-forgotten' })
    await raise(floor, 'c')
    await floor.serve()
    expect(titles(floor)).toEqual(['a', 'c'])
  })

  it('[R16] begins anew without a word when a disk was rolled back and nothing waits', async () => {
    const first = await new Floor().live()
    await raise(first, 'a')
    await first.serve()
    const backup = new MemoryDisk()
    for (const row of first.disk.rows('meta')) backup.apply([{ op: 'put', table: 'meta', ...row }])
    await raise(first, 'b')
    await first.serve()
    first.again()
    const floor = await new Floor({ seed: 9, disk: backup, server: first.server, clock: first.clock }).live()
    await floor.clock.advance(2_000)
    await reconnect(floor)
    await raise(floor, 'c')
    await floor.serve()
    expect(titles(floor)).toEqual(['a', 'b', 'c'])
    expect(floor.seen('result')).toMatchObject([{ ref: 'c', outcome: 'applied' }])
  })

  it('[R16] goes on where it is when the store was restored, once the new name is on disk', async () => {
    const floor = await new Floor().live()
    await raise(floor, 'a')
    await floor.serve()
    floor.wire.cut()
    await raise(floor, 'b')
    floor.server.incarnation = '00000000-0000-7000-8000-00000000000b' as Incarnation
    floor.store.hold()
    await reconnect(floor)
    expect(titles(floor)).toEqual(['a'])
    floor.store.release()
    await floor.serve()
    expect(titles(floor)).toEqual(['a', 'b'])
  })

  it('[R16] waits for the new name on the next connection as well', async () => {
    const floor = await new Floor().live()
    floor.wire.cut()
    await raise(floor, 'a')
    floor.server.incarnation = '00000000-0000-7000-8000-00000000000b' as Incarnation
    floor.store.hold()
    await reconnect(floor)
    floor.wire.cut()
    await reconnect(floor)
    expect(titles(floor)).toEqual([])
    floor.store.release()
    await floor.serve()
    expect(titles(floor)).toEqual(['a'])
  })

  it('has words for what is rejected without any', async () => {
    const floor = await new Floor().live()
    floor.server.decide = () => ({ outcome: 'rejected', code: 'forbidden' })
    await raise(floor, 'a')
    await floor.serve()
    expect(floor.seen('result')).toMatchObject([{ code: 'forbidden', message: ERRORS.forbidden.says }])
  })

  it('[R5] sends again what was answered by a store that was restored since, and tells its second end only', async () => {
    const floor = await new Floor().live()
    await raise(floor, 'a')
    floor.store.hold()
    await floor.serve()
    expect(titles(floor)).toEqual(['a'])
    floor.wire.cut()
    floor.server.incarnation = '00000000-0000-7000-8000-00000000000b' as Incarnation
    floor.server.decide = () => ({ outcome: 'rejected', code: 'forbidden' })
    await reconnect(floor)
    expect(floor.seen('result')).toEqual([])
    floor.store.release()
    await floor.serve()
    expect(floor.seen('result')).toMatchObject([{ ref: 'a', outcome: 'rejected' }])
    expect(floor.disk.rows('outbox')).toEqual([])
    expect(floor.relay.pending()).toEqual({ urgent: 0, normal: 0 })
  })
})

describe('the connection', () => {
  it('[R2] goes idle, connecting, greeting, resuming, live', async () => {
    const floor = await new Floor().live()
    const states = floor.seen('status').map((each) => each.status.state)
    expect(states).toEqual(['idle', 'connecting', 'greeting', 'resuming', 'live'])
  })

  it('[R3] comes back slowly and visibly when replaced, and lets the other connection be', async () => {
    const floor = await new Floor().live()
    floor.wire.close(CLOSE.replaced.code)
    expect(floor.seen('status').at(-1)?.status).toMatchObject({
      state: 'waiting',
      code: 'replaced',
      forSite: false,
      reason: CLOSE.replaced.says,
    })
    await floor.clock.advance(59_000)
    expect(floor.sockets.wires).toHaveLength(1)
    await floor.clock.advance(1_000)
    expect(floor.sockets.wires).toHaveLength(2)
    await floor.connect()
    expect(floor.sent('hello').map((frame) => frame['yields'])).toEqual([undefined, true])
  })

  it('[R3] is taken back by a person at once', async () => {
    const floor = await new Floor().live()
    floor.wire.close(CLOSE.replaced.code)
    floor.relay.retry()
    expect(floor.sockets.wires).toHaveLength(2)
    await floor.connect()
    expect(floor.sent('hello').at(-1)?.['yields']).toBeUndefined()
  })

  it.each(['online', 'woke'] as const)('[R6] is replaced at once on the hint %s', async (hint) => {
    const floor = await new Floor().live()
    const [old] = floor.sockets.wires
    floor.hint(hint)
    expect(old?.isOpen).toBe(false)
    expect(floor.sockets.wires).toHaveLength(2)
    await floor.connect()
    expect(floor.status()).toBe('live')
  })

  it.each([6_000, -6_000])('[R6] is replaced when the wall clock jumps by %i ms', async (ms) => {
    const floor = await new Floor().live()
    await floor.clock.advance(2_000)
    floor.clock.jump(ms)
    await floor.clock.advance(1_000)
    expect(floor.sockets.wires).toHaveLength(2)
  })

  it('[R6] is not replaced by a clock that is corrected a little', async () => {
    const floor = await new Floor().live()
    await floor.clock.advance(2_000)
    floor.clock.jump(3_000)
    await floor.clock.advance(1_000)
    expect(floor.sockets.wires).toHaveLength(1)
  })

  it('[R3] says goodbye when stopped, and what was saved is sent at the next start', async () => {
    const floor = await new Floor().live()
    floor.server.decide = () => ({ afterMs: 60_000 })
    await raise(floor, 'a')
    await floor.serve()
    await floor.relay.stop()
    expect(floor.wire.closedByRelay).toMatchObject({ code: CLOSE.normal.code })
    expect(await floor.relay.submit({ ref: 'late', ...ALERT })).toMatchObject({ ok: false, code: 'unavailable' })
    floor.server.decide = () => ({ outcome: 'applied' })
    const next = await floor.again().live()
    expect(titles(next)).toEqual(['a'])
  })

  it('[R2] reads a broken frame as noise and goes on', async () => {
    const floor = await new Floor().live()
    floor.wire.sendRaw('{', '{"t":"from-the-future"}', '{"t":"event"}')
    await floor.serve()
    expect(floor.status()).toBe('live')
    expect(floor.logged.filter((line) => line.event === 'frame-ignored')).toHaveLength(3)
  })
})

describe('waiting for the outbox', () => {
  it('[R5] is over when every result is on disk', async () => {
    const floor = await new Floor().live()
    await raise(floor, 'a')
    let isIdle = false
    void floor.relay.idle().then(() => (isIdle = true))
    floor.store.hold()
    await floor.serve()
    expect(isIdle).toBe(false)
    floor.store.release()
    await settle()
    expect(isIdle).toBe(true)
    expect(floor.seen('outbox').map((each) => each.pending.urgent)).toEqual([0, 1, 0])
  })
})

async function signedIn(): Promise<Floor> {
  const floor = await new Floor().live()
  await floor.relay.signIn('kim', '1111')
  await floor.serve()
  return floor
}

/** Through the back-off, and greeted. */
async function reconnect(floor: Floor): Promise<void> {
  do await floor.clock.advance(1_000)
  while (floor.status() !== 'connecting')
  await floor.connect()
}

/** Connected minutes, with their heartbeats. */
async function minutes(floor: Floor, count: number): Promise<void> {
  for (let step = 0; step < count * 6; step += 1) {
    await floor.clock.advance(10_000)
    await floor.serve()
  }
}
