/**
 * The suite every store runs. `open` starts from an empty place, `reopen` closes and opens the same place again (a crash
 * where the adapter can do one). Rules are those of PROTOCOL.md.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { channelName, URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import type {
  CommandId,
  Cursor,
  DeviceId,
  Epoch,
  EventId,
  Incarnation,
  OutboxEpoch,
  SessionId,
} from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { RejectionRecord } from '../../relay/protocol/records.ts'
import type { GreetingRequest, SessionRow, Store, Submission, SubmitResult } from './store.ts'

export interface StoreHarness {
  open(): Promise<Store>
  reopen(store: Store): Promise<Store>
  dispose(): Promise<void>
}

const DEVICE = 'd'.repeat(43) as DeviceId
const OUTBOX = '00000000-0000-4000-8000-000000000001' as OutboxEpoch
const SESSION = '00000000-0000-4000-8000-0000000000aa' as SessionId
const CHAT = channelName('chat', 'line-3')
const PAGE = { maxItems: 100, maxBytes: LIMITS.maxPageBytes }

export function storeContract(name: string, createHarness: () => StoreHarness): void {
  describe(`store contract: ${name}`, () => {
    let harness: StoreHarness
    let store: Store

    beforeEach(async () => {
      harness = createHarness()
      store = await harness.open()
      await store.addArea('line-3')
      await store.addArea('line-1')
      await store.putOperator({ id: 'kim', role: 'operator', areas: ['line-3'], pinHash: 'x', status: 'active' })
      await store.greet(greeting())
      await store.putSession(session())
    })
    afterEach(async () => {
      await store.close()
      await harness.dispose()
    })

    describe('commands', () => {
      it('[W1] applies mark + 1 once and gives its events the next offsets', async () => {
        const first = await store.submit(post(1, 'one'))
        const second = await store.submit(post(2, 'two'))
        expect(first.events.map(({ event }) => event.offset)).toEqual([1])
        expect(second.events.map(({ event }) => [event.offset, event.type, event.by, event.data])).toEqual([
          [2, 'chat.posted', 'kim', { line: 'line-3', text: 'two' }],
        ])
        expect(verdictOf(second)).toMatchObject({
          kind: 'done',
          repeated: false,
          outcome: { outcome: 'applied', offsets: { [CHAT]: 2 } },
        })
      })

      it('[W1] [T1] keeps everything it answered across a reopen', async () => {
        await store.submit(post(1, 'one'))
        store = await harness.reopen(store)
        const page = await store.events(CHAT, { epoch: await epochOf(store, CHAT), offset: 0 }, PAGE)
        expect(page.events.map(({ data }) => data)).toEqual([{ line: 'line-3', text: 'one' }])
        expect(verdictOf(await store.submit(post(1, 'one')))).toMatchObject({ kind: 'done', repeated: true })
      })

      it('[W2] answers a hole with the sequence it expects and changes nothing', async () => {
        await store.submit(post(1, 'one'))
        const result = await store.submit(post(3, 'three'))
        expect(result).toEqual({ verdict: { kind: 'expect', seq: 2 }, events: [], endedSessions: [] })
        expect(await texts(store)).toEqual(['one'])
      })

      it('[W3] answers a repeat with the stored result, without a second effect', async () => {
        const first = await store.submit(post(1, 'one'))
        const again = await store.submit(post(1, 'one'))
        expect(again.events).toEqual([])
        expect(verdictOf(again)).toEqual({ ...verdictOf(first), repeated: true })
        expect(await texts(store)).toEqual(['one'])
      })

      it('[W3] answers another command under a taken number as a fork, and writes it down for review', async () => {
        await store.submit(post(1, 'one'))
        const forked = await store.submit({ ...post(1, 'other'), id: commandId(999) })
        expect(verdictOf(forked)).toEqual({ kind: 'forked', seq: 1 })
        expect(await texts(store)).toEqual(['one'])
        expect((await store.reviews()).map(({ kind }) => kind)).toEqual(['outbox-forked'])
      })

      it('[W4] forgets confirmed results, and takes a number below the mark as a fork from then on', async () => {
        await store.submit(post(1, 'one'))
        await store.submit(post(2, 'two'))
        await store.confirm({ device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: 1 })
        expect(verdictOf(await store.submit(post(1, 'one')))).toEqual({ kind: 'forked', seq: 1 })
        expect(verdictOf(await store.submit(post(2, 'two')))).toMatchObject({ kind: 'done', repeated: true })
      })

      it('[W5] stores a rejection as an end: the mark moves and the lane goes on', async () => {
        const bad = await store.submit({ ...post(1, 'x'), data: { line: 'line-3', text: '   ' } })
        expect(verdictOf(bad)).toMatchObject({
          kind: 'done',
          outcome: { outcome: 'rejected', code: 'bad-command', message: '"text" must not be empty.' },
        })
        expect(bad.verdict).toMatchObject({ outcome: { offsets: {} } })
        expect(await texts(store)).toEqual([])
        expect(verdictOf(await store.submit({ ...post(1, 'x'), data: { line: 'line-3', text: '   ' } }))).toMatchObject(
          { repeated: true },
        )
        expect(verdictOf(await store.submit(post(2, 'good')))).toMatchObject({ outcome: { outcome: 'applied' } })
      })

      it.each([
        ['unknown-command', { type: 'chat.shout', data: {} }],
        ['bad-command', { type: 'chat.post', data: null }],
        ['unknown-area', { type: 'chat.post', data: { line: 'line-9', text: 'x' } }],
        ['forbidden', { type: 'chat.post', data: { line: 'line-1', text: 'x' } }],
      ])('[W5] rejects with %s', async (code, command) => {
        expect(verdictOf(await store.submit({ ...post(1, 'x'), ...command }))).toMatchObject({
          outcome: { outcome: 'rejected', code },
        })
      })

      it('[W6] records a command that was given up, without carrying it out', async () => {
        expect(verdictOf(await store.submit({ ...post(1, 'late'), giveUp: true }))).toMatchObject({
          outcome: { outcome: 'rejected', code: 'gave-up' },
        })
        expect(await texts(store)).toEqual([])
      })

      it('[W7] counts the lanes apart', async () => {
        await store.submit(post(1, 'one'))
        const alert = await store.submit(raise(1, 'P0'))
        expect(verdictOf(alert)).toMatchObject({ outcome: { outcome: 'applied', offsets: { [URGENT_CHANNEL]: 1 } } })
        expect(verdictOf(await store.submit(raise(3, 'P0')))).toEqual({ kind: 'expect', seq: 2 })
      })

      it('[W8] refuses an author it cannot place: no session, another device’s session, a revoked one', async () => {
        const unsigned = await store.submit(from(post(1, 'x'), null))
        expect(verdictOf(unsigned)).toMatchObject({ outcome: { code: 'sign-in-needed' } })
        const strange = await store.submit(from(post(2, 'x'), '00000000-0000-4000-8000-0000000000bb' as SessionId))
        expect(verdictOf(strange)).toMatchObject({ outcome: { code: 'session-unknown' } })
        await store.putSession({ ...session(), status: 'revoked' })
        expect(verdictOf(await store.submit(post(3, 'x')))).toMatchObject({ outcome: { code: 'session-revoked' } })
      })

      it('[W8] still takes what a signed-out person had queued, under that name', async () => {
        const end = await store.submit({ ...post(1, ''), type: 'session.end', data: { session: SESSION } })
        expect(end.endedSessions).toEqual([SESSION])
        expect((await store.session(SESSION))?.status).toBe('signed-out')
        const late = await store.submit(post(2, 'queued before'))
        expect(late.events[0]?.event.by).toBe('kim')
      })

      it('[W8] lets a device alone raise an alert and do nothing else', async () => {
        const alert = await store.submit(from(raise(1, 'P0'), null))
        expect(alert.events[0]?.event.by).toBe('device:Press 2')
        expect(
          verdictOf(
            await store.submit(from({ ...raise(2, 'P0'), type: 'alert.ack', data: { id: commandId(1) } }, null)),
          ),
        ).toMatchObject({ outcome: { code: 'sign-in-needed' } })
      })

      it('[W9] names a created record by its command', async () => {
        const raised = raise(1, 'P2')
        const { events } = await store.submit(raised)
        expect(events[0]?.event.data).toMatchObject({ key: raised.id, record: { id: raised.id, priority: 'P2' } })
        expect(events[0]?.event.cause).toBe(raised.id)
      })

      it('[T4] carries out many at once in the order they were called', async () => {
        const results = await Promise.all(
          Array.from({ length: 200 }, (_, index) => store.submit(post(index + 1, String(index)))),
        )
        expect(results.map((result) => result.events[0]?.event.offset)).toEqual(
          Array.from({ length: 200 }, (_, index) => index + 1),
        )
      })
    })

    describe('rejected commands', () => {
      const LIST = channelName('rejections', 'line-3')
      const INBOX = channelName('inbox', 'kim')
      const bad = (seq: number): Submission => ({ ...post(seq, 'x'), data: { line: 'line-3', text: '' } })
      const open = async (list: ChannelName = LIST): Promise<readonly RejectionRecord[]> =>
        (await store.records(list, null, { maxItems: 2_000, maxBytes: 1e9 })).records.map(
          ({ record }) => record as RejectionRecord,
        )
      const close = (seq: number, id: CommandId): Submission => ({
        ...post(seq, ''),
        type: 'rejection.close',
        data: { id, how: 'discarded', reason: 'typed in error' },
      })

      it('[D1] keeps what was rejected in its area, and tells the author, with the result and across a reopen', async () => {
        const { events } = await store.submit(bad(1))
        expect(events.map(({ channel, event }) => [channel, event.type, event.by, event.cause])).toEqual([
          [LIST, 'rejection.added', 'kim', commandId(1)],
          [INBOX, 'command.rejected', 'kim', commandId(1)],
        ])
        store = await harness.reopen(store)
        const kept = { id: commandId(1), type: 'chat.post', data: { line: 'line-3', text: '' }, code: 'bad-command' }
        const of = { by: 'kim', on: 'Press 2', device: DEVICE, area: 'line-3', closed: null }
        expect(await open()).toMatchObject([{ ...kept, ...of, message: '"text" must not be empty.' }])
        expect((await store.lastEvents(INBOX, 1, PAGE)).map(({ data }) => data)).toEqual(await open())
      })

      it('[D1] keeps it once: a repeat of the command, and the same id again, add nothing', async () => {
        await store.submit(bad(1))
        expect((await store.submit(bad(1))).events).toEqual([])
        expect((await store.submit({ ...bad(2), id: commandId(1) })).events).toEqual([])
        expect(await open()).toHaveLength(1)
      })

      it('[D1] keeps what no lane table knows, what was given up and what a revoked session had queued, and goes on', async () => {
        const odd = { constructor: null, line: { area: 'line-3' }, area: ['line-3'] }
        await store.submit({ ...post(1, 'x'), type: 'chat.shout', data: odd })
        await store.submit({ ...post(2, 'late'), giveUp: true })
        await store.putSession({ ...session(), status: 'revoked' })
        await store.submit(post(3, 'x'))
        expect((await open()).map(({ code, by }) => [code, by])).toEqual([
          ['unknown-command', 'kim'],
          ['gave-up', 'kim'],
          ['session-revoked', 'kim'],
        ])
        expect((await open())[0]?.data).toEqual(odd)
        await store.putSession(session())
        expect(verdictOf(await store.submit(post(4, 'behind')))).toMatchObject({ outcome: { outcome: 'applied' } })
      })

      it('[D1] names the device where the session is not one of its own, and writes to nobody’s inbox', async () => {
        const other = 'e'.repeat(43) as DeviceId
        await store.greet({ ...greeting(), device: other, name: 'Lathe 4' })
        const { source, ...command } = post(1, 'x')
        if (source.kind !== 'outbox') throw new Error('only an outbox has devices')
        const { events } = await store.submit({ ...command, source: { ...source, device: other } })
        expect(events.map(({ channel, event }) => [channel, event.by])).toEqual([[LIST, 'device:Lathe 4']])
      })

      it('[D1] does not keep what a program was refused', async () => {
        await store.putApiKey({ id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] })
        const source = { kind: 'api', keyId: 'key-1', idempotency: null } as const
        expect((await store.submit({ ...bad(1), source })).events).toEqual([])
      })

      it('[D2] finds the area: named, else of the record, else of the author, else of the site', async () => {
        const alert = raise(1, 'P2')
        await store.submit(alert)
        const named = { ...post(1, 'x'), data: { line: 'line-1', text: 'x' } }
        await store.submit(named)
        expect((await open(channelName('rejections', 'line-1'))).map(({ code }) => code)).toEqual(['forbidden'])
        await store.putOperator({ id: 'kim', role: 'operator', areas: ['line-1'], pinHash: 'x', status: 'active' })
        await store.submit({ ...raise(2, 'P2'), type: 'alert.ack', data: { id: alert.id } })
        expect((await open()).map(({ type }) => type)).toEqual(['alert.ack'])
        await store.putOperator({ id: 'kim', role: 'operator', areas: ['line-3'], pinHash: 'x', status: 'active' })
        await store.submit({ ...raise(3, 'P2'), type: 'alert.ack', data: { id: commandId(999) } })
        expect((await open()).map(({ code }) => code)).toEqual(['forbidden', 'alert-not-found'])
        await store.submit(from({ ...raise(4, 'P2'), type: 'alert.ack', data: { id: commandId(999) } }, null))
        expect((await open(channelName('rejections', 'line-1'))).map(({ by }) => by)).toEqual(['kim', 'device:Press 2'])
      })

      it('[D4] closing takes it away and says who and why, to the author too; a second time changes nothing', async () => {
        await store.submit(bad(1))
        const closed = await store.submit(close(2, commandId(1)))
        expect(await open()).toEqual([])
        const end = { by: 'kim', on: 'Press 2', how: 'discarded', reason: 'typed in error' }
        expect(closed.events.map(({ channel, event }) => [channel, event.type, event.data])).toMatchObject([
          [LIST, 'rejection.closed', { key: commandId(1), record: null, rejection: { closed: end } }],
          [INBOX, 'command.closed', { id: commandId(1), closed: end }],
        ])
        const again = await store.submit(close(3, commandId(1)))
        expect([verdictOf(again), again.events]).toMatchObject([{ outcome: { outcome: 'applied' } }, []])
      })

      it('[D6] closes the oldest of an area that is full, and says so', async () => {
        const count = LIMITS.maxOpenRejections
        await Promise.all(Array.from({ length: count }, (_, index) => store.submit(bad(index + 1))))
        const { events } = await store.submit(bad(count + 1))
        const end = { by: 'system', on: null, how: 'discarded', reason: 'over the limit' }
        expect(events.map(({ event }) => [event.type, event.data])).toMatchObject([
          ['rejection.closed', { key: commandId(1), record: null, rejection: { closed: end } }],
          ['command.closed', { id: commandId(1), closed: end }],
          ['rejection.added', { key: commandId(count + 1) }],
          ['command.rejected', { id: commandId(count + 1) }],
        ])
        const kept = await open()
        expect([kept.length, kept[0]?.id]).toEqual([count, commandId(2)])
      })
    })

    describe('idempotent API commands', () => {
      const byKey = (bodyHash: string, id: number): Submission => ({
        ...raise(1, 'P1'),
        source: { kind: 'api', keyId: 'key-1', idempotency: { key: 'same', bodyHash } },
        id: commandId(id),
      })
      beforeEach(() => store.putApiKey({ id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] }))

      it('answers the same key and body with the stored answer, and another body as a conflict', async () => {
        const first = await store.submit(byKey('a', 1))
        expect(first.events[0]?.event.by).toBe('scada')
        const again = await store.submit(byKey('a', 2))
        expect(verdictOf(again)).toEqual({ ...verdictOf(first), repeated: true })
        expect(verdictOf(await store.submit(byKey('b', 3)))).toEqual({ kind: 'conflict' })
        expect((await store.records(URGENT_CHANNEL, null, PAGE)).records).toHaveLength(1)
      })
    })

    describe('greeting', () => {
      it('[W10] knows a device by its marks', async () => {
        await store.submit(post(1, 'one'))
        expect(await store.greet(greeting({ normal: 2 }))).toMatchObject({
          outbox: 'known',
          marks: { urgent: 0, normal: 1 },
        })
      })

      it('[W10] tells a device with history that it is forgotten, and writes it down', async () => {
        const stranger = { ...greeting({ normal: 7 }), device: 'f'.repeat(43) as DeviceId }
        expect(await store.greet(stranger)).toMatchObject({ outbox: 'forgotten', marks: { urgent: 0, normal: 0 } })
        expect((await store.reviews()).map(({ kind }) => kind)).toEqual(['forgotten'])
      })

      it('[W10] adopts the oldest sequence of a device that knew another incarnation, and records the range it never saw', async () => {
        const old = { ...greeting({ normal: 7 }), incarnation: '00000000-0000-4000-8000-00000000dead' as Incarnation }
        expect(await store.greet(old)).toMatchObject({ outbox: 'adopted', marks: { urgent: 0, normal: 6 } })
        expect((await store.reviews()).map(({ detail }) => detail)).toEqual([
          { epoch: OUTBOX, lane: 'normal', from: 1, to: 6 },
        ])
        expect(verdictOf(await store.submit(post(7, 'seven')))).toMatchObject({ outcome: { outcome: 'applied' } })
      })

      it('[W10] adopts a device that is past what the store knows of it: it was rolled back', async () => {
        await store.submit(post(1, 'one'))
        expect(await store.greet(greeting({ normal: 5 }))).toMatchObject({ outbox: 'adopted', marks: { normal: 4 } })
        expect((await store.reviews()).map(({ detail }) => detail)).toEqual([
          { epoch: OUTBOX, lane: 'normal', from: 2, to: 4 },
        ])
      })

      it('keeps its incarnation across a reopen', async () => {
        const before = await store.incarnation()
        store = await harness.reopen(store)
        expect(await store.incarnation()).toBe(before)
      })
    })

    describe('reading', () => {
      const cursor = async (offset: number): Promise<Cursor> => {
        const page = await store.events(CHAT, { epoch: await epochOf(store, CHAT), offset: 0 }, PAGE)
        return { epoch: page.epoch, offset, id: offset === 0 ? null : (page.events[offset - 1]?.id ?? null) }
      }
      beforeEach(async () => {
        for (let seq = 1; seq <= 5; seq += 1) await store.submit(post(seq, String(seq)))
      })

      it('[S2] resumes a cursor that matches, at the start, in the middle and at the top', async () => {
        for (const offset of [0, 3, 5])
          expect(await store.resume(CHAT, await cursor(offset))).toMatchObject({ kind: 'resumed', offset, top: 5 })
      })

      it.each<[string, (at: Cursor) => Cursor]>([
        ['unknown-epoch', (at) => ({ ...at, epoch: '0123456789abcdef' as Epoch })],
        ['ahead', (at) => ({ ...at, offset: 6 })],
        ['unknown-event', (at) => ({ ...at, id: '00000000-0000-7000-8000-000000000000' as EventId })],
        ['unknown-event', (at) => ({ ...at, id: null })],
      ])('[S3] resets a cursor with %s', async (reason, forge) => {
        expect(await store.resume(CHAT, forge(await cursor(3)))).toMatchObject({ kind: 'reset', reason })
      })

      it('[S1] pages without a gap, by items and by bytes, and never returns an empty page before the top', async () => {
        const epoch = await epochOf(store, CHAT)
        const offsets: number[] = []
        for (let offset = 0; ;) {
          const { events, top } = await store.events(CHAT, { epoch, offset }, { maxItems: 2, maxBytes: 1 })
          if (events.length === 0) break
          expect(events).toHaveLength(1)
          offset = events.at(-1)?.offset ?? top
          offsets.push(offset)
        }
        expect(offsets).toEqual([1, 2, 3, 4, 5])
        expect(
          (await store.events(CHAT, { epoch, offset: 3 }, { maxItems: 1e9, maxBytes: 1e9 })).events.map(
            ({ offset }) => offset,
          ),
        ).toEqual([4, 5])
      })

      it('[S3] says that a page of another epoch or above the top is gone', async () => {
        expect((await store.events(CHAT, { epoch: '0123456789abcdef' as Epoch, offset: 0 }, PAGE)).gone).toBe(true)
        expect((await store.events(CHAT, { epoch: await epochOf(store, CHAT), offset: 99 }, PAGE)).gone).toBe(true)
      })

      it('gives the last events of a log oldest first', async () => {
        expect((await store.lastEvents(CHAT, 4, { maxItems: 2, maxBytes: 1e9 })).map(({ offset }) => offset)).toEqual([
          3, 4,
        ])
      })

      it('gives a channel nobody wrote to one lasting epoch and offset 0', async () => {
        const empty = channelName('orders', 'line-3')
        const start = await store.snapshotStart(empty)
        expect(start).toMatchObject({ offset: 0, id: null })
        store = await harness.reopen(store)
        expect(await store.snapshotStart(empty)).toEqual(start)
      })

      it('[S4] pages the records of a state channel in key order, each with its offset', async () => {
        for (let seq = 1; seq <= 5; seq += 1) await store.submit(raise(seq, 'P2'))
        const first = await store.records(channelName('alerts', 'line-3'), null, { maxItems: 2, maxBytes: 1e9 })
        const second = await store.records(channelName('alerts', 'line-3'), first.next, { maxItems: 2, maxBytes: 1e9 })
        const third = await store.records(channelName('alerts', 'line-3'), second.next, { maxItems: 2, maxBytes: 1e9 })
        const all = [...first.records, ...second.records, ...third.records]
        expect(third.next).toBeNull()
        expect(all.map(({ key }) => key)).toEqual(all.map(({ key }) => key).toSorted())
        expect(all.map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5])
      })

      it('deletes a record whose event says null', async () => {
        const raised = raise(1, 'P2')
        await store.submit(raised)
        await store.submit({ ...raise(2, 'P2'), type: 'alert.ack', data: { id: raised.id } })
        await store.submit({ ...raise(3, 'P2'), type: 'alert.resolve', data: { id: raised.id } })
        expect((await store.records(channelName('alerts', 'line-3'), null, PAGE)).records).toEqual([])
        expect(await store.record('alerts', raised.id)).toBeNull()
      })
    })

    describe('people', () => {
      it('swaps a session only while its refresh hash is the expected one', async () => {
        expect(await store.putSession({ ...session(), refreshHash: 'r2', generation: 2 }, 'r1')).toBe(true)
        expect(await store.putSession({ ...session(), refreshHash: 'r3', generation: 3 }, 'r1')).toBe(false)
        expect((await store.session(SESSION))?.refreshHash).toBe('r2')
      })

      it('keeps the first time of each receipt', async () => {
        const receipt = {
          alert: commandId(1),
          device: DEVICE,
          kind: 'displayed' as const,
          at: '2026-01-01T00:00:00.000Z',
        }
        await store.recordReceipts([receipt, { ...receipt, at: '2026-01-02T00:00:00.000Z' }])
        expect(await store.receipts(commandId(1))).toEqual([receipt])
      })
    })
  })
}

function greeting(oldest: Partial<Record<Lane, number>> = {}): GreetingRequest {
  return {
    device: DEVICE,
    publicKey: '{}',
    name: 'Press 2',
    defaultAreas: ['*'],
    epoch: OUTBOX,
    incarnation: null,
    oldest: { urgent: 1, normal: 1, ...oldest },
  }
}

function session(): SessionRow {
  return {
    id: SESSION,
    operator: 'kim',
    device: DEVICE,
    status: 'active',
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T12:00:00.000Z',
    refreshHash: 'r1',
    previousHash: null,
    generation: 1,
  }
}

function commandId(number: number): CommandId {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}` as CommandId
}

function post(seq: number, text: string): Submission {
  return {
    source: { kind: 'outbox', device: DEVICE, epoch: OUTBOX, lane: 'normal', seq, session: SESSION },
    id: commandId(seq),
    type: 'chat.post',
    data: { line: 'line-3', text },
    giveUp: false,
  }
}

function raise(seq: number, priority: string): Submission {
  return {
    source: { kind: 'outbox', device: DEVICE, epoch: OUTBOX, lane: 'urgent', seq, session: SESSION },
    id: commandId(0x1000 + seq),
    type: 'alert.raise',
    data: { priority, area: 'line-3', title: 'Hydraulic pressure low' },
    giveUp: false,
  }
}

function from(submission: Submission, author: SessionId | null): Submission {
  if (submission.source.kind !== 'outbox') throw new Error('only an outbox has sessions')
  return { ...submission, source: { ...submission.source, session: author } }
}

function verdictOf(result: SubmitResult): SubmitResult['verdict'] {
  return result.verdict
}

async function epochOf(store: Store, channel: ChannelName): Promise<Epoch> {
  return (await store.snapshotStart(channel)).epoch
}

async function texts(store: Store): Promise<unknown[]> {
  const page = await store.events(CHAT, { epoch: await epochOf(store, CHAT), offset: 0 }, PAGE)
  return page.events.map(({ data }) => (data as { text: string }).text)
}
