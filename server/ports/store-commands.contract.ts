import { beforeEach, describe, expect, it } from 'vitest'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { DeviceId, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Submission } from './submission.ts'
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
  signOut,
  changed,
  verdictOf,
  epochOf,
  texts,
  type Bench,
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

    it('[N11] numbers the links of a device, each above the one before, over a reopen as well', async () => {
      const { link } = await bench.store.greet(greeting())
      const moved = await bench.store.moveLink({ device: DEVICE })
      expect(moved).toBeGreaterThan(link)
      const other = { ...greeting(), device: 'e'.repeat(43) as DeviceId }
      await bench.store.greet(other)
      await bench.store.submit(post(1, 'one'))
      await bench.reopen()
      expect((await bench.store.greet(greeting())).link).toBeGreaterThan(moved)
      expect((await bench.store.greet(other)).link).toBeLessThan(moved + 2)
    })

    it('[N11] takes nothing that comes by an older link: no command, no repeat and no fork of it', async () => {
      const { link } = await bench.store.greet(greeting())
      const next = changed(post(2, 'two'), { link })
      await bench.store.submit(changed(post(1, 'one'), { link }))
      const newer = await bench.store.moveLink({ device: DEVICE })
      const stale = { verdict: { kind: 'stale-link' }, events: [], endedSessions: [] }
      expect(await bench.store.submit(next)).toEqual(stale)
      expect(await bench.store.submit(changed(post(1, 'one'), { link }))).toEqual(stale)
      expect(await bench.store.submit({ ...changed(post(1, 'other'), { link }), id: commandId(999) })).toEqual(stale)
      expect(await bench.store.submit(changed(post(9, 'nine'), { link }))).toEqual(stale)
      expect((await bench.store.reviews()).rows).toEqual([])
      expect(await texts(bench.store)).toEqual(['one'])
      expect(verdictOf(await bench.store.submit(changed(next, { link: newer })))).toMatchObject({ repeated: false })
      expect(await texts(bench.store)).toEqual(['one', 'two'])
    })

    it('[N11] confirms and records nothing that comes by an older link', async () => {
      const { link } = await bench.store.greet(greeting())
      await bench.store.submit(changed(post(1, 'one'), { link }))
      await bench.store.submit(changed(raise(1, 'P0'), { link }))
      const newer = await bench.store.moveLink({ device: DEVICE })
      const upTo = { device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: 1 } as const
      const receipt = {
        alert: commandId(0x1001),
        device: DEVICE,
        kind: 'displayed',
        at: '2026-01-01T00:00:00.000Z',
      } as const
      expect(await bench.store.confirm({ ...upTo, link })).toBe('stale-link')
      expect(await bench.store.recordReceipts([receipt], { device: DEVICE, link })).toBe('stale-link')
      expect(verdictOf(await bench.store.submit(changed(post(1, 'one'), { link: newer })))).toMatchObject({
        repeated: true,
      })
      expect(await bench.store.receipts(commandId(0x1001))).toEqual([])
      expect(await bench.store.confirm({ ...upTo, link: newer })).toBeUndefined()
      expect(await bench.store.recordReceipts([receipt], { device: DEVICE, link: newer })).toBe(0)
      expect(await bench.store.receipts(commandId(0x1001))).toHaveLength(1)
    })

    it('[W4] forgets confirmed results, and takes a number below the mark as a fork from then on', async () => {
      await bench.store.submit(post(1, 'one'))
      await bench.store.submit(post(2, 'two'))
      await bench.store.confirm({ device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: 1 })
      expect(verdictOf(await bench.store.submit(post(1, 'one')))).toEqual({ kind: 'forked', seq: 1 })
      expect(verdictOf(await bench.store.submit(post(2, 'two')))).toMatchObject({ kind: 'done', repeated: true })
    })

    it('[W4] [P8] what is confirmed makes room and is forgotten for whatever is called behind it, at once', async () => {
      const count = LIMITS.maxUnconfirmed
      await Promise.all(Array.from({ length: count }, (_, index) => bench.store.submit(post(index + 1, 'x'))))
      const [repeated, , forgotten, next] = await Promise.all([
        bench.store.submit(post(1, 'x')),
        bench.store.confirm({ device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: 1 }),
        bench.store.submit(post(1, 'x')),
        bench.store.submit(post(count + 1, 'next')),
      ])
      expect([repeated, forgotten, next].map(verdictOf)).toMatchObject([
        { kind: 'done', repeated: true },
        { kind: 'forked', seq: 1 },
        { kind: 'done', repeated: false },
      ])
      await bench.store.confirm({ device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: count })
      await bench.store.submit(post(count + 2, 'x'))
      await bench.reopen()
      const rest = Array.from({ length: count - 2 }, (_, index) => bench.store.submit(post(count + 3 + index, 'x')))
      expect((await Promise.all(rest)).at(-1)?.verdict.kind).toBe('done')
      expect(verdictOf(await bench.store.submit(post(2 * count + 1, 'x')))).toMatchObject({ code: 'unconfirmed' })
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

    it('[W7] rejects a type that never stood in this lane, in order, and the lane goes on', async () => {
      const { source, ...command } = post(1, 'x')
      if (source.kind !== 'outbox') throw new Error('only an outbox has lanes')
      const misplaced: Submission = { ...command, source: { ...source, lane: 'urgent' } }
      expect(verdictOf(await bench.store.submit(misplaced))).toMatchObject({
        outcome: { outcome: 'rejected', code: 'wrong-lane' },
      })
      expect(verdictOf(await bench.store.submit(raise(2, 'P0')))).toMatchObject({ outcome: { outcome: 'applied' } })
      expect(await texts(bench.store)).toEqual([])
    })

    it('[W7] counts the lanes apart', async () => {
      await bench.store.submit(post(1, 'one'))
      const alert = await bench.store.submit(raise(1, 'P0'))
      expect(verdictOf(alert)).toMatchObject({ outcome: { outcome: 'applied', offsets: { [URGENT_CHANNEL]: 1 } } })
      expect(verdictOf(await bench.store.submit(raise(3, 'P0')))).toEqual({ kind: 'expect', seq: 2 })
    })

    it('[W4] [P8] holds a device back that confirms nothing, still answers what it took, and goes on when it confirms', async () => {
      const count = LIMITS.maxUnconfirmed
      const all = Array.from({ length: count + 1 }, (_, index) => post(index + 1, `${index + 1}`))
      const answers = await Promise.all(all.map((each) => bench.store.submit(each)))
      expect(answers.map(({ verdict }) => verdict.kind)).toEqual([...all.slice(1).map(() => 'done'), 'retry-later'])
      expect(answers.at(-1)?.verdict).toMatchObject({ code: 'unconfirmed' })
      const [first, last] = [post(1, '1'), post(count + 1, `${count + 1}`)]
      expect(verdictOf(await bench.store.submit(first))).toMatchObject({ kind: 'done', repeated: true })
      await bench.store.confirm({ device: DEVICE, epoch: OUTBOX, lane: 'normal', upTo: 1 })
      expect(verdictOf(await bench.store.submit(last))).toMatchObject({ kind: 'done', repeated: false })
    })

    it('[W4] [P8] holds a device on which nobody ever signed in back sooner', async () => {
      const other = 'e'.repeat(43) as DeviceId
      await bench.store.greet({ ...greeting(), device: other })
      const count = LIMITS.maxUnconfirmedAlone
      const all = Array.from({ length: count + 1 }, (_, at) =>
        changed(raise(at + 1, 'P0'), { device: other, session: null }),
      )
      const answers = await Promise.all(all.map((each) => bench.store.submit(each)))
      expect(answers.map(({ verdict }) => verdict.kind)).toEqual([...all.slice(1).map(() => 'done'), 'retry-later'])
      expect(answers.at(-1)?.verdict).toMatchObject({ code: 'unconfirmed' })
    })

    it('[W4] [P8] gives up the results of an outbox that its device gave up, before it holds anything back', async () => {
      const count = LIMITS.maxUnconfirmed
      const all = Array.from({ length: count }, (_, index) => post(index + 1, `${index + 1}`))
      await Promise.all(all.map((each) => bench.store.submit(each)))
      const epoch = '00000000-0000-4000-8000-000000000002' as OutboxEpoch
      const { source, ...command } = post(1, 'anew')
      if (source.kind !== 'outbox') throw new Error('only an outbox has an epoch')
      const anew: Submission = { ...command, id: commandId(5_000), source: { ...source, epoch } }
      expect(verdictOf(await bench.store.submit(anew))).toMatchObject({ outcome: { outcome: 'applied' } })
      // A copy of the disk that goes on with the old one is told that it is one: nothing takes effect twice.
      expect(verdictOf(await bench.store.submit(post(1, '1')))).toEqual({ kind: 'forked', seq: 1 })
    })

    it('[W8] refuses an author it cannot place: no session, another device’s session, a revoked one', async () => {
      const unsigned = await bench.store.submit(from(post(1, 'x'), null))
      expect(verdictOf(unsigned)).toMatchObject({ outcome: { code: 'sign-in-needed' } })
      const strange = await bench.store.submit(from(post(2, 'x'), '00000000-0000-4000-8000-0000000000bb' as SessionId))
      expect(verdictOf(strange)).toMatchObject({ outcome: { code: 'session-unknown' } })
      await bench.store.putSession({ ...session(), status: 'revoked' })
      expect(verdictOf(await bench.store.submit(post(3, 'x')))).toMatchObject({ outcome: { code: 'session-revoked' } })
    })

    it('[W8] [W11] takes of a signed-out person what had a number before, under that name, and nothing after it', async () => {
      const end = await bench.store.submit(changed(signOut(1), { urgentUpTo: 2 }))
      expect(end.endedSessions).toEqual([SESSION])
      expect((await bench.store.session(SESSION))?.status).toBe('signed-out')
      const alerts = [await bench.store.submit(raise(1, 'P0')), await bench.store.submit(raise(2, 'P0'))]
      expect(alerts.map(({ events }) => events.map(({ event }) => [event.type, event.by]))).toEqual([
        [['alert.raised', 'kim']],
        [['alert.raised', 'kim']],
      ])
      await bench.reopen()
      expect(verdictOf(await bench.store.submit(raise(3, 'P0')))).toMatchObject({ outcome: { code: 'session-ended' } })
      const late = await bench.store.submit(post(2, 'made after it'))
      expect(verdictOf(late)).toMatchObject({ outcome: { outcome: 'rejected', code: 'session-ended' } })
      expect(late.events.map(({ event }) => event.type)).toEqual(['rejection.added', 'command.rejected'])
      expect(await texts(bench.store)).toEqual([])
    })

    it('[W11] takes of a session that ran out what its device had at its greeting since, however late, and nothing after it', async () => {
      const week = { ...session(), expiresAt: '2026-01-01T12:00:00.000Z' }
      await bench.store.putSession(week)
      const before = { at: '2026-01-01T11:00:00.000Z', newest: { urgent: 0, normal: 2 } }
      const unheard = await bench.store.submit(changed(post(1, 'one'), { greeted: before }))
      expect(unheard).toEqual({ verdict: { kind: 'greet-again' }, events: [], endedSessions: [] })
      const since = { ...before, at: '2026-01-08T12:00:00.000Z' }
      await bench.store.submit(changed(post(1, 'one'), { greeted: since }))
      await bench.reopen()
      // A later greeting moves nothing.
      const later = { at: '2026-01-09T12:00:00.000Z', newest: { urgent: 9, normal: 9 } }
      await bench.store.submit(changed(post(2, 'two'), { greeted: later }))
      const late = await bench.store.submit(changed(post(3, 'three'), { greeted: later }))
      expect(verdictOf(late)).toMatchObject({ outcome: { code: 'session-ended' } })
      expect(await texts(bench.store)).toEqual(['one', 'two'])
    })

    it('[W11] [A7] a session that is over signs nobody out but its own person, and that once', async () => {
      await bench.store.putOperator({ id: 'kim', role: 'admin', areas: ['*'], pinHash: 'x', status: 'active' })
      await bench.store.submit(signOut(1))
      const revoke = (seq: number, operator: string): Submission => ({
        ...post(seq, ''),
        type: 'session.revoke',
        data: { operator },
      })
      expect(verdictOf(await bench.store.submit(revoke(2, 'lee')))).toMatchObject({
        outcome: { code: 'session-ended' },
      })
      expect(verdictOf(await bench.store.submit(revoke(3, 'kim')))).toMatchObject({ outcome: { outcome: 'applied' } })
      expect((await bench.store.session(SESSION))?.status).toBe('revoked')
      expect(verdictOf(await bench.store.submit(revoke(4, 'kim')))).toMatchObject({
        outcome: { code: 'session-revoked' },
      })
    })

    it('[W10] decides nothing of a device that is not known (any more) before it has greeted', async () => {
      const stranger = changed(raise(1, 'P0'), { device: 'e'.repeat(43) as DeviceId, session: null })
      expect(await bench.store.submit(stranger)).toEqual({
        verdict: { kind: 'greet-again' },
        events: [],
        endedSessions: [],
      })
    })

    it('[T18] counts a device as used from the first sign-in or the first command that is applied', async () => {
      const used = async () => {
        const { used: known, alone: unspoken, strangers } = await bench.store.deviceCounts()
        return [known, unspoken, strangers]
      }
      expect(await used()).toEqual([1, 0, 0])
      const other = 'e'.repeat(43) as DeviceId
      await bench.store.greet({ ...greeting(), device: other, name: 'Lathe 4' })
      const alone = { device: other, session: null }
      await bench.store.submit(changed(post(1, 'x'), alone))
      const command = { id: commandId(77), type: 'chat.post', data: {}, session: null, by: 'kim' }
      const report = { ...post(2, ''), type: 'outbox.report', data: { code: 'outbox-forked', command } }
      expect(verdictOf(await bench.store.submit(changed(report, alone)))).toMatchObject({
        outcome: { outcome: 'applied' },
      })
      expect(await used()).toEqual([1, 0, 1])
      expect((await bench.store.greet({ ...greeting(), device: other })).isAlone).toBe(true)
      expect((await bench.store.submit(changed(raise(1, 'P0'), alone))).isUsed).toBe(true)
      expect(await used()).toEqual([2, 1, 0])
      await bench.reopen()
      expect(await used()).toEqual([2, 1, 0])
      await bench.store.putSession({
        ...session(),
        id: '00000000-0000-4000-8000-0000000000dd' as SessionId,
        device: other,
      })
      expect(await used()).toEqual([2, 0, 0])
      expect((await bench.store.greet({ ...greeting(), device: other })).isAlone).toBe(false)
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
      expect(await bench.store.putSession({ ...session(), generation: 2 }, session())).toBe(false)
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
