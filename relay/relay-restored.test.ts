import { describe, expect, it } from 'vitest'
import { Floor } from './testing/floor.ts'
import { settle } from './testing/virtual-clock.ts'

const names = (floor: Floor): readonly string[] =>
  floor.server.effects.map(({ data }) => (data as { readonly title: string }).title)

const raise = (floor: Floor, title: string) =>
  floor.relay.submit({ ref: title, type: 'alert.raise', data: { priority: 'P0', area: 'line-3', title } })

/** `a` has no answer, `b` and `c` behind it have ended; then the store is restored to before all of them. */
async function endedInTheMiddle(): Promise<Floor> {
  const floor = await new Floor().live()
  await Promise.all(['a', 'b', 'c'].map((title) => raise(floor, title)))
  floor.server.serve(floor.wire)
  floor.wire.disturb('lose', 'result')
  await floor.serve()
  expect(floor.seen('result').map(({ ref }) => ref)).toEqual(['b', 'c'])
  floor.wire.cut()
  floor.server.restore()
  return floor
}

/** Lets what is connecting through, until nothing greets any more. */
async function reconnect(floor: Floor): Promise<void> {
  for (let second = 0; second < 10; second += 1) {
    await floor.clock.advance(1_000)
    if (floor.status() === 'connecting') await floor.connect()
  }
}

describe('[R81] what ended behind a command without an answer, and a restore took back', () => {
  it('is named to the server as soon as that one has ended, though nothing else is sent', async () => {
    const floor = await endedInTheMiddle()
    await reconnect(floor)
    expect(names(floor)).toEqual(['a'])
    expect(floor.server.skipped).toEqual([{ lane: 'urgent', from: 2, to: 3 }])
    expect(floor.status()).toBe('live')
  })

  it('costs what waits behind it nothing: it takes effect, and the outbox is kept', async () => {
    const floor = await endedInTheMiddle()
    await raise(floor, 'd')
    await reconnect(floor)
    expect(names(floor)).toEqual(['a', 'd'])
    expect(floor.server.skipped).toEqual([{ lane: 'urgent', from: 2, to: 3 }])
    expect(floor.seen('result').map(({ ref, outcome }) => [ref, outcome])).toEqual(
      ['b', 'c', 'a', 'd'].map((ref) => [ref, 'applied']),
    )
    const epochs = floor.sent('hello').map(({ outbox }) => (outbox as { readonly epoch: string }).epoch)
    expect(new Set(epochs).size).toBe(1)
  })

  it('is named once that end is durable: until then this connection is as good as any', async () => {
    const floor = await endedInTheMiddle()
    await raise(floor, 'd')
    while (floor.status() !== 'connecting') await floor.clock.advance(1_000)
    floor.server.accept(floor.wire)
    await settle()
    floor.server.serve(floor.wire) // hello
    floor.wire.flushDown()
    await settle()
    floor.store.hold()
    await floor.serve()
    expect([names(floor), floor.server.skipped, floor.wire.isOpen]).toEqual([['a'], [], true])
    floor.store.release()
    await settle()
    expect(floor.wire.isOpen).toBe(false)
    await reconnect(floor)
    expect(names(floor)).toEqual(['a', 'd'])
    expect(floor.server.skipped).toEqual([{ lane: 'urgent', from: 2, to: 3 }])
  })
})
