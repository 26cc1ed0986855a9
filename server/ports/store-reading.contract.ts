import { beforeEach, describe, expect, it } from 'vitest'
import { channelName } from '../../relay/protocol/channels.ts'
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
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Receipt } from './store-writer.ts'
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
  raise,
  verdictOf,
  epochOf,
  type Bench,
} from './store-samples.contract.ts'

function uuidOf(number: number): string {
  return `00000000-0000-4000-9000-${number.toString(16).padStart(12, '0')}`
}

/** Greetings, reading, and people. */
export function readingContract(bench: Bench): void {
  describe('greeting', () => {
    it('[W10] knows a device by its marks', async () => {
      await bench.store.submit(post(1, 'one'))
      expect(await bench.store.greet(greeting({ normal: 2 }))).toMatchObject({
        outbox: 'known',
        marks: { urgent: 0, normal: 1 },
      })
    })

    it('[W10] tells a device with history that it is forgotten, and writes it down', async () => {
      const stranger = { ...greeting({ normal: 7 }), device: 'f'.repeat(43) as DeviceId }
      expect(await bench.store.greet(stranger)).toMatchObject({ outbox: 'forgotten', marks: { urgent: 0, normal: 0 } })
      expect((await bench.store.reviews()).rows.map(({ kind }) => kind)).toEqual(['forgotten'])
    })

    it('[W10] adopts the oldest sequence of a device that knew another incarnation, and records the range it never saw', async () => {
      const old = { ...greeting({ normal: 7 }), incarnation: '00000000-0000-4000-8000-00000000dead' as Incarnation }
      expect(await bench.store.greet(old)).toMatchObject({ outbox: 'adopted', marks: { urgent: 0, normal: 6 } })
      expect((await bench.store.reviews()).rows.map(({ detail }) => detail)).toEqual([
        { epoch: OUTBOX, lane: 'normal', from: 1, to: 6 },
      ])
      expect(verdictOf(await bench.store.submit(post(7, 'seven')))).toMatchObject({ outcome: { outcome: 'applied' } })
    })

    it('[W10] adopts a device that is past what the store knows of it: it was rolled back', async () => {
      await bench.store.submit(post(1, 'one'))
      expect(await bench.store.greet(greeting({ normal: 5 }))).toMatchObject({
        outbox: 'adopted',
        marks: { normal: 4 },
      })
      expect((await bench.store.reviews()).rows.map(({ detail }) => detail)).toEqual([
        { epoch: OUTBOX, lane: 'normal', from: 2, to: 4 },
      ])
    })

    it('[T13] [P8] keeps the latest of what is for people to look at, of each device and of all, and counts what went', async () => {
      const forgotten = (device: DeviceId, number: number) =>
        bench.store.greet({ ...greeting({ normal: 2 }), device, epoch: uuidOf(number) as OutboxEpoch })
      const wild = 'w'.repeat(43) as DeviceId
      const calm = 'c'.repeat(43) as DeviceId
      await Promise.all([forgotten(calm, 0), forgotten(calm, 0)])
      await Promise.all(
        Array.from({ length: LIMITS.maxReviewsPerDevice + 2 }, (_, index) => forgotten(wild, index + 1)),
      )
      const { rows, dropped } = await bench.store.reviews()
      expect([rows.length, dropped]).toEqual([LIMITS.maxReviewsPerDevice + 1, 2])
      expect(rows[0]).toMatchObject({ device: calm })
      expect(rows[1]).toMatchObject({ device: wild, detail: { epoch: uuidOf(3) } })

      // Of a device that is used, and behind it as many strangers as there is room for in all.
      await forgotten(DEVICE, 0)
      const others = Array.from(
        { length: LIMITS.maxReviews },
        (_, index) => String(index).padStart(43, 'n') as DeviceId,
      )
      await Promise.all(others.map(forgotten))
      const full = await bench.store.reviews()
      expect([full.rows.length, full.dropped]).toEqual([LIMITS.maxReviews, LIMITS.maxReviewsPerDevice + 4])
      const devices = full.rows.map(({ device }) => device)
      expect(devices.filter((device) => device === DEVICE)).toHaveLength(1)
      expect(devices.filter((device) => device === wild).length).toBeLessThanOrEqual(1)
    })

    it('[A6] says what has become of the session that the device names', async () => {
      const named = async (id: SessionId) => (await bench.store.greet({ ...greeting(), session: id })).session
      expect((await bench.store.greet(greeting())).session).toBeNull()
      expect(await named('00000000-0000-4000-8000-0000000000bb' as SessionId)).toBe('unknown')
      expect(await named(SESSION)).toBe('active')
      await bench.store.putSession({ ...session(), status: 'signed-out' })
      expect(await named(SESSION)).toBe('ended')
      await bench.store.putSession({ ...session(), status: 'revoked' })
      expect(await named(SESSION)).toBe('revoked')
    })

    it('[A6] [A7] calls the session of somebody who was made inactive revoked', async () => {
      await bench.store.putOperator({
        id: 'kim',
        role: 'operator',
        areas: ['line-3'],
        pinHash: 'x',
        status: 'inactive',
      })
      expect((await bench.store.greet({ ...greeting(), session: SESSION })).session).toBe('revoked')
      expect(verdictOf(await bench.store.submit(post(1, 'x')))).toMatchObject({ outcome: { code: 'session-revoked' } })
    })

    it('keeps its incarnation across a reopen', async () => {
      const before = await bench.store.incarnation()
      await bench.reopen()
      expect(await bench.store.incarnation()).toBe(before)
    })
  })

  describe('reading', () => {
    const cursor = async (offset: number): Promise<Cursor> => {
      const page = await bench.store.events(CHAT, { epoch: await epochOf(bench.store, CHAT), offset: 0 }, PAGE)
      return { epoch: page.epoch, offset, id: offset === 0 ? null : (page.events[offset - 1]?.id ?? null) }
    }
    beforeEach(async () => {
      for (let seq = 1; seq <= 5; seq += 1) await bench.store.submit(post(seq, String(seq)))
    })

    it('[S2] resumes a cursor that matches, at the start, in the middle and at the top', async () => {
      for (const offset of [0, 3, 5])
        expect(await bench.store.resume(CHAT, await cursor(offset))).toMatchObject({ kind: 'resumed', offset, top: 5 })
    })

    it.each<[string, (at: Cursor) => Cursor]>([
      ['unknown-epoch', (at) => ({ ...at, epoch: '0123456789abcdef' as Epoch })],
      ['ahead', (at) => ({ ...at, offset: 6 })],
      ['unknown-event', (at) => ({ ...at, id: '00000000-0000-7000-8000-000000000000' as EventId })],
      ['unknown-event', (at) => ({ ...at, id: null })],
    ])('[S3] resets a cursor with %s, and names no range that nobody can know', async (reason, forge) => {
      expect(await bench.store.resume(CHAT, forge(await cursor(3)))).toEqual({ kind: 'reset', reason, lost: null })
    })

    it('[S1] pages without a gap, by items and by bytes, and never returns an empty page before the top', async () => {
      const epoch = await epochOf(bench.store, CHAT)
      const offsets: number[] = []
      for (let offset = 0; ;) {
        const { events, top } = await bench.store.events(CHAT, { epoch, offset }, { maxItems: 2, maxBytes: 1 })
        if (events.length === 0) break
        expect(events).toHaveLength(1)
        offset = events.at(-1)?.offset ?? top
        offsets.push(offset)
      }
      expect(offsets).toEqual([1, 2, 3, 4, 5])
      expect(
        (await bench.store.events(CHAT, { epoch, offset: 3 }, { maxItems: 1e9, maxBytes: 1e9 })).events.map(
          ({ offset }) => offset,
        ),
      ).toEqual([4, 5])
    })

    it('[S3] says that a page of another epoch or above the top is gone', async () => {
      expect((await bench.store.events(CHAT, { epoch: '0123456789abcdef' as Epoch, offset: 0 }, PAGE)).gone).toBe(true)
      expect((await bench.store.events(CHAT, { epoch: await epochOf(bench.store, CHAT), offset: 99 }, PAGE)).gone).toBe(
        true,
      )
    })

    it('gives the last events of a log oldest first', async () => {
      expect(
        (await bench.store.lastEvents(CHAT, 4, { maxItems: 2, maxBytes: 1e9 })).map(({ offset }) => offset),
      ).toEqual([3, 4])
    })

    it('gives a channel nobody wrote to one lasting epoch and offset 0', async () => {
      const empty = channelName('orders', 'line-3')
      const start = await bench.store.snapshotStart(empty)
      expect(start).toMatchObject({ offset: 0, id: null })
      await bench.reopen()
      expect(await bench.store.snapshotStart(empty)).toEqual(start)
    })

    it('[S4] pages the records of a state channel in key order, each with its offset', async () => {
      for (let seq = 1; seq <= 5; seq += 1) await bench.store.submit(raise(seq, 'P2'))
      const first = await bench.store.records(channelName('alerts', 'line-3'), null, { maxItems: 2, maxBytes: 1e9 })
      const second = await bench.store.records(channelName('alerts', 'line-3'), first.next, {
        maxItems: 2,
        maxBytes: 1e9,
      })
      const third = await bench.store.records(channelName('alerts', 'line-3'), second.next, {
        maxItems: 2,
        maxBytes: 1e9,
      })
      const all = [...first.records, ...second.records, ...third.records]
      expect(third.next).toBeNull()
      expect(all.map(({ key }) => key)).toEqual(all.map(({ key }) => key).toSorted())
      expect(all.map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5])
    })

    it('deletes a record whose event says null', async () => {
      const raised = raise(1, 'P2')
      await bench.store.submit(raised)
      await bench.store.submit({ ...raise(2, 'P2'), type: 'alert.ack', data: { id: raised.id } })
      await bench.store.submit({ ...raise(3, 'P2'), type: 'alert.resolve', data: { id: raised.id } })
      expect((await bench.store.records(channelName('alerts', 'line-3'), null, PAGE)).records).toEqual([])
      expect(await bench.store.record('alerts', raised.id)).toBeNull()
    })
  })

  describe('people', () => {
    it('[V7] knows the devices on which somebody signed in, or of which a command was taken', async () => {
      const stranger = 'S'.repeat(43) as DeviceId
      await bench.store.greet({ ...greeting(), device: stranger })
      const before = await bench.store.usedDevices(10)
      expect(before).toContain(DEVICE)
      expect(before).not.toContain(stranger)
      expect(await bench.store.usedDevices(0)).toEqual([])
    })

    it('[X4] remembers who ever signed in on a device, over a restart', async () => {
      const { device, operator } = session()
      const other = 'Z'.repeat(43) as DeviceId
      expect(await bench.store.pastSignIns(device, operator)).toBe('person')
      expect(await bench.store.pastSignIns(device, 'somebody')).toBe('others')
      expect(await bench.store.pastSignIns(other, operator)).toBe('nobody')
      await bench.store.putSession({ ...session(), status: 'signed-out' }, session())
      await bench.reopen()
      expect(await bench.store.pastSignIns(device, operator)).toBe('person')
      expect(await bench.store.pastSignIns(other, operator)).toBe('nobody')
    })

    it('lists the API keys', async () => {
      const key = { id: 'zz', name: 'PLC', hash: 'other', role: 'operator', areas: ['line-3'] } as const
      await bench.store.putApiKey(key)
      expect(await bench.store.apiKeys()).toContainEqual(key)
    })

    it('keeps one signing key of those that are offered at once, and none that is offered later', async () => {
      const offer = (kid: string) =>
        bench.store.offerSigningKey({ kid, jwk: '{}', createdAt: '2026-11-20T03:00:00.000Z' })
      await Promise.all(['a', 'b', 'c', 'd'].map(offer))
      const [kept] = await bench.store.signingKeys()
      await offer('e')
      expect(await bench.store.signingKeys()).toEqual([kept])
    })

    it('swaps a session only while its refresh hashes are the expected ones', async () => {
      expect(
        await bench.store.putSession({ ...session(), refreshHash: 'r2', previousHash: 'r1', generation: 2 }, session()),
      ).toBe(true)
      expect(await bench.store.putSession({ ...session(), refreshHash: 'r3', generation: 3 }, session())).toBe(false)
      const now = { ...session(), refreshHash: 'r2', previousHash: 'r1', generation: 2 }
      expect(await bench.store.session(SESSION)).toEqual(now)
      const spent = { ...now, previousHash: null }
      expect(await bench.store.putSession(spent, now)).toBe(true)
      expect(await bench.store.putSession(spent, now)).toBe(false)
      expect(await bench.store.putSession(now, spent)).toBe(true)
    })
  })

  describe('evidence', () => {
    const receipt = (alert: CommandId, kind: Receipt['kind'] = 'displayed'): Receipt => ({
      alert,
      device: DEVICE,
      kind,
      at: '2026-01-01T00:00:00.000Z',
    })

    it('[E1] keeps the first of an alert, a device and a kind', async () => {
      const raised = raise(1, 'P1')
      await bench.store.submit(raised)
      const first = receipt(raised.id)
      await bench.store.recordReceipts([first, { ...first, at: '2026-01-02T00:00:00.000Z' }])
      await bench.store.recordReceipts([first])
      expect(await bench.store.receipts(raised.id)).toEqual([first])
    })

    it('[E3] [P8] drops receipts of alerts that never were, and keeps the others of the batch', async () => {
      const raised = raise(1, 'P2')
      await bench.store.submit(raised)
      await bench.store.submit(post(1, 'no alert'))
      await bench.store.recordReceipts([receipt(commandId(0xdead)), receipt(raised.id), receipt(commandId(1))])
      expect(await bench.store.receipts(raised.id)).toHaveLength(1)
      for (const never of [0xdead, 1]) expect(await bench.store.receipts(commandId(never))).toEqual([])
    })

    it('[E3] takes receipts of an alert that is over', async () => {
      const raised = raise(1, 'P2')
      await bench.store.submit(raised)
      await bench.store.submit({ ...raise(2, 'P2'), type: 'alert.ack', data: { id: raised.id } })
      await bench.store.submit({ ...raise(3, 'P2'), type: 'alert.resolve', data: { id: raised.id } })
      expect(await bench.store.record('alerts', raised.id)).toBeNull()
      await bench.store.recordReceipts([receipt(raised.id), receipt(raised.id, 'heard')])
      expect((await bench.store.receipts(raised.id)).map(({ kind }) => kind)).toEqual(['displayed', 'heard'])
    })
  })
}
