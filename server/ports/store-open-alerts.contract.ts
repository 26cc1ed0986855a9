import { describe, expect, it } from 'vitest'
import type { DeviceId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Submission } from './submission.ts'
import {
  changed,
  commandId,
  DEVICE,
  from,
  greeting,
  OUTBOX,
  raise,
  session,
  SESSION,
  verdictOf,
  type Bench,
} from './store-samples.contract.ts'

/** What devices raise without a person: how much of it may be open (T21). */
export function openAlertsContract(bench: Bench): void {
  describe('open alerts that devices raised alone', () => {
    const PER_DEVICE = LIMITS.maxOpenAlertsPerDevice
    const IN_SUM = LIMITS.maxOpenAlertsAlone
    const stranger = (index: number) => String(index).padStart(43, 's') as DeviceId
    /** The sequence that each device used last. */
    let used = new Map<DeviceId, number>()

    const start = async (strangers: number) => {
      used = new Map()
      for (let index = 0; index < strangers; index += 1)
        await bench.store.greet({ ...greeting(), device: stranger(index) })
    }
    const submit = async (device: DeviceId, as: (seq: number) => Submission) => {
      const seq = (used.get(device) ?? 0) + 1
      used.set(device, seq)
      const verdict = verdictOf(await bench.store.submit(as(seq)))
      await bench.store.confirm({ device, epoch: OUTBOX, lane: 'urgent', upTo: seq })
      return verdict.kind === 'done' ? (verdict.outcome.code ?? verdict.outcome.outcome) : verdict.kind
    }
    /** As `raise` has them for the device of the bench, and others' beside them. */
    const id = (device: DeviceId, seq: number) =>
      commandId(0x1000 * (device === DEVICE ? 1 : 2 + Number(/\d+/.exec(device)?.[0])) + seq)
    const alone = async (device: DeviceId) =>
      await submit(device, (seq) => ({
        ...changed(from(raise(seq, 'P0'), null), { device }),
        id: id(device, seq),
      }))
    const byKim = async () => await submit(DEVICE, (seq) => raise(seq, 'P0'))
    const act = async (type: string, alert: number) =>
      await submit(DEVICE, (seq) => ({ ...raise(seq, 'P0'), type, data: { id: id(DEVICE, alert) } }))
    const fill = async (devices: number, each: number) => {
      for (let index = 0; index < devices; index += 1)
        for (let count = 0; count < each; count += 1) expect(await alone(stranger(index))).toBe('applied')
    }

    it('[T21] are refused one too many of a device of people, whose people go on, across a restart', async () => {
      await start(0)
      for (let count = 0; count < PER_DEVICE; count += 1) expect(await alone(DEVICE)).toBe('applied')
      expect(await alone(DEVICE)).toBe('too-many-alerts')
      expect(await byKim()).toBe('applied')
      await bench.reopen()
      expect(await alone(DEVICE)).toBe('too-many-alerts')
    })

    it('[T21] have room again once one is gone, and not before', async () => {
      await start(0)
      for (let count = 0; count < PER_DEVICE; count += 1) await alone(DEVICE)
      expect(await act('alert.ack', 1)).toBe('applied')
      expect(await alone(DEVICE)).toBe('too-many-alerts')
      expect(await act('alert.resolve', 1)).toBe('applied')
      expect([await alone(DEVICE), await alone(DEVICE)]).toEqual(['applied', 'too-many-alerts'])
    })

    it('[T21] [P8] of devices on which nobody ever signed in are bounded in sum, and cost nobody else', async () => {
      const full = IN_SUM / PER_DEVICE
      await start(full + 1)
      await fill(full, PER_DEVICE)
      expect(await alone(stranger(full))).toBe('too-many-alerts')
      expect([await alone(DEVICE), await byKim()]).toEqual(['applied', 'applied'])
      await bench.store.putApiKey({ id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] })
      const program = { kind: 'api', keyId: 'key-1', idempotency: null } as const
      const raised = await bench.store.submit({ ...raise(1, 'P0'), id: commandId(1), source: program })
      expect(verdictOf(raised)).toMatchObject({ outcome: { outcome: 'applied' } })
    })

    it('[T21] count no more among those of strangers once somebody signs in there', async () => {
      const full = IN_SUM / PER_DEVICE
      await start(full + 1)
      await fill(full, PER_DEVICE)
      const signedIn = { id: `${SESSION.slice(0, -1)}b` as typeof SESSION, device: stranger(0), refreshHash: 'r2' }
      await bench.store.putSession({ ...session(), ...signedIn })
      expect([await alone(stranger(0)), await alone(stranger(full))]).toEqual(['too-many-alerts', 'applied'])
      await bench.reopen()
      expect([await alone(stranger(1)), await alone(stranger(full))]).toEqual(['too-many-alerts', 'applied'])
    })
  })
}
