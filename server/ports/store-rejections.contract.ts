import { describe, expect, it } from 'vitest'
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId, SessionId, DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { RejectionRecord } from '../../relay/protocol/records.ts'
import type { Submission } from './store.ts'
import type { Bench } from './store.contract.ts'
import {
  greeting,
  SESSION,
  DEVICE,
  PAGE,
  session,
  commandId,
  post,
  raise,
  from,
  verdictOf,
} from './store-samples.contract.ts'

/** What becomes of commands that were rejected (PROTOCOL D1–D7). */
export function rejectionsContract(bench: Bench): void {
  describe('rejected commands', () => {
    const LIST = channelName('rejections', 'line-3')
    const INBOX = channelName('inbox', 'kim')
    const REPORTED = commandId(77)
    const report = (seq: number, author: { session: SessionId | null; by: string | null }): Submission => ({
      ...from(post(seq, ''), null),
      type: 'outbox.report',
      data: {
        code: 'outbox-forked',
        command: { id: REPORTED, type: 'chat.post', data: { line: 'line-3', text: 'x' }, ...author },
      },
    })
    const bad = (seq: number): Submission => ({ ...post(seq, 'x'), data: { line: 'line-3', text: '' } })
    const open = async (list: ChannelName = LIST): Promise<readonly RejectionRecord[]> =>
      (await bench.store.records(list, null, { maxItems: 2_000, maxBytes: 1e9 })).records.map(
        ({ record }) => record as RejectionRecord,
      )
    const close = (seq: number, id: CommandId): Submission => ({
      ...post(seq, ''),
      type: 'rejection.close',
      data: { id, how: 'discarded', reason: 'typed in error' },
    })

    it('[D1] keeps what was rejected in its area, and tells the author, with the result and across a reopen', async () => {
      const { events } = await bench.store.submit(bad(1))
      expect(events.map(({ channel, event }) => [channel, event.type, event.by, event.cause])).toEqual([
        [LIST, 'rejection.added', 'kim', commandId(1)],
        [INBOX, 'command.rejected', 'kim', commandId(1)],
      ])
      await bench.reopen()
      const kept = { id: commandId(1), type: 'chat.post', data: { line: 'line-3', text: '' }, code: 'bad-command' }
      const of = { by: 'kim', on: 'Press 2', device: DEVICE, area: 'line-3', closed: null }
      expect(await open()).toMatchObject([{ ...kept, ...of, message: '"text" must not be empty.' }])
      expect((await bench.store.lastEvents(INBOX, 1, PAGE)).map(({ data }) => data)).toEqual(await open())
    })

    it('[D1] keeps it once: a repeat of the command, and the same id again, add nothing', async () => {
      await bench.store.submit(bad(1))
      expect((await bench.store.submit(bad(1))).events).toEqual([])
      expect((await bench.store.submit({ ...bad(2), id: commandId(1) })).events).toEqual([])
      expect(await open()).toHaveLength(1)
    })

    it('[D1] keeps what no lane table knows, what was given up and what a revoked session had queued, and goes on', async () => {
      const odd = { constructor: null, line: { area: 'line-3' }, area: ['line-3'] }
      await bench.store.submit({ ...post(1, 'x'), type: 'chat.shout', data: odd })
      await bench.store.submit({ ...post(2, 'late'), giveUp: true })
      await bench.store.putSession({ ...session(), status: 'revoked' })
      await bench.store.submit(post(3, 'x'))
      expect((await open()).map(({ code, by }) => [code, by])).toEqual([
        ['unknown-command', 'kim'],
        ['gave-up', 'kim'],
        ['session-revoked', 'kim'],
      ])
      expect((await open())[0]?.data).toEqual(odd)
      await bench.store.putSession(session())
      expect(verdictOf(await bench.store.submit(post(4, 'behind')))).toMatchObject({ outcome: { outcome: 'applied' } })
    })

    it('[D1] names the device where the session is not one of its own, and writes to nobody’s inbox', async () => {
      const other = 'e'.repeat(43) as DeviceId
      await bench.store.greet({ ...greeting(), device: other, name: 'Lathe 4' })
      const { source, ...command } = post(1, 'x')
      if (source.kind !== 'outbox') throw new Error('only an outbox has devices')
      const { events } = await bench.store.submit({ ...command, source: { ...source, device: other } })
      expect(events.map(({ channel, event }) => [channel, event.by])).toEqual([[LIST, 'device:Lathe 4']])
    })

    it('[D1] does not keep what a program was refused', async () => {
      await bench.store.putApiKey({ id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] })
      const source = { kind: 'api', keyId: 'key-1', idempotency: null } as const
      expect((await bench.store.submit({ ...bad(1), source })).events).toEqual([])
    })

    it('[D2] finds the area: named, else of the record, else of the author, else of the site', async () => {
      const alert = raise(1, 'P2')
      await bench.store.submit(alert)
      const named = { ...post(1, 'x'), data: { line: 'line-1', text: 'x' } }
      await bench.store.submit(named)
      expect((await open(channelName('rejections', 'line-1'))).map(({ code }) => code)).toEqual(['forbidden'])
      await bench.store.putOperator({ id: 'kim', role: 'operator', areas: ['line-1'], pinHash: 'x', status: 'active' })
      await bench.store.submit({ ...raise(2, 'P2'), type: 'alert.ack', data: { id: alert.id } })
      expect((await open()).map(({ type }) => type)).toEqual(['alert.ack'])
      await bench.store.putOperator({ id: 'kim', role: 'operator', areas: ['line-3'], pinHash: 'x', status: 'active' })
      await bench.store.submit({ ...raise(3, 'P2'), type: 'alert.ack', data: { id: commandId(999) } })
      expect((await open()).map(({ code }) => code)).toEqual(['forbidden', 'alert-not-found'])
      await bench.store.submit(from({ ...raise(4, 'P2'), type: 'alert.ack', data: { id: commandId(999) } }, null))
      expect((await open(channelName('rejections', 'line-1'))).map(({ by }) => by)).toEqual(['kim', 'device:Press 2'])
    })

    it('[D4] closing takes it away and says who and why, to the author too; a second time changes nothing', async () => {
      await bench.store.submit(bad(1))
      const closed = await bench.store.submit(close(2, commandId(1)))
      expect(await open()).toEqual([])
      const end = { by: 'kim', on: 'Press 2', how: 'discarded', reason: 'typed in error' }
      expect(closed.events.map(({ channel, event }) => [channel, event.type, event.data])).toMatchObject([
        [LIST, 'rejection.closed', { key: commandId(1), record: null, rejection: { closed: end } }],
        [INBOX, 'command.closed', { id: commandId(1), closed: end }],
      ])
      const again = await bench.store.submit(close(3, commandId(1)))
      expect([verdictOf(again), again.events]).toMatchObject([{ outcome: { outcome: 'applied' } }, []])
    })

    it('[D6] closes the oldest of an area that is full, and says so', async () => {
      const count = LIMITS.maxOpenRejections
      await Promise.all(Array.from({ length: count }, (_, index) => bench.store.submit(bad(index + 1))))
      const { events } = await bench.store.submit(bad(count + 1))
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

    it('[D7] keeps what a device reports that it put to review, under its author, once', async () => {
      const { events } = await bench.store.submit(report(1, { session: SESSION, by: 'kim' }))
      expect(events.map(({ channel, event }) => [channel, event.type, event.cause])).toEqual([
        [LIST, 'rejection.added', commandId(1)],
        [INBOX, 'command.rejected', commandId(1)],
      ])
      expect(await open()).toMatchObject([
        { id: REPORTED, type: 'chat.post', data: { line: 'line-3' }, by: 'kim', code: 'outbox-forked', closed: null },
      ])
      const again = await bench.store.submit(report(2, { session: SESSION, by: 'kim' }))
      expect([verdictOf(again), again.events]).toMatchObject([{ outcome: { outcome: 'applied' } }, []])
    })

    it('[D7] takes the device’s word for an author it does not know as a word, and writes to nobody’s inbox', async () => {
      const unknown = '00000000-0000-4000-8000-0000000000bb' as SessionId
      await bench.store.submit(report(1, { session: unknown, by: 'kim' }))
      expect(await open()).toMatchObject([{ by: 'device:Press 2', message: expect.stringMatching(/ Made by kim\.$/) }])
      expect((await bench.store.tops()).filter(({ channel, top }) => channel === INBOX && top > 0)).toEqual([])
    })

    it('[D7] refuses a report that says less or more than a report says, and keeps that too', async () => {
      const odd = { ...report(1, { session: null, by: null }), data: { code: 'bad-command', command: {} } }
      expect(verdictOf(await bench.store.submit(odd))).toMatchObject({ outcome: { code: 'bad-command' } })
      expect((await bench.store.records(channelName('rejections', 'line-1'), null, PAGE)).records).toMatchObject([
        { record: { id: commandId(1), type: 'outbox.report' } },
      ])
    })
  })
}
