import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { channelName } from '../../../relay/protocol/channels.ts'
import type { CommandId, DeviceId, Incarnation, OutboxEpoch } from '../../../relay/protocol/ids.ts'
import { createRules } from '../../core/rules.ts'
import { domains } from '../../domains.ts'
import type { CommandRules } from '../../ports/rules.ts'
import type { GreetingRequest } from '../../ports/greeting.ts'
import type { EventPage, SnapshotStart, Tail } from '../../ports/store-reader.ts'
import type { Submission, SubmitResult } from '../../ports/submission.ts'
import { policyOfAll } from '../../testing/channel-policy.ts'
import type { RetentionPolicy } from '../../ports/retention.ts'
import { SqliteDatabase, type Answer, type Call } from './database.ts'

let folder = ''
let failures: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-database-'))
  failures = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const rules = createRules(domains)
const RETENTION: RetentionPolicy = {
  channels: policyOfAll({ maxEvents: 1e9, maxAgeMs: 1e12 }, { log: { maxEvents: 3, maxAgeMs: 1e12 } }),
  maxPruned: 4,
  kept: { marks: 1e12, idempotency: 1e12, receipts: 1e12, sessions: 1e12, usedDevices: 1e12, strangers: 1e12 },
}

function open(over: Partial<CommandRules> = {}): SqliteDatabase {
  const database = new SqliteDatabase({
    folder,
    rules: { ...rules, ...over },
    retention: RETENTION,
    now: () => '2026-11-20T03:00:00.000Z',
    failed: (what) => failures.push(what),
  })
  database.run([
    call('addArea', 'line-3'),
    call('putApiKey', { id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] }),
  ])
  return database
}

const DEVICE = 'd'.repeat(43) as DeviceId
const OUTBOX = '00000000-0000-4000-8000-000000000001' as OutboxEpoch
const GREETING: GreetingRequest = {
  device: DEVICE,
  publicKey: '{}',
  source: '127.0.0.1',
  name: 'Press 2',
  defaultAreas: ['*'],
  epoch: OUTBOX,
  incarnation: null,
  oldest: { urgent: 1, normal: 1 },
}
/** An event that cannot be written: JSON has no way to say it. */
const UNWRITABLE = { channel: channelName('chat', 'line-3'), type: 'chat.posted', data: 1n }
const PAGE = { maxItems: 100, maxBytes: 65_536 }

let nextRef = 1
function call(method: Call['method'], ...args: unknown[]): Call {
  return { ref: nextRef++, method, args }
}

function raise(id: number, title: string): Submission {
  return {
    source: { kind: 'api', keyId: 'key-1', idempotency: null },
    id: `00000000-0000-7000-8000-${id.toString(16).padStart(12, '0')}` as CommandId,
    type: 'alert.raise',
    data: { priority: 'P2', area: 'line-3', title },
  }
}

function results(answers: ReturnType<SqliteDatabase['run']>): SubmitResult[] {
  return answers.map((answer) => {
    if (!answer.ok) throw new Error(answer.message)
    return answer.value as SubmitResult
  })
}

