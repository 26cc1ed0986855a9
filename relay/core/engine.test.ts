import { describe, expect, it } from 'vitest'
import type { ServerFrame, ServerFrameOf } from '../protocol/frames.ts'
import type { CommandId, SessionId } from '../protocol/ids.ts'
import type { Lane } from '../protocol/lanes.ts'
import { LIMITS } from '../protocol/limits.ts'
import { LOCAL_LIMITS } from '../protocol/local.ts'
import { MemoryDisk } from '../testing/memory-store.ts'
import { TABLES, type Row, type Table } from '../ports.ts'
import { KEEP_REPLICA_MS, MAX_STORED_CHANNELS, PRUNED_AT_ONCE } from './channels/retention.ts'
import { DEFAULT_PAGING, type Paging } from './disk/paging.ts'
import { LAYOUT, outboxKey, type OutboxRow } from './disk/rows.ts'
import { startRanges } from './disk/start.ts'
import { createEngine, deadline, MAX_UNWRITTEN, step } from './engine.ts'
import { oldestSeqs, pendingCounts, TELL_OUTBOX_MS } from './outbox/counts.ts'
import { RECENT_REFS, rejectedCommands } from './outbox/refs.ts'
import type { EngineState } from './state.ts'
import type { Effect } from './step/effects.ts'
import type { Input, StartTables } from './step/inputs.ts'

