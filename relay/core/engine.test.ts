import { describe, expect, it } from 'vitest'
import type { CommandId, SessionId } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { ServerFrame } from '../protocol/frames.ts'
import type { Row } from '../ports.ts'
import { MAX_LIVE_KEYS } from './channels.ts'
import type { Effect } from './effects.ts'
import { createEngine, deadline, MAX_UNWRITTEN, step } from './engine.ts'
import type { Input, StartTables } from './inputs.ts'
import { outboxKey, type OutboxRow } from './rows.ts'
import type { EngineState } from './state.ts'

const EPOCH = 'a'.repeat(16) as never
const TIME = '2026-11-20T06:00:00.000Z'
const uuid = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
const EMPTY: StartTables = { meta: [], outbox: [], refs: [], channels: [], receipts: [] }
const ALERT = { priority: 'P0', area: 'line-3', title: 'Fire' }

/** An engine without a shell: every save is durable at once unless `disk` says otherwise. */
class Bench {
  state: EngineState
  effects: Effect[] = []
  now = 0
  disk: 'works' | 'hangs' = 'works'

  constructor(tables: Partial<StartTables> = {}) {
    const start = { tables: { ...EMPTY, ...tables }, outboxEpoch: uuid(1), life: uuid(2) }
    const identity = { name: 'Terminal 12', build: 'test', kind: 'kiosk', warnings: [] } as const
    const made = createEngine(identity, start, this.#moment())
    this.state = made.state
    this.#take(made.effects)
  }

  give(input: Input): this {
    const stepped = step(this.state, input, this.#moment())
    this.state = stepped.state
    this.#take(stepped.effects)
    return this
  }

  frame(frame: ServerFrame): this {
    return this.give({ kind: 'frameReceived', generation: this.state.connection.generation, frame })
  }

  live(): this {
    const { generation } = this.state.connection
    this.give({ kind: 'socketOpened', generation, fresh: uuid(3) })
    this.frame({ t: 'challenge', nonce: 'nonce-nonce', minVersion: 1, maxVersion: 1 })
    this.give({ kind: 'proved', generation, proof: 'p' })
    this.frame(WELCOME)
    return this.frame({
      t: 'snapshot',
      channel: 'alerts/urgent' as never,
      epoch: EPOCH,
      offset: 0,
      id: null,
      page: 0,
      last: true,
      records: [],
    })
  }

  submit(number: number, ref = `r${number}`): this {
    const origin = { kind: 'host', request: number } as const
    return this.give({ kind: 'submitted', origin, ref, id: uuid(1_000_000 + number), type: 'alert.raise', data: ALERT })
  }

  of<K extends Effect['kind']>(kind: K): Extract<Effect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind)
  }

  #take(effects: readonly Effect[]): void {
    this.effects.push(...effects)
    const tokens = effects.flatMap((effect) => (effect.kind === 'save' ? [effect.token] : []))
    const upTo = tokens.at(-1)
    if (upTo !== undefined && this.disk === 'works') this.give({ kind: 'written', upTo })
  }

  #moment() {
    return { now: this.now, wall: 1_000_000 + this.now, chance: 0.5 }
  }
}

const WELCOME: ServerFrame = {
  t: 'welcome',
  version: 1,
  device: 'd'.repeat(43) as never,
  incarnation: uuid(9) as never,
  deviceToken: 'device-token',
  deviceAreas: ['*'],
  areas: ['line-3'],
  serverTime: TIME,
  heartbeatMs: 10_000,
  outbox: 'new',
  marks: { urgent: 0, normal: 0 },
}

function outboxRows(count: number): readonly Row[] {
  return Array.from({ length: count }, (_, index) => {
    const seq = index + 1
    const row: OutboxRow = {
      id: uuid(seq) as CommandId,
      ref: `old${seq}`,
      lane: 'urgent',
      seq,
      type: 'alert.raise',
      data: ALERT,
      session: null,
      by: null,
      madeAt: 0,
    }
    return { key: outboxKey('urgent', seq), value: row }
  })
}