describe('a group of commands', () => {
  it('[T2] [W5] one whose events the database does not take is rejected alone, and leaves no hole behind it', () => {
    const database = open({
      decide(records, command, now) {
        const decision = rules.decide(records, command, now)
        if (!decision.ok || command.type !== 'alert.raise' || command.data.title !== 'poison') return decision
        return { ...decision, events: [...decision.events, { ...UNWRITABLE, type: null as never, data: null }] }
      },
    })
    const [first, poison, last] = results(
      database.run([1, 2, 3].map((id) => call('submit', raise(id, id === 2 ? 'poison' : 'good')))),
    )
    expect(first?.events[0]?.event.offset).toBe(1)
    expect(poison?.verdict).toMatchObject({ kind: 'done', outcome: { outcome: 'rejected', code: 'handler-failed' } })
    expect(last?.events[0]?.event.offset).toBe(2)
    database.close()
  })

  it('[T2] a handler that throws is rejected alone; the others of its group stand', () => {
    const database = open({
      decide(records, command, now) {
        const decision = rules.decide(records, command, now)
        if (command.type === 'alert.raise' && command.data.title === 'poison') throw new Error('boom')
        return decision
      },
    })
    const [first, poison, last] = results(
      database.run([1, 2, 3].map((id) => call('submit', raise(id, id === 2 ? 'poison' : 'good')))),
    )
    expect(first?.events[0]?.event.offset).toBe(1)
    expect(poison?.verdict).toMatchObject({ kind: 'done', outcome: { outcome: 'rejected', code: 'handler-failed' } })
    expect(last?.events[0]?.event.offset).toBe(2)
    expect(failures).toEqual(['alert.raise'])
    database.close()
  })

  it('[X2] a program whose request failed here is not answered that again: its Idempotency-Key is tried anew', () => {
    let isBroken = true
    const opened = () =>
      open({
        decide(records, command, now) {
          if (isBroken) throw new Error('boom')
          return rules.decide(records, command, now)
        },
      })
    let database = opened()
    const ask = (id: number) => {
      const idempotency = { key: 'once', bodyHash: 'h' }
      const source = { kind: 'api', keyId: 'key-1', idempotency } as const
      return results(database.run([call('submit', { ...raise(id, 'good'), source })]))[0]?.verdict
    }
    expect(ask(1)).toMatchObject({ outcome: { code: 'handler-failed' }, repeated: false })
    expect(ask(2)).toMatchObject({ outcome: { code: 'handler-failed' }, repeated: false })
    database.close()
    // As servers before kept it, which was replayed for seven days.
    const file = new Database(join(folder, 'andon.sqlite'))
    const failed = JSON.stringify({ outcome: 'rejected', code: 'handler-failed', message: '', data: null, offsets: {} })
    file.prepare(`INSERT INTO idempotency VALUES ('key-1', 'once', 'h', ?, '2026-11-20T03:00:00.000Z')`).run(failed)
    file.close()
    database = opened()
    expect(ask(5)).toMatchObject({ outcome: { code: 'handler-failed' }, repeated: false })
    isBroken = false
    expect(ask(3)).toMatchObject({ outcome: { outcome: 'applied' }, repeated: false })
    expect(ask(4)).toMatchObject({ outcome: { outcome: 'applied' }, repeated: true })
    database.close()
  })

  it('[T7] a rejection that cannot be kept is reported, leaves nothing half done, and holds up nothing', () => {
    const keep = rules.rejections.keep.bind(rules.rejections)
    const database = open({
      rejections: {
        ...rules.rejections,
        keep: (record, room) => {
          const events = keep(record, room)
          return record.type === 'poison' ? [...events, UNWRITABLE] : events
        },
      },
    })
    const from = (seq: number, type: string): Submission => ({
      ...raise(seq, ''),
      source: { kind: 'outbox', device: DEVICE, epoch: OUTBOX, lane: 'normal', seq, session: null },
      type,
      data: null,
    })
    const group = [call('submit', from(1, 'poison')), call('submit', from(2, 'bad'))]
    const [poison, behind] = results(database.run([call('greet', GREETING), ...group]).slice(1))
    expect(poison).toMatchObject({ verdict: { outcome: { code: 'unknown-command' } }, events: [] })
    expect(behind?.events.map(({ event }) => [event.type, event.offset])).toEqual([['rejection.added', 1]])
    expect(failures).toEqual(['keep the rejected poison'])
    database.close()
  })

  it('[T3] a commit that the disk does not take has not happened, and everybody is asked to come back', () => {
    const trouble = new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
    let isFull = false
    const database = open({
      decide(records, command, now) {
        if (isFull && command.type === 'alert.raise' && command.data.title === 'last straw') throw trouble
        return rules.decide(records, command, now)
      },
    })
    isFull = true
    const group = [call('submit', raise(1, 'first')), call('submit', raise(2, 'last straw'))]
    const confirm = call('confirm', { device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: 1 })
    const [read, confirmed, ...answers] = database.run([call('tail', null), confirm, ...group])
    expect([read, confirmed]).toMatchObject([{ ok: true }, { ok: true }])
    for (const { verdict, events } of results(answers)) {
      expect(verdict).toMatchObject({ kind: 'retry-later', code: 'unavailable' })
      expect(events).toEqual([])
    }
    expect(failures).toEqual(['commit'])
    isFull = false
    const again = results(database.run([call('submit', raise(1, 'first')), call('submit', raise(2, 'last straw'))]))
    expect(again.map(({ events }) => events[0]?.event.offset)).toEqual([1, 2])
    database.close()
  })
})