const EPOCH = 'a'.repeat(16) as never
const TIME = '2026-11-20T06:00:00.000Z'
const uuid = (number: number) => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`
const ALERT = { priority: 'P0', area: 'line-3', title: 'Fire' }

/** An engine without a shell: every save is durable at once, and every read answered, unless `disk` says otherwise. */
class Bench {
  state: EngineState
  effects: Effect[] = []
  now = 0
  disk: 'works' | 'hangs' = 'works'
  readonly rows = new MemoryDisk()

  constructor(tables: Partial<Record<Table, readonly Row[]>> = {}, paging: Paging = DEFAULT_PAGING) {
    for (const table of TABLES) {
      this.rows.apply((tables[table] ?? []).map((row) => ({ op: 'put', table, ...row })))
    }
    const start = {
      tables: this.#startTables(paging),
      outboxEpoch: uuid(1),
      life: uuid(2),
      endingIds: [],
      network: '',
      paging,
    }
    const identity = {
      name: 'Terminal 12',
      build: 'test',
      kind: 'kiosk',
      warnings: [],
      versions: { min: 1, max: 1 },
      ways: ['ws'],
    } as const
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
    return this.give({ kind: 'frameReceived', generation: this.state.link.connection.generation, frame })
  }

  live(marks = NOTHING_TAKEN): this {
    const { generation } = this.state.link.connection
    this.give({ kind: 'socketOpened', generation, fresh: uuid(3) })
    this.frame({ t: 'challenge', nonce: 'nonce-nonce', minVersion: 1, maxVersion: 1 })
    this.give({ kind: 'proved', generation, proof: 'p' })
    this.frame({ ...WELCOME, marks })
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
    if (this.disk === 'hangs') return
    const saves = effects.filter((effect) => effect.kind === 'save')
    for (const { writes } of saves) this.rows.apply(writes)
    const upTo = saves.at(-1)?.token
    if (upTo !== undefined) this.give({ kind: 'written', upTo })
    for (const effect of effects) {
      if (effect.kind !== 'read') continue
      const { query, table, range } = effect
      this.give({ kind: 'rowsRead', query, rows: this.rows.rows(table, range) })
    }
  }

  #startTables(paging: Paging): StartTables {
    const meta = this.rows.rows('meta')
    const ranges = startRanges(meta, paging)
    const pages = (lane: Lane) => ({
      head: this.rows.rows('outbox', ranges[lane].head),
      tail: this.rows.rows('outbox', ranges[lane].tail),
    })
    const outbox = { urgent: pages('urgent'), normal: pages('normal') }
    return { meta, outbox, channels: this.rows.rows('channels'), receipts: this.rows.rows('receipts'), files: [] }
  }

  #moment() {
    return { now: this.now, wall: 1_000_000 + this.now, chance: 0.5 }
  }
}

const NOTHING_TAKEN = { urgent: 0, normal: 0 }
const WELCOME: ServerFrameOf<'welcome'> = {
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
  marks: NOTHING_TAKEN,
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
    return { key: outboxKey('urgent', seq, 0), value: row }
  })
}

it('[R1] is a function of its inputs: the same story gives the same effects', () => {
  const tell = () =>
    new Bench()
      .live()
      .submit(1)
      .give({ kind: 'ticked' })
      .submit(1)
      .give({ kind: 'hinted', hint: 'woke', network: '' })
      .live().effects
  expect(tell()).toEqual(tell())
})

it('[R4] connects a new device only when the name of its outbox is on disk', () => {
  const bench = new Bench()
  const kinds = bench.effects.map((effect) => effect.kind)
  expect(kinds.indexOf('save')).toBeLessThan(kinds.indexOf('openSocket'))
  expect(bench.of('save')[0]?.writes).toMatchObject([
    { table: 'meta', key: 'outbox' },
    { table: 'meta', key: 'layout', value: LAYOUT },
  ])
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
    expect(pendingCounts(bench.state.outbox).urgent).toBe(LIMITS.maxOutboxCommands)
    expect(bench.rows.rows('outbox')).toHaveLength(LIMITS.maxOutboxCommands)
  })

  it('drop the link, and nothing else, when a failing disk has too much waiting', () => {
    const bench = new Bench().live()
    bench.disk = 'hangs'
    bench.give({ kind: 'writeFailed' })
    for (let offset = 1; offset <= MAX_UNWRITTEN + 1; offset += 1) {
      if (bench.state.link.connection.kind !== 'live') break
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
    expect(bench.state.link.connection).toMatchObject({ kind: 'waiting', trouble: { code: 'storage-failed' } })
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
    expect(bench.state.windows.receipts.rows.size).toBe(LIMITS.maxStoredReceipts)
    expect(bench.state.windows.receipts.rows.has(`${uuid(0)} displayed`)).toBe(false)
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
    const live = (key: string, value: number) =>
      bench.frame({ t: 'live', channel, key, value, at: TIME, ageMs: 0, ttlMs: 5_000 })
    for (let key = 0; key <= LIMITS.maxLiveKeys; key += 1) live(`k${key}`, key)
    const sub = bench.state.channels.subscriptions.get(channel)
    expect([sub?.live.size, sub?.live.has('k0')]).toEqual([LIMITS.maxLiveKeys, false])
  })
})

describe('[R31] a long queue', () => {
  const COUNT = 5_000
  const meta = [
    { key: 'outbox', value: { epoch: uuid(1), incarnation: null, next: { urgent: COUNT + 1, normal: 1 } } },
    { key: 'layout', value: LAYOUT },
  ]
  const inMemory = ({ state }: Bench) => {
    const { byId, lanes, refs } = state.outbox
    return byId.size + lanes.urgent.shown.size + lanes.normal.shown.size + refs.young.rows.size + refs.old.rows.size
  }
  /** What memory may hold of one lane: its head, what windows are shown, and the references that changed lately. */
  const ROOM = DEFAULT_PAGING.head + LOCAL_LIMITS.shownPending + 2 * RECENT_REFS

  it('is counted at start, and only its two ends are read', () => {
    const bench = new Bench({ outbox: outboxRows(COUNT), meta })
    expect(pendingCounts(bench.state.outbox)).toEqual({ urgent: COUNT, normal: 0 })
    expect(inMemory(bench)).toBeLessThanOrEqual(ROOM)
  })

  it('is sent whole and in order, with a head in memory and never more', () => {
    const bench = new Bench({ outbox: outboxRows(COUNT), meta }).live()
    const sent: number[] = []
    for (let seq = 1; seq <= COUNT; seq += 1) {
      for (const { frame } of bench.of('send')) if (frame.t === 'command') sent.push(frame.seq)
      bench.effects = []
      bench.frame({ t: 'result', lane: 'urgent', seq, id: uuid(seq) as CommandId, outcome: 'applied' })
      expect(inMemory(bench)).toBeLessThanOrEqual(ROOM)
    }
    expect(sent).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1))
    expect(pendingCounts(bench.state.outbox)).toEqual({ urgent: 0, normal: 0 })
    expect(bench.rows.rows('outbox')).toEqual([])
  })

  it('grows on the disk and not in memory', () => {
    const bench = new Bench()
    for (let number = 1; number <= 1_000; number += 1) bench.submit(number)
    expect(inMemory(bench)).toBeLessThanOrEqual(ROOM)
    expect(bench.rows.rows('outbox')).toHaveLength(1_000)
    expect(pendingCounts(bench.state.outbox).urgent).toBe(1_000)
  })

  it('shows windows its newest commands and its length', () => {
    const bench = new Bench({ outbox: outboxRows(COUNT), meta })
    bench.submit(1)
    bench.give({ kind: 'windowAttached', port: 1 })
    bench.give({ kind: 'windowSpoke', port: 1, message: { t: 'open', shows: [] }, fresh: uuid(4) })
    const view = bench.of('postPort').flatMap(({ message }) => (message.t === 'view' ? [message.view] : []))[0]
    expect(view?.pending).toHaveLength(LOCAL_LIMITS.shownPending)
    expect(view?.pending.at(-1)?.id).toBe(uuid(1_000_001))
    expect(view?.outbox).toEqual({ urgent: COUNT + 1, normal: 0, ended: 0, sending: false })
  })

  it('tells windows of each end they were shown the beginning of, and of the others by numbers', () => {
    const bench = new Bench({ outbox: outboxRows(COUNT), meta }).live()
    bench.effects = []
    for (let seq = 1; seq <= COUNT; seq += 1) {
      bench.now += 1
      bench.frame({ t: 'result', lane: 'urgent', seq, id: uuid(seq) as CommandId, outcome: 'applied' })
    }
    const bodies = bench.of('postBus').map(({ message }) => message.body)
    expect(bodies.filter((body) => body.t === 'settled')).toHaveLength(LOCAL_LIMITS.shownPending)
    const told = bodies.flatMap((body) => (body.t === 'outbox' ? [body.outbox] : []))
    expect(told.length).toBeLessThanOrEqual(COUNT / TELL_OUTBOX_MS + 2)
    expect(told.at(-1)).toEqual({ urgent: 0, normal: 0, ended: COUNT, sending: false })
  })

  it('is counted right again when its rows turn out to have a hole', () => {
    const rows = outboxRows(COUNT).filter((_, index) => index !== 1_500)
    const bench = new Bench({ outbox: rows, meta }).live({ urgent: COUNT, normal: 0 })
    for (let seq = 1; seq <= COUNT; seq += 1) {
      bench.frame({ t: 'result', lane: 'urgent', seq, id: uuid(seq) as CommandId, outcome: 'applied' })
    }
    expect(pendingCounts(bench.state.outbox)).toEqual({ urgent: 0, normal: 0 })
  })

  it('[R81] has a hole that the server does not know: it is named in a greeting, and what is behind it waits for that', () => {
    const hole = 1_500
    const rows = outboxRows(COUNT).filter((_, index) => index !== hole - 1)
    const bench = new Bench({ outbox: rows, meta }).live({ urgent: hole - 2, normal: 0 })
    for (let seq = 1; seq < hole; seq += 1) {
      expect(bench.of('closeSocket')).toEqual([])
      bench.frame({ t: 'result', lane: 'urgent', seq, id: uuid(seq) as CommandId, outcome: 'applied' })
    }
    expect(bench.of('closeSocket')).toHaveLength(1)
    expect(oldestSeqs(bench.state.outbox).urgent).toBe(hole + 1)
    expect(pendingCounts(bench.state.outbox).urgent).toBe(COUNT - hole)
  })

  it('tells a change of its length that was held back by its own clock', () => {
    const bench = new Bench({ outbox: outboxRows(COUNT), meta }).live()
    bench.now = 1_000
    bench.frame({ t: 'result', lane: 'urgent', seq: 1, id: uuid(1) as CommandId, outcome: 'applied' })
    bench.frame({ t: 'result', lane: 'urgent', seq: 2, id: uuid(2) as CommandId, outcome: 'applied' })
    expect(deadline(bench.state)).toBe(1_000 + TELL_OUTBOX_MS)
    bench.now = 1_000 + TELL_OUTBOX_MS
    bench.give({ kind: 'timeReached' })
    expect(bench.of('observe').at(-1)?.observation).toEqual({
      kind: 'outbox',
      pending: { urgent: COUNT - 2, normal: 0 },
    })
  })
})

describe('[R11] references', () => {
  const ended = (index: number, over: object = {}) => ({
    key: `r${String(index).padStart(7, '0')}`,
    value: {
      id: uuid(index),
      lane: 'urgent',
      seq: index,
      from: 'host',
      savedAt: 0,
      settled: {
        at: 1_000_000 + index,
        outcome: 'applied',
        code: null,
        message: null,
        data: null,
        offsets: {},
        command: null,
      },
      ...over,
    },
  })

  it('are bounded: the oldest ends go first', () => {
    const refs = Array.from({ length: LIMITS.maxOutboxCommands + 10 }, (_, index) => ended(index + 1, { seenAt: 1 }))
    const bench = new Bench({ refs }, { ...DEFAULT_PAGING, page: LIMITS.maxOutboxCommands })
    const left = bench.rows.rows('refs')
    expect([left.length, left[0]?.key]).toEqual([LIMITS.maxOutboxCommands, ended(11).key])
  })

  it('are told page by page at start, each unseen result once', () => {
    const refs = Array.from({ length: 25 }, (_, index) => ended(index + 1, index % 5 === 0 ? { seenAt: 1 } : {}))
    const bench = new Bench({ refs }, { ...DEFAULT_PAGING, page: 4 })
    expect(bench.of('observe').filter(({ observation }) => observation.kind === 'result')).toHaveLength(20)
  })

  it('show the newest rejections, and older ones as these are dismissed', () => {
    const count = LOCAL_LIMITS.shownRejected + 100
    const refs = Array.from({ length: count }, (_, index) => {
      const command = { id: uuid(index + 1), type: 'alert.raise', data: ALERT, lane: 'urgent', session: null, by: null }
      const { settled } = ended(index + 1).value
      const rejected = {
        ...settled,
        outcome: 'rejected',
        command: { ...command, madeAt: 0, saved: true, notice: null },
      }
      return ended(index + 1, { from: 'window', settled: rejected })
    })
    const bench = new Bench({ refs })
    const shown = () => rejectedCommands(bench.state.outbox.refs).map(({ command }) => command.id)
    expect([shown().length, shown()[0]]).toEqual([LOCAL_LIMITS.shownRejected, uuid(101)])
    bench.give({ kind: 'windowAttached', port: 1 })
    for (const id of shown()) {
      bench.give({ kind: 'windowSpoke', port: 1, message: { t: 'dismiss', id }, fresh: uuid(4) })
      if (shown().includes(uuid(1) as CommandId)) break
    }
    expect(shown()).toContain(uuid(1))
  })
})

describe('[R33] what nobody needs any more', () => {
  const row = (name: string, over: object) => ({
    key: name,
    value: { kind: 'log', cursor: { epoch: EPOCH, offset: 1, id: null }, confirmedAt: 0, ...over },
  })
  const names = (bench: Bench) => bench.rows.rows('channels').map(({ key }) => key)

  it('goes from the disk when nobody wanted it for thirty days, but never the urgent channel', () => {
    const channels = [
      row('alerts/urgent', { kind: 'state', wantedAt: -KEEP_REPLICA_MS }),
      row('chat/line-1', { wantedAt: -KEEP_REPLICA_MS }),
      row('chat/line-2', { wantedAt: 1_000_000 }),
      row('chat/line-3', { confirmedAt: 1_000_000 - KEEP_REPLICA_MS - 1 }),
    ]
    const events = channels.map(({ key }) => ({ key: `${key} 0000000000000001`, value: {} }))
    const bench = new Bench({ channels, events })
    expect(names(bench)).toEqual(['alerts/urgent', 'chat/line-2'])
    expect(bench.rows.rows('events').map(({ key }) => key.split(' ')[0])).toEqual(['alerts/urgent', 'chat/line-2'])
  })

  it('goes a few at a time, and stays on the disk in bounded number', () => {
    const old = Array.from({ length: 40 }, (_, index) => row(`chat/old-${index}`, { wantedAt: -KEEP_REPLICA_MS }))
    expect(names(new Bench({ channels: old }))).toHaveLength(40 - PRUNED_AT_ONCE)
    const many = Array.from({ length: MAX_STORED_CHANNELS + 3 }, (_, index) =>
      row(`chat/x-${index}`, { wantedAt: 1_000 + index }),
    )
    const left = names(new Bench({ channels: many }))
    expect(left).toHaveLength(MAX_STORED_CHANNELS)
    expect(left).not.toContain('chat/x-2')
  })

  it('is known by when it was wanted, which is kept within a day', () => {
    const bench = new Bench({ channels: [row('alerts/urgent', { kind: 'state', wantedAt: 5 })] })
    bench.now = 24 * 3_600_000
    bench.give({ kind: 'ticked' })
    expect(bench.rows.rows('channels')[0]?.value).toMatchObject({ wantedAt: 1_000_000 + bench.now })
  })
})

it('[R28] does not show another person’s commands, except alerts', () => {
  const mine = outboxRows(1)[0]
  const row = mine?.value as OutboxRow
  const kim = { session: uuid(7) as SessionId, by: 'kim' }
  const outbox = [
    {
      key: outboxKey('normal', 1, 0),
      value: { ...row, ...kim, id: uuid(50), ref: 'c', lane: 'normal', type: 'chat.post' },
    },
    { key: outboxKey('urgent', 1, 0), value: { ...row, ...kim, ref: 'a' } },
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
  const { generation } = bench.state.link.connection
  bench.give({ kind: 'socketOpened', generation, fresh: uuid(3) })
  bench.give({ kind: 'proved', generation, proof: 'p' }).frame(WELCOME)
  for (let second = 1; second <= 31; second += 1) {
    bench.now = second * 1_000
    const ping = bench.of('send').findLast(({ frame }) => frame.t === 'ping')?.frame
    if (ping?.t === 'ping') bench.frame({ t: 'pong', nonce: ping.nonce, serverTime: TIME, channels: {} })
    bench.give({ kind: 'ticked' })
  }
  expect(bench.state.link.connection).toMatchObject({ kind: 'waiting', trouble: { code: 'stalled' } })
})
