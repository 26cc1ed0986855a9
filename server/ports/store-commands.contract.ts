import { beforeEach, describe, expect, it } from 'vitest'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { SessionId } from '../../relay/protocol/ids.ts'
import type { Submission } from './store.ts'
import type { Bench } from './store.contract.ts'
import {
  DEVICE,
  OUTBOX,
  SESSION,
  CHAT,
  PAGE,
  greeting,
  session,
  commandId,
  post,
  behind,
  raise,
  from,
  verdictOf,
  epochOf,
  texts,
} from './store-samples.contract.ts'

/** Commands going in: order, repeats, rejections, authors, idempotency. */
export function commandsContract(bench: Bench): void {
  describe('commands', () => {
    it('[W1] applies mark + 1 once and gives its events the next offsets', async () => {
      const first = await bench.store.submit(post(1, 'one'))
      const second = await bench.store.submit(post(2, 'two'))
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
      await bench.store.submit(post(1, 'one'))
      await bench.reopen()
      const page = await bench.store.events(CHAT, { epoch: await epochOf(bench.store, CHAT), offset: 0 }, PAGE)
      expect(page.events.map(({ data }) => data)).toEqual([{ line: 'line-3', text: 'one' }])
      expect(verdictOf(await bench.store.submit(post(1, 'one')))).toMatchObject({ kind: 'done', repeated: true })
    })

    it('[W2] answers a hole with the sequence it expects and changes nothing', async () => {
      await bench.store.submit(post(1, 'one'))
      const result = await bench.store.submit(post(3, 'three'))
      expect(result).toEqual({ verdict: { kind: 'expect', seq: 2 }, events: [], endedSessions: [] })
      expect(await texts(bench.store)).toEqual(['one'])
    })

    it('[W3] answers a repeat with the stored result, without a second effect', async () => {
      const first = await bench.store.submit(post(1, 'one'))
      const again = await bench.store.submit(post(1, 'one'))
      expect(again.events).toEqual([])
      expect(verdictOf(again)).toEqual({ ...verdictOf(first), repeated: true })
      expect(await texts(bench.store)).toEqual(['one'])
    })

    it('[W3] answers another command under a taken number as a fork, and writes it down for review', async () => {
      await bench.store.submit(post(1, 'one'))
      const forked = await bench.store.submit({ ...post(1, 'other'), id: commandId(999) })
      expect(verdictOf(forked)).toEqual({ kind: 'forked', seq: 1 })
      expect(await texts(bench.store)).toEqual(['one'])
      expect((await bench.store.reviews()).rows.map(({ kind }) => kind)).toEqual(['outbox-forked'])
    })

    it('[W3] takes nothing that came behind another command than the one at the mark', async () => {
      await bench.store.submit(post(1, 'one'))
      const copied = { ...behind(post(2, 'two'), commandId(999)), id: commandId(998) }
      expect(verdictOf(await bench.store.submit(copied))).toEqual({ kind: 'forked', seq: 2 })
      expect(verdictOf(await bench.store.submit(behind(post(2, 'two'), commandId(1))))).toMatchObject({ kind: 'done' })
      await bench.store.confirm({ device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: 2 })
      expect(verdictOf(await bench.store.submit(behind(post(3, 'three'), commandId(999))))).toMatchObject({
        kind: 'forked',
      })
      expect(verdictOf(await bench.store.submit(behind(post(3, 'three'), commandId(2))))).toMatchObject({
        kind: 'done',
      })
      expect(await texts(bench.store)).toEqual(['one', 'two', 'three'])
    })

    it('[W10] takes what follows an adopted mark, whatever came before it', async () => {
      await bench.store.submit(post(1, 'one'))
      expect(await bench.store.greet(greeting({ normal: 5 }))).toMatchObject({ outbox: 'adopted' })
      expect(verdictOf(await bench.store.submit(behind(post(5, 'five'), commandId(4))))).toMatchObject({ kind: 'done' })
    })

    it('[W4] forgets confirmed results, and takes a number below the mark as a fork from then on', async () => {
      await bench.store.submit(post(1, 'one'))
      await bench.store.submit(post(2, 'two'))
      await bench.store.confirm({ device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: 1 })
      expect(verdictOf(await bench.store.submit(post(1, 'one')))).toEqual({ kind: 'forked', seq: 1 })
      expect(verdictOf(await bench.store.submit(post(2, 'two')))).toMatchObject({ kind: 'done', repeated: true })
    })

    it('[W4] [W7] keeps the results of the other lane when one is confirmed', async () => {
      await bench.store.submit(post(1, 'one'))
      await bench.store.submit(raise(1, 'P0'))
      await bench.store.confirm({ device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: 1 })
      expect(verdictOf(await bench.store.submit(raise(1, 'P0')))).toMatchObject({ kind: 'done', repeated: true })
      await bench.store.submit(post(2, 'two'))
      await bench.store.confirm({ device: DEVICE, epoch: OUTBOX, lane: 'urgent', upTo: 2 })
      expect(verdictOf(await bench.store.submit(post(2, 'two')))).toMatchObject({ kind: 'done', repeated: true })
      expect(verdictOf(await bench.store.submit(raise(1, 'P0')))).toEqual({ kind: 'forked', seq: 1 })
    })

    it('[W5] stores a rejection as an end: the mark moves and the lane goes on', async () => {
      const bad = await bench.store.submit({ ...post(1, 'x'), data: { line: 'line-3', text: '   ' } })
      expect(verdictOf(bad)).toMatchObject({
        kind: 'done',
        outcome: { outcome: 'rejected', code: 'bad-command', message: '"text" must not be empty.' },
      })
      expect(bad.verdict).toMatchObject({ outcome: { offsets: {} } })
      expect(await texts(bench.store)).toEqual([])
      expect(
        verdictOf(await bench.store.submit({ ...post(1, 'x'), data: { line: 'line-3', text: '   ' } })),
      ).toMatchObject({ repeated: true })
      expect(verdictOf(await bench.store.submit(post(2, 'good')))).toMatchObject({ outcome: { outcome: 'applied' } })
    })

    it.each([
      ['unknown-command', { type: 'chat.shout', data: {} }],
      ['bad-command', { type: 'chat.post', data: null }],
      ['unknown-area', { type: 'chat.post', data: { line: 'line-9', text: 'x' } }],
      ['forbidden', { type: 'chat.post', data: { line: 'line-1', text: 'x' } }],
    ])('[W5] rejects with %s', async (code, command) => {
      expect(verdictOf(await bench.store.submit({ ...post(1, 'x'), ...command }))).toMatchObject({
        outcome: { outcome: 'rejected', code },
      })
    })

    it('[W6] records a command that was given up, without carrying it out', async () => {
      expect(verdictOf(await bench.store.submit({ ...post(1, 'late'), giveUp: true }))).toMatchObject({
        outcome: { outcome: 'rejected', code: 'gave-up' },
      })
      expect(await texts(bench.store)).toEqual([])
    })

    it('[W7] counts the lanes apart', async () => {
      await bench.store.submit(post(1, 'one'))
      const alert = await bench.store.submit(raise(1, 'P0'))
      expect(verdictOf(alert)).toMatchObject({ outcome: { outcome: 'applied', offsets: { [URGENT_CHANNEL]: 1 } } })
      expect(verdictOf(await bench.store.submit(raise(3, 'P0')))).toEqual({ kind: 'expect', seq: 2 })
    })

    it('[W8] refuses an author it cannot place: no session, another device’s session, a revoked one', async () => {
      const unsigned = await bench.store.submit(from(post(1, 'x'), null))
      expect(verdictOf(unsigned)).toMatchObject({ outcome: { code: 'sign-in-needed' } })
      const strange = await bench.store.submit(from(post(2, 'x'), '00000000-0000-4000-8000-0000000000bb' as SessionId))
      expect(verdictOf(strange)).toMatchObject({ outcome: { code: 'session-unknown' } })
      await bench.store.putSession({ ...session(), status: 'revoked' })
      expect(verdictOf(await bench.store.submit(post(3, 'x')))).toMatchObject({ outcome: { code: 'session-revoked' } })
    })

    it('[W8] still takes what a signed-out person had queued, under that name', async () => {
      const end = await bench.store.submit({ ...post(1, ''), type: 'session.end', data: { session: SESSION } })
      expect(end.endedSessions).toEqual([SESSION])
      expect((await bench.store.session(SESSION))?.status).toBe('signed-out')
      const late = await bench.store.submit(post(2, 'queued before'))
      expect(late.events[0]?.event.by).toBe('kim')
    })

    it('[A7] revokes every session of a person that could still author something, for good, and nobody else’s', async () => {
      const other = {
        ...session(),
        id: '00000000-0000-4000-8000-0000000000bb' as SessionId,
        status: 'expired' as const,
      }
      const lee = { ...session(), id: '00000000-0000-4000-8000-0000000000cc' as SessionId, operator: 'lee' }
      await bench.store.putOperator({ id: 'lee', role: 'operator', areas: ['line-3'], pinHash: 'x', status: 'active' })
      await bench.store.putSession(other)
      await bench.store.putSession(lee)
      const out = await bench.store.submit({ ...post(1, ''), type: 'session.revoke', data: { operator: 'kim' } })
      expect([out.endedSessions.toSorted(), out.revoked]).toEqual([[SESSION, other.id], true])
      await bench.reopen()
      expect((await bench.store.session(SESSION))?.status).toBe('revoked')
      expect((await bench.store.session(lee.id))?.status).toBe('active')
      expect(verdictOf(await bench.store.submit(post(2, 'late')))).toMatchObject({
        outcome: { code: 'session-revoked' },
      })
      expect(await bench.store.putSession({ ...session(), generation: 2 }, 'r1')).toBe(false)
    })

    it('[A7] takes the sign-out of a revoked session, which has happened already', async () => {
      await bench.store.putSession({ ...session(), status: 'revoked' })
      const end = await bench.store.submit({ ...post(1, ''), type: 'session.end', data: { session: SESSION } })
      expect(verdictOf(end)).toMatchObject({ outcome: { outcome: 'applied' } })
      expect((await bench.store.session(SESSION))?.status).toBe('revoked')
    })

    it('keeps preferences per person, under the same keys', async () => {
      const lee = { ...session(), id: '00000000-0000-4000-8000-0000000000cc' as SessionId, operator: 'lee' }
      await bench.store.putOperator({ id: 'lee', role: 'operator', areas: ['line-3'], pinHash: 'x', status: 'active' })
      await bench.store.putSession(lee)
      const set = (seq: number, theme: string): Submission => ({
        ...post(seq, ''),
        type: 'prefs.set',
        data: { theme },
      })
      await bench.store.submit(set(1, 'dark'))
      await bench.store.submit(from(set(2, 'light'), lee.id))
      await bench.reopen()
      const held = async (name: string) => (await bench.store.records(channelName('prefs', name), null, PAGE)).records
      expect(await held('kim')).toEqual([{ key: 'theme', offset: 1, record: 'dark' }])
      expect(await held('lee')).toEqual([{ key: 'theme', offset: 1, record: 'light' }])
    })

    it('[W8] lets a device alone raise an alert and do nothing else', async () => {
      const alert = await bench.store.submit(from(raise(1, 'P0'), null))
      expect(alert.events[0]?.event.by).toBe('device:Press 2')
      expect(
        verdictOf(
          await bench.store.submit(from({ ...raise(2, 'P0'), type: 'alert.ack', data: { id: commandId(1) } }, null)),
        ),
      ).toMatchObject({ outcome: { code: 'sign-in-needed' } })
    })

    it('[W9] names a created record by its command', async () => {
      const raised = raise(1, 'P2')
      const { events } = await bench.store.submit(raised)
      expect(events[0]?.event.data).toMatchObject({ key: raised.id, record: { id: raised.id, priority: 'P2' } })
      expect(events[0]?.event.cause).toBe(raised.id)
    })

    it('[T4] carries out many at once in the order they were called', async () => {
      const results = await Promise.all(
        Array.from({ length: 200 }, (_, index) => bench.store.submit(post(index + 1, String(index)))),
      )
      expect(results.map((result) => result.events[0]?.event.offset)).toEqual(
        Array.from({ length: 200 }, (_, index) => index + 1),
      )
    })
  })

  describe('idempotent API commands', () => {
    const byKey = (bodyHash: string, id: number): Submission => ({
      ...raise(1, 'P1'),
      source: { kind: 'api', keyId: 'key-1', idempotency: { key: 'same', bodyHash } },
      id: commandId(id),
    })
    beforeEach(() => bench.store.putApiKey({ id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] }))

    it('answers the same key and body with the stored answer, and another body as a conflict', async () => {
      const first = await bench.store.submit(byKey('a', 1))
      expect(first.events[0]?.event.by).toBe('scada')
      const again = await bench.store.submit(byKey('a', 2))
      expect(verdictOf(again)).toEqual({ ...verdictOf(first), repeated: true })
      expect(verdictOf(await bench.store.submit(byKey('b', 3)))).toEqual({ kind: 'conflict' })
      expect((await bench.store.records(URGENT_CHANNEL, null, PAGE)).records).toHaveLength(1)
    })
  })
}
