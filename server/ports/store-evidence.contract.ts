import { describe, expect, it } from 'vitest'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import type { CommandId, DeviceId, Epoch } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { DEVICE, greeting, raise, type Bench } from './store-samples.contract.ts'
import type { Receipt } from './store-writer.ts'
import type { UrgentPassage } from './urgent-passage.ts'

/** What follows from how far a device is in the urgent channel. */
export function evidenceContract(bench: Bench): void {
  describe('evidence from the place in the urgent channel', () => {
    /** The device of the bench, which has to be known. */
    const passes = async (to: number, over: Partial<UrgentPassage> = {}) => {
      const { epoch } = await bench.store.snapshotStart(URGENT_CHANNEL)
      const passage = { device: DEVICE, epoch, sent: to, received: to, since: 0, start: 'cursor', at: AT } as const
      return await bench.store.passUrgent({ ...passage, ...over })
    }
    const kinds = async (alert: CommandId) => (await bench.store.receipts(alert)).map(({ kind }) => kind).toSorted()
    const over = async (seq: number, alert: CommandId) => {
      await bench.store.submit({ ...raise(seq, 'P1'), type: 'alert.ack', data: { id: alert } })
      await bench.store.submit({ ...raise(seq + 1, 'P1'), type: 'alert.resolve', data: { id: alert } })
    }
    const AT = '2026-01-01T00:00:00.000Z'
    const SENT = ['received', 'sent']

    it('[E4] follows from what was raised since the last time, once, and across a restart', async () => {
      const [one, two] = [raise(1, 'P0'), raise(2, 'P1')]
      await bench.store.submit(one)
      await passes(1, { received: 0 })
      expect(await kinds(one.id)).toEqual(['sent'])
      await bench.store.submit(two)
      // The server ends here: nobody has heard of the second, and of the first only half.
      await bench.reopen()
      await passes(2, { since: 2, at: '2026-01-02T00:00:00.000Z' })
      expect([await kinds(one.id), await kinds(two.id)]).toEqual([SENT, SENT])
      const first = (await bench.store.receipts(one.id)).find(({ kind }) => kind === 'sent')
      expect(first?.at).toBe(AT)
      await passes(2, { since: 2, at: '2026-01-03T00:00:00.000Z' })
      expect((await bench.store.receipts(two.id)).map(({ at }) => at)).not.toContain('2026-01-03T00:00:00.000Z')
    })

    it('[E4] is claimed of an alert that is over when the device had each event, and not after a snapshot', async () => {
      const [past, open] = [raise(1, 'P0'), raise(4, 'P0')]
      await bench.store.submit(past)
      await over(2, past.id)
      await bench.store.submit(open)
      const { offset } = await bench.store.snapshotStart(URGENT_CHANNEL)
      await passes(offset, { since: offset, start: 'snapshot' })
      expect([await kinds(past.id), await kinds(open.id)]).toEqual([[], SENT])
      const next = raise(5, 'P0')
      await bench.store.submit(next)
      await over(6, next.id)
      await passes(offset + 3, { since: offset, start: 'snapshot' })
      expect([await kinds(past.id), await kinds(next.id)]).toEqual([[], SENT])
    })

    it('[E4] of a device whose past is not known claims what is open, and what it was sent on this connection', async () => {
      const [past, open, next] = [raise(1, 'P0'), raise(4, 'P0'), raise(5, 'P0')]
      await bench.store.submit(past)
      await over(2, past.id)
      await bench.store.submit(open)
      const { offset } = await bench.store.snapshotStart(URGENT_CHANNEL)
      await bench.store.submit(next)
      await passes(offset, { since: offset })
      expect([await kinds(past.id), await kinds(open.id), await kinds(next.id)]).toEqual([[], SENT, []])
      await passes(offset + 1, { since: offset })
      expect(await kinds(next.id)).toEqual(SENT)
    })

    it('[E4] says nothing of another epoch, nor of a device that is not known', async () => {
      const raised = raise(1, 'P0')
      await bench.store.submit(raised)
      await passes(1, { epoch: 'f'.repeat(16) as Epoch })
      await passes(1, { device: 'z'.repeat(43) as DeviceId })
      expect(await kinds(raised.id)).toEqual([])
    })
  })

  describe('evidence of devices on which nobody ever signed in', () => {
    const AT = '2026-01-01T00:00:00.000Z'
    const MAX = LIMITS.maxEvidenceAlone
    const stranger = (index: number) => String(index).padStart(43, 's') as DeviceId
    const receipt = (alert: CommandId, device: DeviceId, kind: Receipt['kind'] = 'displayed') =>
      ({ alert, device, kind, at: AT }) as const
    const devices = async (alert: CommandId) => new Set((await bench.store.receipts(alert)).map(({ device }) => device))
    const passes = async (device: DeviceId, to: number) => {
      await bench.store.greet({ ...greeting(), device })
      const { epoch } = await bench.store.snapshotStart(URGENT_CHANNEL)
      await bench.store.passUrgent({ device, epoch, sent: to, received: to, since: 0, start: 'cursor', at: AT })
    }

    it('[E3] [P8] is kept of so many devices of one alert, and always of a device of people', async () => {
      const [full, other] = [raise(1, 'P0'), raise(2, 'P0')]
      for (const each of [full, other]) await bench.store.submit(each)
      const flood = Array.from({ length: MAX + 3 }, (_, index) => receipt(full.id, stranger(index)))
      expect(await bench.store.recordReceipts(flood)).toBe(3)
      expect((await devices(full.id)).size).toBe(MAX)
      // Who has a place says what it has to say; what was said before is no loss.
      const again = [receipt(full.id, stranger(0)), receipt(full.id, stranger(MAX - 1), 'heard')]
      expect(await bench.store.recordReceipts(again)).toBe(0)
      await bench.reopen()
      const late = [
        receipt(full.id, stranger(MAX), 'heard'),
        receipt(full.id, DEVICE),
        receipt(other.id, stranger(MAX)),
      ]
      expect(await bench.store.recordReceipts(late)).toBe(1)
      expect([(await devices(full.id)).size, (await devices(full.id)).has(DEVICE)]).toEqual([MAX + 1, true])
      expect((await devices(other.id)).size).toBe(1)
    })

    it('[E3] [E4] is bounded in the same places where it follows from the log', async () => {
      const [full, next] = [raise(1, 'P0'), raise(2, 'P0')]
      await bench.store.submit(full)
      await bench.store.recordReceipts(Array.from({ length: MAX - 1 }, (_, index) => receipt(full.id, stranger(index))))
      await bench.store.submit(next)
      for (const device of [stranger(0), stranger(MAX), stranger(MAX + 1), DEVICE]) await passes(device, 2)
      const kept = await devices(full.id)
      expect([kept.size, kept.has(stranger(MAX)), kept.has(stranger(MAX + 1)), kept.has(DEVICE)]).toEqual([
        MAX + 1,
        true,
        false,
        true,
      ])
      expect((await devices(next.id)).size).toBe(4)
    })
  })
}