describe('a disk that takes nothing more', () => {
  const trouble = new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
  const onFull = (): SqliteDatabase =>
    open({
      decide(records, command, now) {
        if (command.type === 'alert.raise' && command.data.title === 'last straw') throw trouble
        return rules.decide(records, command, now)
      },
    })
  const stranger: GreetingRequest = { ...GREETING, device: 'e'.repeat(43) as DeviceId }
  const elsewhere = '00000000-0000-4000-8000-00000000dead' as Incarnation
  const alone = (database: SqliteDatabase, next: Call): Answer | undefined => database.run([next])[0]

  it('[T14] greeting a device that is known, and reading what nobody wrote to, write nothing', async () => {
    const database = onFull()
    database.run([call('greet', GREETING)])
    const log = await readFile(join(folder, 'andon.sqlite-wal'))
    const orders = channelName('orders', 'line-3')
    const renamed = call('greet', { ...GREETING, name: 'Press 2b' })
    expect(alone(database, renamed)).toMatchObject({
      ok: true,
      value: { outbox: 'known', device: { name: 'Press 2b' } },
    })
    const { value: start } = alone(database, call('snapshotStart', orders)) as { value: SnapshotStart }
    for (const next of [
      call('greet', { ...GREETING, incarnation: elsewhere }),
      call('records', orders, null, PAGE),
      call('oldest', orders),
      call('resume', orders, start),
      call('events', orders, start, PAGE),
      call('lastEvents', orders, 9, PAGE),
    ])
      expect(alone(database, next)).toMatchObject({ ok: true })
    expect(await readFile(join(folder, 'andon.sqlite-wal'))).toEqual(log)
    database.close()
  })

  it('[W7] a type that has moved is taken in the lane it was numbered in, and its lane goes on', () => {
    const database = open({ mayTravelIn: () => true })
    database.run([call('greet', GREETING)])
    const source = { kind: 'outbox', device: DEVICE, epoch: OUTBOX, lane: 'normal', session: null } as const
    const taken = results(
      database.run([1, 2].map((seq) => call('submit', { ...raise(seq, 'old'), source: { ...source, seq } }))),
    )
    expect(taken.map(({ verdict }) => verdict)).toMatchObject([
      { outcome: { outcome: 'applied' } },
      { outcome: { outcome: 'applied' } },
    ])
    database.close()
  })

  it('[T14] what a known device calls itself is brought up to date by the next commit', () => {
    const database = open()
    database.run([call('greet', GREETING)])
    database.run([call('greet', { ...GREETING, name: 'Press 2b' })])
    database.run([call('submit', raise(1, 'any'))])
    expect(alone(database, call('device', DEVICE))).toMatchObject({ value: { name: 'Press 2b' } })
    database.close()
  })

  it('[T14] a cursor from before the first event of a channel stays good after it', () => {
    const database = open()
    const alerts = channelName('alerts', 'line-3')
    const { value: start } = alone(database, call('snapshotStart', alerts)) as { value: SnapshotStart }
    database.run([call('submit', raise(1, 'first'))])
    expect(alone(database, call('resume', alerts, start))).toMatchObject({
      value: { kind: 'resumed', offset: 0, top: 1 },
    })
    database.close()
  })

  it('[T3] [T14] it greets whom it knows, reads for everybody, and tells the others that it is the disk', () => {
    const database = onFull()
    database.run([call('greet', GREETING)])
    const past = { ...GREETING, incarnation: elsewhere, oldest: { urgent: 1, normal: 7 } }
    const [full, known, read, unknown, skipping] = database.run([
      call('submit', raise(1, 'last straw')),
      call('greet', GREETING),
      call('records', channelName('orders', 'line-3'), null, PAGE),
      call('greet', stranger),
      call('greet', past),
    ])
    expect(full).toMatchObject({ value: { verdict: { kind: 'retry-later', code: 'unavailable' } } })
    expect(known).toMatchObject({ ok: true, value: { outbox: 'known' } })
    expect(read).toMatchObject({ ok: true, value: { records: [] } })
    expect([unknown, skipping]).toMatchObject([
      { ok: false, isUnavailable: true },
      { ok: false, isUnavailable: true },
    ])
    expect(alone(database, call('device', stranger.device))).toMatchObject({ value: null })
    database.close()
  })
})

