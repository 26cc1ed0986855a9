// A better way beside the living link: the trial, the move, and everything that may come between (PROTOCOL N12 to N14).
import { describe, expect, it } from 'vitest'
import { URGENT_CHANNEL } from './protocol/channels.ts'
import { TAKES } from './protocol/frames.ts'
import { LIMITS } from './protocol/limits.ts'
import { Floor } from './testing/floor.ts'
import type { Wire } from './testing/socket-pair.ts'
import { settle } from './testing/virtual-clock.ts'

const MINUTE_MS = 60_000
const ALERT = { type: 'alert.raise', data: { priority: 'P0', area: 'line-3', title: 'Fire' } } as const
const raise = (floor: Floor, ref: string) => floor.relay.submit({ ref, ...ALERT })
const way = (floor: Floor) => floor.seen('status').at(-1)?.status.way
/** States since the relay was live for the first time: none may be another. */
const statesSinceLive = (floor: Floor) => {
  const states = floor.seen('status').map(({ status }) => status.state)
  return new Set(states.slice(states.indexOf('live')))
}
const kinds = (wire: Wire) => wire.received.map(({ t }) => t)

async function serveFor(floor: Floor, wire: Wire, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5_000) {
    await floor.clock.advance(5_000)
    await carry(floor, wire)
  }
}

/** Frames to and fro on this wire until it is silent. */
async function carry(floor: Floor, wire: Wire): Promise<void> {
  for (;;) {
    await settle()
    const moved = floor.server.serve(wire) + wire.flushDown()
    await settle()
    if (moved === 0) return
  }
}

/** Linked by a stream, because the WebSocket is blocked; a minute before it is tried again. */
async function onStream(takes: readonly string[] = TAKES): Promise<{ floor: Floor; old: Wire }> {
  const floor = new Floor({ ways: ['ws', 'stream', 'poll'] })
  floor.server.takes = takes
  await floor.relay.start()
  await settle()
  floor.wire.refuse('upgrade-blocked')
  floor.wire.refuse('upgrade-blocked')
  await floor.connect()
  const old = floor.wire
  floor.relay.subscribe(URGENT_CHANNEL)
  await serveFor(floor, old, 4 * MINUTE_MS)
  return { floor, old }
}

/** The trial is there, and was not answered yet. */
async function tried(takes?: readonly string[]): Promise<{ floor: Floor; old: Wire; trial: Wire }> {
  const { floor, old } = await onStream(takes)
  while (floor.wire === old) await serveFor(floor, old, 5_000)
  return { floor, old, trial: floor.wire }
}

/** The trial has shown that its way carries, and `take` is on the old link, not read yet. */
async function taking(takes?: readonly string[]) {
  const { floor, old, trial } = await tried(takes)
  floor.server.challenge(trial)
  await carry(floor, trial)
  return { floor, old, trial }
}