it('[R1] is a function of its inputs: the same story gives the same effects', () => {
  const tell = () =>
    new Bench().live().submit(1).give({ kind: 'ticked' }).submit(1).give({ kind: 'hinted', hint: 'woke' }).live()
      .effects
  expect(tell()).toEqual(tell())
})

it('[R4] connects a new device only when the name of its outbox is on disk', () => {
  const bench = new Bench()
  expect(bench.effects.findIndex((effect) => effect.kind === 'save')).toBe(1)
  expect(bench.of('save')[0]?.writes).toMatchObject([{ table: 'meta', key: 'outbox' }])
  expect(bench.of('openSocket')).toHaveLength(1)
})

it('[R1] names a time for everything that must happen by itself', () => {
  const bench = new Bench()
  expect(deadline(bench.state)).toBe(LIMITS.greetingMs)
  bench.live()
  expect(deadline(bench.state)).toBe(10_000)
  bench.submit(1)
  bench.frame({
    t: 'retry-later',
    lane: 'urgent',
    seq: 1,
    id: uuid(1_000_001) as never,
    code: 'unavailable',
    message: 'later',
    afterMs: 3_000,
  })
  expect(deadline(bench.state)).toBe(3_000)
})

describe('[R19] bounds', () => {
  it('refuse a command when the outbox is full, and drop nothing', () => {
    const rows = outboxRows(LIMITS.maxOutboxCommands)
    const next = { urgent: LIMITS.maxOutboxCommands + 1, normal: 1 }
    const meta = [{ key: 'outbox', value: { epoch: uuid(1), incarnation: null, next } }]
    const bench = new Bench({ outbox: rows, meta }).submit(1)
    expect(bench.of('answer')).toMatchObject([{ answer: { ok: false, code: 'outbox-full' } }])
    expect(bench.state.outbox.byId.size).toBe(LIMITS.maxOutboxCommands)
  })

  it('drop the link, and nothing else, when a failing disk has too much waiting', () => {
    const bench = new Bench().live()
    bench.disk = 'hangs'
    bench.give({ kind: 'writeFailed' })
    for (let offset = 1; offset <= MAX_UNWRITTEN + 1; offset += 1) {
      if (bench.state.connection.kind !== 'live') break
      const data = { key: 'k', record: { offset } }
      bench.frame({
        t: 'event',
        channel: 'alerts/urgent' as never,
        epoch: EPOCH,
        offset,
        id: uuid(offset) as never,
        type: 'alert.raised',
        at: TIME,
        data,
      })
    }
    expect(bench.state.connection).toMatchObject({ kind: 'waiting', trouble: { code: 'storage-failed' } })
    expect(bench.state.ledger.waiting.length).toBeGreaterThan(MAX_UNWRITTEN)
  })

  it('keep the newest receipts, counting what went', () => {
    const receipts = Array.from({ length: LIMITS.maxStoredReceipts }, (_, index) => ({
      key: `${uuid(index)} displayed`,
      value: { alert: uuid(index), kind: 'displayed', at: index },
    }))
    const bench = new Bench({ receipts })
    bench.give({ kind: 'windowAttached', port: 1 })
    bench.give({ kind: 'windowSpoke', port: 1, message: { t: 'displayed', alert: uuid(999_999) }, fresh: uuid(4) })
    expect(bench.state.receipts.rows.size).toBe(LIMITS.maxStoredReceipts)
    expect(bench.state.receipts.rows.has(`${uuid(0)} displayed`)).toBe(false)
    expect(bench.of('log').filter((effect) => effect.event === 'receipt-dropped')).toHaveLength(1)
  })

  it('send receipts in batches, one at a time', () => {
    const receipts = Array.from({ length: LIMITS.maxReceipts + 1 }, (_, index) => ({
      key: `${uuid(index)} displayed`,
      value: { alert: uuid(index), kind: 'displayed', at: index },
    }))
    const bench = new Bench({ receipts }).live()
    const sizes = () => bench.of('send').flatMap(({ frame }) => (frame.t === 'receipts' ? [frame.items.length] : []))
    expect(sizes()).toEqual([LIMITS.maxReceipts])
    bench.frame({ t: 'receipted', ref: 1 })
    expect(sizes()).toEqual([LIMITS.maxReceipts, 1])
  })

  it('hold a bounded number of live values per channel, for windows that show it', () => {
    const bench = new Bench().live()
    const channel = 'telemetry/line-3/press-1' as never
    bench.give({ kind: 'windowAttached', port: 1 })
    bench.give({ kind: 'windowSpoke', port: 1, message: { t: 'open', shows: [channel] }, fresh: uuid(4) })
    bench.frame({ t: 'subscribed', channel, epoch: EPOCH, offset: 0, id: null, top: 0 })
    const live = (key: string, value: number) => bench.frame({ t: 'live', channel, key, value, at: TIME, ttlMs: 5_000 })
    for (let key = 0; key <= MAX_LIVE_KEYS; key += 1) live(`k${key}`, key)
    const sub = bench.state.channels.subscriptions.get(channel)
    expect([sub?.live.size, sub?.live.has('k0')]).toEqual([MAX_LIVE_KEYS, false])
    bench.effects = []
    bench.give({ kind: 'windowSpoke', port: 1, message: { t: 'view' }, fresh: uuid(4) })
    expect(bench.of('postPort').filter(({ message }) => message.t === 'live')).toHaveLength(MAX_LIVE_KEYS)
    bench.now = 5_000
    bench.effects = []
    bench.give({ kind: 'windowSpoke', port: 1, message: { t: 'view' }, fresh: uuid(4) })
    expect(bench.of('postPort').filter(({ message }) => message.t === 'live')).toHaveLength(0)
  })
})

