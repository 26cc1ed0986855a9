import { describe, expect, it } from 'vitest'
import { LAYOUT } from './core/disk/rows.ts'
import { RECENT_REFS } from './core/outbox/refs.ts'
import type { SettledCommand } from './protocol/local.ts'
import { LIMITS } from './protocol/limits.ts'
import { Floor } from './testing/floor.ts'
import { MemoryDisk } from './testing/memory-store.ts'
import { untilItGivesUp } from './testing/model-server.ts'
import { settle } from './testing/virtual-clock.ts'

const ALERT = { type: 'alert.raise', data: { priority: 'P0', area: 'line-3', title: 'Fire' } } as const
const POST = { type: 'chat.post', data: { line: 'line-3', text: 'Hello' } } as const
const TINY = { head: 3, page: 2 }
const uuid = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
/** What people's commands did: reports of the relay itself are `relay-reports.test.ts`. */
const titles = (floor: Floor) =>
  floor.server.effects
    .filter(({ type }) => type !== 'outbox.report')
    .map((effect) => (effect.data as { title: string }).title)
const raise = (floor: Floor, title: string) =>
  floor.relay.submit({ ref: title, type: 'alert.raise', data: { ...ALERT.data, title } })
const names = (count: number, prefix = 'a') => Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`)

describe('a queue that is longer than memory', () => {
  it('[R31] survives a restart in the middle of its drain, in order and once', async () => {
    const first = new Floor({ paging: TINY })
    await first.relay.start()
    for (const name of names(20)) await raise(first, name)
    first.server.accept(first.wire)
    for (let round = 0; round < 9; round += 1) {
      await settle()
      first.server.serve(first.wire, 2)
      first.wire.flushDown(2)
    }
    expect(titles(first).length).toBeGreaterThan(3)
    expect(titles(first).length).toBeLessThan(20)
    const floor = await first.again().live()
    expect(titles(floor)).toEqual(names(20))
    expect(floor.disk.rows('outbox')).toEqual([])
    expect(floor.relay.pending()).toEqual({ urgent: 0, normal: 0 })
  })

  it('[R31] goes on when a page cannot be read for a while', async () => {
    const floor = new Floor({ paging: TINY })
    await floor.relay.start()
    for (const name of names(8)) await raise(floor, name)
    floor.store.unreadable = true
    await floor.connect()
    expect(titles(floor)).toEqual(names(3))
    floor.store.unreadable = false
    await floor.clock.advance(1_000)
    await floor.serve()
    expect(titles(floor)).toEqual(names(8))
  })

  it('[R9 R31] is sent again from its oldest unanswered command, which is still in memory', async () => {
    const floor = new Floor({ paging: TINY })
    await floor.relay.start()
    for (const name of names(9)) await raise(floor, name)
    await floor.clock.advance(1)
    floor.server.accept(floor.wire)
    await settle()
    floor.server.serve(floor.wire) // hello
    floor.wire.flushDown()
    await settle()
    floor.wire.flushUp(1) // the first command is lost, which no real socket does
    await floor.serve()
    expect(titles(floor)).toEqual(names(9))
  })

  it('[R16 R31] that was copied is reviewed page by page, also over a crash, while new commands go on', async () => {
    const first = await new Floor({ paging: TINY }).live()
    await raise(first, 'a1')
    first.server.serve(first.wire)
    first.server.outbox?.results.clear() // as if another copy of this disk had confirmed it
    first.wire.cut()
    for (const name of names(11).slice(1)) await raise(first, name)
    const middle = first.again()
    await middle.relay.start()
    await settle()
    middle.server.accept(middle.wire)
    for (let turns = 0; turns < 100 && middle.disk.rows('outbox').length > 6; turns += 1) {
      middle.server.serve(middle.wire)
      middle.wire.flushDown()
      await Promise.resolve()
    }
    expect(middle.disk.rows('outbox').length, 'in the middle of the review').toBeGreaterThan(0)
    const floor = middle.again()
    await floor.relay.start()
    await raise(floor, 'b')
    await floor.clock.advance(2_000)
    await floor.connect()
    const ends = [...middle.seen('result'), ...floor.seen('result')]
    const rejected = new Set(ends.filter((each) => each.code === 'outbox-forked').map((each) => each.ref))
    expect([...rejected].toSorted()).toEqual(names(11).toSorted())
    // What was in flight when the fork was noticed may have taken effect: that is why nobody sends it again.
    expect(titles(floor).at(-1)).toBe('b')
    expect(new Set(titles(floor)).size).toBe(titles(floor).length)
    expect(floor.disk.rows('outbox')).toEqual([])
    expect(floor.disk.rows('meta').find((row) => row.key === 'outbox')?.value).not.toHaveProperty('retired')
    expect(floor.window().of('view')[0]?.view.rejected).toHaveLength(11)
  })

  it('[R31] is over for whoever waits only when its review is', async () => {
    const floor = await new Floor({ paging: TINY }).live()
    floor.server.decide = () => ({ afterMs: 60_000 })
    for (const name of names(7)) await raise(floor, name)
    await floor.serve()
    let isIdle = false
    void floor.relay.idle().then(() => (isIdle = true))
    floor.store.hold()
    floor.wire.send({ t: 'outbox-forked', lane: 'urgent', seq: 1, message: 'forked' })
    floor.wire.flushDown()
    await settle()
    expect(isIdle).toBe(false)
    floor.store.release()
    await settle()
    expect(isIdle, 'its reports are still to be sent').toBe(false)
    expect(floor.seen('result').filter((each) => each.code === 'outbox-forked')).toHaveLength(7)
    floor.server.decide = () => ({ outcome: 'applied' })
    await floor.clock.advance(2_000)
    await floor.connect()
    expect(isIdle).toBe(true)
  })
})

describe('a reference', () => {
  it('[R11] is known long after it has left memory', async () => {
    const floor = await new Floor().live()
    const one = await raise(floor, 'a')
    await floor.serve()
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(names(RECENT_REFS, `r${round}-`).map((name) => raise(floor, name)))
      await floor.serve()
    }
    const sent = floor.server.effects.length
    expect(await raise(floor, 'a')).toEqual({ ok: true, value: { id: one.ok ? one.value.id : '', repeated: true } })
    await floor.serve()
    expect(floor.server.effects).toHaveLength(sent)
    expect(floor.seen('result').filter((each) => each.ref === 'a')).toHaveLength(2)
  })

  it('[R11] that comes twice at once is one command', async () => {
    const floor = await new Floor().live()
    const answers = await Promise.all([raise(floor, 'a'), raise(floor, 'a'), raise(floor, 'b')])
    await floor.serve()
    expect(answers.map((each) => each.ok && each.value.repeated)).toEqual([false, true, false])
    expect(titles(floor)).toEqual(['a', 'b'])
  })

  it('[R11] that is certainly new is looked for nowhere', async () => {
    const floor = await new Floor().live()
    floor.store.unreadable = true
    expect(await raise(floor, 'a')).toMatchObject({ ok: true, value: { repeated: false } })
  })

  it('[R10] that cannot be looked up is refused to its maker, in its turn', async () => {
    const floor = await new Floor().live()
    await makeDoubtful(floor, [`window:${uuid(1)}`, 'a'])
    const window = floor.window()
    floor.store.unreadable = true
    window.say({ t: 'command', ref: 'w1', id: uuid(1), ...ALERT })
    expect(await raise(floor, 'a')).toMatchObject({ ok: false, code: 'storage-failed' })
    expect(window.of('reply')).toMatchObject([{ ref: 'w1', ok: false, code: 'storage-failed' }])
    const ends = floor.bus.flatMap(({ body }): SettledCommand[] => (body.t === 'settled' ? [body.settled] : []))
    expect(ends).toMatchObject([{ outcome: 'rejected', code: 'storage-failed', command: { id: uuid(1) } }])
    floor.store.unreadable = false
    expect(await raise(floor, 'a')).toMatchObject({ ok: true, value: { repeated: false } })
  })

  it('[R28] of a window that repeats itself after a crash ends what the window is shown', async () => {
    const first = await new Floor().live()
    first.window().say({ t: 'command', ref: 'w1', id: uuid(1), ...ALERT })
    await first.serve()
    const floor = await first.again().live()
    floor.window().say({ t: 'command', ref: 'w2', id: uuid(1), ...ALERT })
    await floor.serve()
    const about = floor.bus.filter(({ body }) => body.t === 'pending' || body.t === 'settled').map(({ body }) => body.t)
    expect(about).toEqual(['pending', 'settled'])
  })
})

describe('what a window makes of itself', () => {
  const READ = { type: 'chat.read', data: { line: 'line-3', id: uuid(7) } } as const

  it('[K4] [C8] is taken for a server that knows it, and refused to the window at once for one before it', async () => {
    const asked = async (floor: Floor) => {
      void floor.relay.signIn('kim', '1111')
      await floor.serve()
      const window = floor.window()
      window.say({ t: 'command', ref: 'w1', id: uuid(1), ...READ })
      await floor.serve()
      return { reply: window.of('reply'), did: floor.server.effects.map(({ type }) => type) }
    }
    expect(await asked(await new Floor().live())).toMatchObject({ reply: [{ ok: true }], did: ['chat.read'] })
    const older = new Floor()
    older.server.takes = ['newest']
    expect(await asked(await older.live())).toMatchObject({
      reply: [{ ref: 'w1', ok: false, code: 'unknown-command' }],
      did: [],
    })
    expect(older.relay.pending()).toEqual({ urgent: 0, normal: 0 })
  })
})

/** The disk may know these references, and memory does not: their commands were refused once, long ago. */
async function makeDoubtful(floor: Floor, refs: readonly string[]): Promise<void> {
  floor.store.failing = true
  await Promise.all(refs.map((ref) => raise(floor, ref)))
  floor.store.failing = false
  await floor.clock.advance(1_000)
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(names(RECENT_REFS, `r${round}-`).map((name) => raise(floor, name)))
    await floor.serve()
  }
  floor.bus.length = 0
}

describe('signing out', () => {
  it('[R22] goes behind what the person had queued, whatever still has to be looked up', async () => {
    const floor = await new Floor().live()
    await makeDoubtful(floor, ['p'])
    floor.server.effects.length = 0
    await floor.relay.signIn('kim', '1111')
    await floor.serve()
    const posted = floor.relay.submit({ ref: 'p', ...POST })
    const out = floor.relay.signOut()
    expect(await posted).toMatchObject({ ok: true })
    await out
    await floor.serve()
    expect(floor.server.effects.map(({ type }) => type)).toEqual(['chat.post', 'session.end'])
    expect(new Set(floor.server.effects.map(({ session }) => session)).size).toBe(1)
  })

  it('[R22] is not lost by a crash before it has a number', async () => {
    const first = await new Floor().live()
    await makeDoubtful(first, ['p'])
    await first.relay.signIn('kim', '1111')
    await first.serve()
    first.store.holdReads()
    void first.relay.submit({ ref: 'p', ...POST })
    await first.relay.signOut()
    const floor = await first.again().live()
    const types = floor.server.effects.map(({ type }) => type)
    expect(types.filter((type) => type !== 'alert.raise')).toEqual(['session.end'])
    expect(floor.disk.rows('meta').map((row) => row.key)).toEqual(['layout', 'outbox', 'server-time', 'site'])
  })

  it('[R4] has an id on the disk together with its number only: a copy of the disk gives it neither', async () => {
    const one = await new Floor().live()
    await makeDoubtful(one, ['p'])
    await one.relay.signIn('kim', '1111')
    await one.serve()
    one.store.holdReads()
    void one.relay.submit({ ref: 'p', ...POST })
    await one.relay.signOut()
    const copy = new MemoryDisk()
    for (const row of one.disk.rows('meta')) copy.apply([{ op: 'put', table: 'meta', ...row }])
    one.store.releaseReads()
    await one.serve()
    const other = await new Floor({ seed: 2, disk: copy }).live()
    const ends = [one, other].flatMap(({ server }) => server.effects.filter(({ type }) => type === 'session.end'))
    expect(ends).toHaveLength(2)
    expect(new Set(ends.map(({ session }) => session)).size).toBe(1)
    expect(new Set(ends.map(({ id }) => id)).size).toBe(2)
  })
})

it('[R8] gives a command up after ten connected minutes, restarts not counted twice and not forgotten', async () => {
  let floor = await new Floor().live()
  floor.server.decide = untilItGivesUp(20_000)
  await raise(floor, 'a')
  await minutes(floor, 6)
  floor = floor.again()
  await floor.relay.start()
  await floor.clock.advance(5 * 60_000) // not connected
  while (floor.status() !== 'connecting') await floor.clock.advance(1_000)
  await floor.connect()
  await minutes(floor, 3)
  expect(floor.seen('result').some((each) => each.code === 'gave-up')).toBe(false)
  await minutes(floor, 2)
  expect(floor.seen('result').at(-1)).toMatchObject({ ref: 'a', outcome: 'rejected', code: 'gave-up' })
})

describe('the layout of the disk', () => {
  it('[R32] of a newer Andon is refused in words, and nothing is changed', async () => {
    const disk = new MemoryDisk()
    disk.apply([{ op: 'put', table: 'meta', key: 'layout', value: LAYOUT + 1 }])
    const floor = new Floor({ disk })
    await expect(floor.relay.start()).rejects.toMatchObject({ code: 'storage-newer' })
    expect(floor.store.writes).toBe(0)
    expect(floor.sockets.wires).toEqual([])
  })

  it('[R32] of an older one is taken over, with what waits in it', async () => {
    const first = new Floor()
    await first.relay.start()
    await raise(first, 'a')
    // Layout 1: no layout row, and no maker in the rows.
    first.disk.apply([{ op: 'delete', table: 'meta', key: 'layout' }])
    for (const { key, value } of first.disk.rows('outbox')) {
      const { from: _from, ...old } = value as Record<string, unknown>
      first.disk.apply([{ op: 'put', table: 'outbox', key, value: old }])
    }
    const floor = await first.again().live()
    expect(titles(floor)).toEqual(['a'])
    expect(floor.seen('result')).toMatchObject([{ ref: 'a', outcome: 'applied' }])
    expect(floor.disk.rows('meta')).toContainEqual({ key: 'layout', value: LAYOUT })
  })
})

/** Connected minutes, with their heartbeats. */
async function minutes(floor: Floor, count: number): Promise<void> {
  for (let step = 0; step < (count * 60_000) / LIMITS.heartbeatMs; step += 1) {
    await floor.clock.advance(LIMITS.heartbeatMs)
    await floor.serve()
  }
}