describe('[R59] a trial', () => {
  it('greets beside the living link, by the life and a higher attempt, and only pings', async () => {
    const { floor, old, trial } = await taking()
    expect([old.way, trial.way, old.isOpen]).toEqual(['stream', 'ws', true])
    const [first, second] = floor.sent('hello')
    expect(first).toMatchObject({ attempt: 1 })
    expect(second).toMatchObject({ life: first?.['life'], attempt: 2, trial: true })
    expect(kinds(trial)).toEqual(['hello', 'ping', 'ping'])
    const pad = Uint8Array.from({ length: 32_768 }, (_, at) => at)
    expect(trial.received.filter(({ t }) => t === 'ping')).toMatchObject([{ pad }, { pad }])
    expect([first, second]).toMatchObject([{ takes: ['bytes'] }, { takes: ['bytes'] }])
    await carry(floor, old)
    expect(kinds(old).at(-1)).toBe('take')
    expect(old.received.at(-1)).toEqual({ t: 'take', link: 'link-of-attempt-2' })
  })

  it('[N13] comes to the node of the living link, where that has a name', async () => {
    const { floor, old } = await onStream()
    old.node = 'two'
    while (floor.wire === old) await serveFor(floor, old, 5_000)
    expect([old.near, floor.wire.near]).toEqual([undefined, 'two'])
  })

  it('[B2] [C8] says nothing of bytes to a server that did not name them, and is taken for as many characters', async () => {
    const { floor, old, trial } = await taking(['newest', 'ways'])
    for (const hello of floor.sent('hello')) expect(hello).not.toHaveProperty('takes')
    expect(trial.received.filter(({ t }) => t === 'ping')).toMatchObject([{ pad: 32_768 }, { pad: 32_768 }])
    await carry(floor, old)
    expect(kinds(old).at(-1)).toBe('take')
  })

  it('is not made where the server does not know of it', async () => {
    const { floor, old } = await onStream([])
    await serveFor(floor, old, 5 * MINUTE_MS)
    expect([floor.wire, floor.sent('hello').length]).toEqual([old, 1])
    expect(floor.sent('hello')[0]).not.toHaveProperty('life')
  })

  it.each<[string, (trial: Wire, floor: Floor) => void | Promise<void>]>([
    ['does not open', (trial) => trial.cut()],
    ['is refused', (trial) => trial.refuse('upgrade-missing')],
    ['is silent', (_trial, floor) => floor.clock.advance(LIMITS.greetingMs)],
    [
      'meets a server before trials',
      (trial) => {
        trial.open()
        trial.send({ t: 'challenge', nonce: 'nonce-12345', minVersion: 1, maxVersion: 1 })
        trial.flushDown()
      },
    ],
    [
      'is welcomed as no trial',
      async (trial, floor) => {
        floor.server.knowsTrials = false
        floor.server.challenge(trial)
        await carry(floor, trial)
        floor.server.knowsTrials = true
      },
    ],
    [
      'goes by a way that carries text alone',
      async (trial, floor) => {
        trial.carriesBytes = false
        floor.server.challenge(trial)
        await carry(floor, trial)
        expect(kinds(trial)).toEqual(['hello'])
        await floor.clock.advance(LIMITS.heartbeatMs)
      },
    ],
    [
      'is closed by the server',
      async (trial, floor) => {
        floor.server.challenge(trial)
        await settle()
        trial.close(4409)
      },
    ],
  ])('that %s changes nothing, and is made again later', async (_what, happens) => {
    const { floor, old, trial } = await tried()
    await happens(trial, floor)
    await settle()
    expect([trial.isOpen, old.isOpen, way(floor)]).toEqual([false, true, 'stream'])
    await serveFor(floor, old, 9 * MINUTE_MS)
    expect(floor.wire).toBe(trial)
    await serveFor(floor, old, 3 * MINUTE_MS)
    expect([floor.wire.way, floor.wire === trial]).toEqual(['ws', false])
    expect(statesSinceLive(floor)).toEqual(new Set(['live']))
    await raise(floor, 'a')
    await carry(floor, old)
    expect(floor.seen('result')).toMatchObject([{ ref: 'a' }])
  })

  it('whose pongs do not come is given up', async () => {
    const { floor, old, trial } = await tried()
    floor.server.challenge(trial)
    await settle()
    floor.server.serve(trial)
    trial.flushDown()
    await serveFor(floor, old, 15_000)
    expect([trial.closedByRelay?.code, old.isOpen, way(floor)]).toEqual([1000, true, 'stream'])
  })

  it('ends with the living link', async () => {
    const { floor, old, trial } = await tried()
    floor.server.challenge(trial)
    old.cut()
    await settle()
    expect(trial.isOpen).toBe(false)
    while (floor.wire === trial) await floor.clock.advance(100)
    expect(floor.wire.way).toBe('stream')
  })

  it('is not taken while the server says that it goes', async () => {
    const { floor, old, trial } = await tried()
    old.send({ t: 'bye', retryAfterMs: 1_000 })
    old.flushDown()
    floor.server.challenge(trial)
    await carry(floor, trial)
    await carry(floor, old)
    expect(kinds(old)).not.toContain('take')
  })
})