it('[R28] does not show another person’s commands, except alerts', () => {
  const mine = outboxRows(1)[0]
  const row = mine?.value as OutboxRow
  const kim = { session: uuid(7) as SessionId, by: 'kim' }
  const outbox = [
    {
      key: outboxKey('normal', 1),
      value: { ...row, ...kim, id: uuid(50), ref: 'c', lane: 'normal', type: 'chat.post' },
    },
    { key: outboxKey('urgent', 1), value: { ...row, ...kim, ref: 'a' } },
  ]
  const ref = { lane: 'normal', seq: 1, from: 'window', savedAt: 0 }
  const refs = [
    { key: 'a', value: { ...ref, id: uuid(1) } },
    { key: 'c', value: { ...ref, id: uuid(50) } },
  ]
  const meta = [{ key: 'outbox', value: { epoch: uuid(1), incarnation: null, next: { urgent: 2, normal: 2 } } }]
  const bench = new Bench({ outbox, refs, meta })
  bench.give({ kind: 'windowAttached', port: 1 })
  bench.give({ kind: 'windowSpoke', port: 1, message: { t: 'open', shows: [] }, fresh: uuid(4) })
  const view = bench.of('postPort').flatMap(({ message }) => (message.t === 'view' ? [message.view] : []))[0]
  expect(view?.pending.map((command) => command.type)).toEqual(['alert.raise'])
})

it('[R14] rebuilds the connection when the server does not answer a subscription', () => {
  const bench = new Bench()
  const { generation } = bench.state.connection
  bench.give({ kind: 'socketOpened', generation, fresh: uuid(3) })
  bench.give({ kind: 'proved', generation, proof: 'p' }).frame(WELCOME)
  for (let second = 1; second <= 31; second += 1) {
    bench.now = second * 1_000
    const ping = bench.of('send').findLast(({ frame }) => frame.t === 'ping')?.frame
    if (ping?.t === 'ping') bench.frame({ t: 'pong', nonce: ping.nonce, serverTime: TIME, channels: {} })
    bench.give({ kind: 'ticked' })
  }
  expect(bench.state.connection).toMatchObject({ kind: 'waiting', trouble: { code: 'stalled' } })
})
