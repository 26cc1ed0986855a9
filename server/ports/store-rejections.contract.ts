import { describe, expect, it } from 'vitest'
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import type { CommandId, SessionId, DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { RejectionRecord } from '../../relay/protocol/records.ts'
import type { Submission } from './submission.ts'
import {
  greeting,
  SESSION,
  DEVICE,
  OUTBOX,
  PAGE,
  session,
  commandId,
  post,
  raise,
  from,
  changed,
  verdictOf,
  type Bench,
} from './store-samples.contract.ts'

/** What becomes of commands that were rejected (PROTOCOL D1–D7). */
export function rejectionsContract(bench: Bench): void {
  describe('rejected commands', () => {
    const OUTBOX_LANE = { device: DEVICE, epoch: OUTBOX, lane: 'normal' } as const
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

    it('[D1] keeps what no lane table knows, and what a revoked session had queued, and goes on', async () => {
      const odd = { constructor: null, line: { area: 'line-3' }, area: ['line-3'] }
      await bench.store.submit({ ...post(1, 'x'), type: 'chat.shout', data: odd })
      await bench.store.putSession({ ...session(), status: 'revoked' })
      await bench.store.submit(post(2, 'x'))
      expect((await open()).map(({ code, by }) => [code, by])).toEqual([
        ['unknown-command', 'kim'],
        ['session-revoked', 'kim'],
      ])
      expect((await open())[0]?.data).toEqual(odd)
      await bench.store.putSession(session())
      expect(verdictOf(await bench.store.submit(post(3, 'behind')))).toMatchObject({ outcome: { outcome: 'applied' } })
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

    it('[D6] closes the oldest of a person who has too many, and says so', async () => {
      const count = LIMITS.maxOpenRejectionsPerPerson
      await Promise.all(Array.from({ length: count }, (_, index) => bench.store.submit(bad(index + 1))))
      await bench.store.confirm({ ...OUTBOX_LANE, upTo: count })
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

    it('[D1] [P8] keeps of a device alone what is of its own areas, and nothing else', async () => {
      const own = { ...greeting(), device: 'a'.repeat(43) as DeviceId, name: 'Press 9', defaultAreas: ['line-3'] }
      const stranger = { ...own, device: 'b'.repeat(43) as DeviceId, name: 'Stranger', defaultAreas: [] }
      let seq = 0
      for (const { device } of [own, stranger]) await bench.store.greet(device === own.device ? own : stranger)
      const areasOf = async (device: DeviceId, data: unknown): Promise<readonly string[]> => {
        const source = { ...OUTBOX_LANE, kind: 'outbox', device, session: null, seq: ++seq } as const
        const { events } = await bench.store.submit({ source, id: commandId(700 + seq), type: 'chat.post', data })
        return events.map(({ channel }) => channel)
      }
      const text = { text: 'x' }
      expect(await areasOf(own.device, { line: 'line-3', ...text })).toEqual([LIST])
      expect(await areasOf(own.device, { line: 'line-1', ...text })).toEqual([])
      // It was moved, or its area is gone: what is left of the site is its own.
      expect(await areasOf(own.device, { line: 'line-9', ...text })).toEqual([LIST])
      expect(await areasOf(own.device, text)).toEqual([LIST])
      seq = 0
      for (const line of ['line-3', 'line-1', 'line-9', undefined])
        expect(await areasOf(stranger.device, { line, ...text })).toEqual([])
    })

    it('[D6] [P8] a thousand rejections of strangers erase none of a person’s, nor of a device that is used', async () => {
      await Promise.all([bench.store.submit(bad(1)), bench.store.submit(bad(2))])
      await bench.store.submit(changed(bad(3), { session: null }))
      const each = LIMITS.maxOpenRejectionsPerStranger
      const strangers = Array.from(
        { length: LIMITS.maxOpenRejections / each + 1 },
        (_, index) => String(index).padStart(43, 's') as DeviceId,
      )
      await Promise.all(strangers.map((device) => bench.store.greet({ ...greeting(), device, name: 'kim' })))
      let next = 1_000
      const flood = strangers.flatMap((device) =>
        Array.from({ length: each }, (_, index) => ({
          ...changed(bad(index + 1), { device, session: null }),
          id: commandId((next += 1)),
        })),
      )
      await Promise.all(flood.map((command) => bench.store.submit(command)))
      const kept = await open()
      expect(kept).toHaveLength(LIMITS.maxOpenRejections)
      expect(kept.slice(0, 3).map(({ by, origin }) => [by, origin])).toEqual([
        ['kim', 'person'],
        ['kim', 'person'],
        ['device:Press 2', 'device'],
      ])
      expect(new Set(kept.slice(3).map(({ by, origin }) => `${by} ${origin}`))).toEqual(
        new Set(['device:kim stranger']),
      )
    })

    it('[D6] what devices report of themselves counts on them, under whatever name', async () => {
      await bench.store.submit(bad(1))
      const count = LIMITS.maxOpenRejectionsPerDevice
      const reports = Array.from({ length: count + 5 }, (_, index) => {
        const made = report(index + 2, { session: SESSION, by: 'kim' })
        const { code, command } = made.data as { readonly code: string; readonly command: object }
        return { ...made, data: { code, command: { ...command, id: commandId(5_000 + index) } } }
      })
      await Promise.all(reports.map((each) => bench.store.submit(each)))
      const kept = await open()
      expect([kept.length, kept[0]?.id]).toEqual([count + 1, commandId(1)])
      expect(kept.at(-1)).toMatchObject({ by: 'kim', origin: 'device', claimed: null })
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
      expect(await open()).toMatchObject([{ by: 'device:Press 2', origin: 'device', claimed: 'kim' }])
      expect((await bench.store.tail(null)).tops.filter(({ channel, top }) => channel === INBOX && top > 0)).toEqual([])
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