describe('retention', () => {
  const chat = channelName('chat', 'line-3')
  const post = (id: number): Submission => ({
    ...raise(id, ''),
    type: 'chat.post',
    data: { line: 'line-3', text: String(id) },
  })
  const value = (database: SqliteDatabase, method: Call['method'], ...args: unknown[]): unknown => {
    const [answer] = database.run([call(method, ...args)])
    if (answer?.ok !== true) throw new Error(JSON.stringify(answer))
    return answer.value
  }

  it('[S3] keeps the newest events of a channel, a bounded piece at a time, and says what a reader lost', () => {
    const database = open()
    for (let id = 1; id <= 9; id += 1) database.run([call('submit', post(id))])
    const start = value(database, 'snapshotStart', chat) as SnapshotStart
    const page = value(database, 'events', chat, { epoch: start.epoch, offset: 0 }, PAGE) as EventPage
    const cursor = (offset: number) => ({ epoch: start.epoch, offset, id: page.events[offset - 1]?.id ?? null })
    expect(database.prune()).toBe(true)
    expect(value(database, 'resume', chat, cursor(3))).toEqual({
      kind: 'reset',
      reason: 'expired',
      lost: { from: 4, to: 4 },
    })
    // A cursor that stands on the last deleted event has missed nothing.
    expect(value(database, 'resume', chat, cursor(4))).toMatchObject({ kind: 'resumed', offset: 4 })
    expect(database.prune()).toBe(false)
    expect(value(database, 'oldest', chat)).toMatchObject({ offset: 6, top: 9 })
    const rest = value(database, 'events', chat, { epoch: start.epoch, offset: 6 }, PAGE) as EventPage
    expect(rest.events.map(({ offset }) => offset)).toEqual([7, 8, 9])
    expect((value(database, 'events', chat, { epoch: start.epoch, offset: 2 }, PAGE) as EventPage).gone).toBe(true)
    database.close()
  })

  it('[T14] [T16] writes nothing where nothing is due', async () => {
    const database = open()
    for (let id = 1; id <= 3; id += 1) database.run([call('submit', post(id))])
    const log = await readFile(join(folder, 'andon.sqlite-wal'))
    expect(database.prune()).toBe(false)
    expect(await readFile(join(folder, 'andon.sqlite-wal'))).toEqual(log)
    database.close()
  })
})

describe('a database that was put back behind our back', () => {
  const incarnation = (database: SqliteDatabase) => database.run([call('incarnation')])[0]

  it('[T11] is noticed by the mark beside it: a new incarnation and new epochs', async () => {
    const first = open()
    first.run([call('submit', raise(1, 'before'))])
    const before = incarnation(first)
    first.close()
    await copyFile(join(folder, 'andon.sqlite'), join(folder, 'old'))

    const second = open()
    expect(incarnation(second)).toMatchObject({ value: (before as { value: unknown }).value })
    for (let id = 2; id <= 5; id += 1) second.run([call('submit', raise(id, 'lost'))])
    const [top] = (second.run([call('tail', null)])[0] as { value: Tail }).value.tops
    second.close()
    await copyFile(join(folder, 'old'), join(folder, 'andon.sqlite'))

    const third = open()
    expect(failures).toEqual(['rolled-back'])
    expect(incarnation(third)).not.toMatchObject({ value: (before as { value: unknown }).value })
    const [now] = (third.run([call('tail', null)])[0] as { value: Tail }).value.tops
    expect(now).toMatchObject({ channel: top?.channel, top: 1 })
    expect(now?.epoch).not.toBe(top?.epoch)
    third.close()
    open().close()
    expect(failures).toEqual(['rolled-back'])
  })

  it('claims nothing when the mark is missing or torn', async () => {
    open().close()
    await writeFile(join(folder, 'andon.mark'), '{"incarn')
    open().close()
    await rm(join(folder, 'andon.mark'))
    open().close()
    expect(failures).toEqual([])
  })
})