describe('[R59] the move', () => {
  it('takes everything once and in order, whatever comes by which link first, and is seen by nobody', async () => {
    const { floor, old, trial } = await taking()
    await raise(floor, 'a')
    expect(kinds(old).includes('command')).toBe(false)
    const urgent = (name: string) =>
      floor.server.publish(null, URGENT_CHANNEL, 'alert.raised', { key: name, record: { name } })
    // On its way down by the old link; then the server moves, and what follows comes by the new one, earlier.
    const one = urgent('one')
    const two = urgent('two')
    const { epoch } = floor.server.channels.get(URGENT_CHANNEL) ?? {}
    const event = (of: typeof one) => ({ t: 'event', channel: URGENT_CHANNEL, epoch, ...of }) as never
    trial.send(event(two))
    trial.flushDown()
    await settle()
    expect(floor.seen('event')).toEqual([])
    old.send(event(one))
    floor.server.serve(old)
    old.flushDown()
    old.close(1000)
    await carry(floor, trial)
    const offsets = floor.seen('event').map(({ event: seen }) => seen.offset)
    expect(offsets).toEqual([one.offset, two.offset])
    expect(floor.seen('result')).toMatchObject([{ ref: 'a', outcome: 'applied' }])
    expect(way(floor)).toBe('ws')
    expect(statesSinceLive(floor)).toEqual(new Set(['live']))
    await serveFor(floor, trial, 2 * MINUTE_MS)
    expect([trial.isOpen, floor.sockets.wires.at(-1) === trial]).toEqual([true, true])
    expect(statesSinceLive(floor)).toEqual(new Set(['live']))
  })

  it.each<[string, (wires: { floor: Floor; old: Wire; trial: Wire }) => void]>([
    ['the old link ends before "taken"', ({ old }) => old.cut()],
    ['the new link ends before "taken"', ({ trial }) => trial.cut()],
    [
      'the server moves nothing',
      ({ floor, old }) => {
        floor.server.trials.clear()
        floor.server.serve(old)
        old.flushDown()
      },
    ],
  ])('drops both links and greets anew where %s', async (_what, happens) => {
    const { floor, old, trial } = await taking()
    await raise(floor, 'a')
    happens({ floor, old, trial })
    await settle()
    expect([old.isOpen, trial.isOpen]).toEqual([false, false])
    while (floor.wire === trial) await floor.clock.advance(100)
    await floor.connect()
    expect(floor.server.effects).toHaveLength(1)
    expect(floor.seen('result')).toMatchObject([{ ref: 'a', outcome: 'applied' }])
    expect(floor.sent('hello').at(-1)).toMatchObject({ attempt: 3 })
    expect(floor.sent('hello').at(-1)).not.toHaveProperty('trial')
  })

  it('counts its life from its welcome, so that what ends every such link at one age is known again at once', async () => {
    const floor = await new Floor({ ways: ['ws', 'stream', 'poll'] }).live()
    const cutAt = async (wire: Wire) => {
      wire.cut()
      await settle()
      while (floor.wire === wire) await floor.clock.advance(100)
    }
    for (let period = 0; period < 2; period += 1) {
      await serveFor(floor, floor.wire, 100_000)
      await cutAt(floor.wire)
      await floor.connect()
    }
    const old = floor.wire
    expect(old.way).toBe('stream')
    while (floor.wire === old) await serveFor(floor, old, 5_000)
    const trial = floor.wire
    floor.server.challenge(trial)
    await carry(floor, trial)
    for (let passed = 0; passed < 100_000; passed += 5_000) {
      await serveFor(floor, old, 5_000)
      await carry(floor, trial)
    }
    expect(way(floor)).toBe('ws')
    await cutAt(trial)
    expect(floor.wire.way).toBe('stream')
  })

  it('leaves nothing of the old link that could end the new one', async () => {
    const { floor, old, trial } = await taking()
    floor.server.serve(old)
    old.flushDown()
    await settle()
    old.close(4403)
    await settle()
    expect([floor.status(), trial.isOpen, way(floor)]).toEqual(['live', true, 'ws'])
    trial.cut()
    await settle()
    expect(floor.status()).toBe('waiting')
  })

  it('ends with a goodbye on the new link when the relay stops in the middle', async () => {
    const { floor, old, trial } = await taking()
    await floor.relay.stop()
    expect([old.isOpen, trial.isOpen]).toEqual([false, false])
  })
})
