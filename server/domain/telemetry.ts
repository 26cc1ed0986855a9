import { channelName } from '../../relay/protocol/channels.ts'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { coversArea, isSupervisor } from '../../relay/protocol/rights.ts'
import { machineKey } from '../../relay/protocol/machine-names.ts'
import type { MachineDescription, MachineRecord, MachineSignal } from '../../relay/protocol/telemetry.ts'
import type { Handlers } from './handler.ts'

/** Machines as people see them: what each is called and measures. Their values are live and never pass through here. */
export const telemetry: Handlers = {
  'machine.describe': {
    reads: ({ area, machine }) => [{ domain: 'equipment', key: machineKey(area, machine) }],
    decide(records, data, { areas, actor, at }) {
      const { area, machine } = data
      // A device reads machines; what it measures itself it hands in by the API, as every other program does.
      if (actor.device !== null) return refuse('forbidden', 'Machines are described by programs, with an API key.')
      if (!areas.includes(area)) return refuse('unknown-area', `There is no area "${area}".`)
      if (!coversArea(actor.areas, area)) return refuse('forbidden', `You may not describe machines of ${area}.`)
      const key = machineKey(area, machine)
      // Only this domain writes these records.
      const before = (records.get(`equipment/${key}`)?.record ?? null) as MachineRecord | null
      // That a machine fell silent may be said when it is removed already, and does not bring it back.
      if (before === null && isOnlyLastSample(data)) return { ok: true, data: { id: key }, events: [] }
      const record = described(before, data, at)
      if ('code' in record) return record
      const done = { ok: true, data: { id: key } } as const
      if (before !== null && JSON.stringify(before) === JSON.stringify(record)) return { ...done, events: [] }
      const channel = channelName('equipment', area)
      return { ...done, events: [{ channel, type: 'machine.changed', data: { key, record } }] }
    },
  },
  'machine.remove': {
    reads: ({ area, machine }) => [{ domain: 'equipment', key: machineKey(area, machine) }],
    decide(records, { area, machine }, { areas, actor }) {
      if (actor.device !== null) return refuse('forbidden', 'Machines are removed by programs, with an API key.')
      if (!areas.includes(area)) return refuse('unknown-area', `There is no area "${area}".`)
      // What gateways report with must not take away what others report.
      if (!isSupervisor(actor.role) || !coversArea(actor.areas, area))
        return refuse('forbidden', `Machines of ${area} are removed with a key of a supervisor or administrator of it.`)
      const key = machineKey(area, machine)
      if (!records.has(`equipment/${key}`)) return refuse('machine-not-found', `There is no machine "${key}".`)
      const event = { channel: channelName('equipment', area), type: 'machine.removed', data: { key, record: null } }
      return { ok: true, events: [event], data: { id: key } }
    },
  },
}

function isOnlyLastSample({ label, simulated, signals, lastSampleAt }: MachineDescription): boolean {
  return lastSampleAt !== undefined && signals.length === 0 && label === undefined && simulated === undefined
}

/** The machine after this description, or why it cannot be so. A signal never changes its unit: its past is in the old one. */
export function described(
  before: MachineRecord | null,
  description: MachineDescription,
  now: string,
): MachineRecord | Refusal {
  const signals = new Map<string, MachineSignal>(before?.signals.map((signal) => [signal.name, signal]))
  for (const signal of description.signals) {
    const known = signals.get(signal.name)
    if (known !== undefined && known.unit !== signal.unit) return unitMismatch(known, signal.unit)
    signals.set(signal.name, signal)
  }
  if (signals.size > LIMITS.maxSignalsPerMachine) {
    return refuse('too-many-signals', `A machine may have ${LIMITS.maxSignalsPerMachine} signals.`)
  }
  return {
    id: description.machine,
    area: description.area,
    label: description.label ?? before?.label ?? description.machine,
    simulated: description.simulated ?? before?.simulated ?? false,
    signals: [...signals.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    lastSampleAt: lastOf(before?.lastSampleAt ?? null, description.lastSampleAt ?? null, now),
  }
}

/** "bar", not "psi": what a sample says and what is known. */
export function unitMismatch(known: Pick<MachineSignal, 'name' | 'unit'>, unit: string): Refusal {
  return refuse('unit-mismatch', `"${known.name}" is known in "${known.unit}", not in "${unit}".`)
}

/**
 * The later of two; one that is ahead of the server's clock is of a time before that was set back, and what is said now comes after
 * it (P7). ISO 8601 in UTC sorts as text.
 */
function lastOf(known: string | null, said: string | null, now: string): string | null {
  if (known === null || said === null) return known ?? said
  return said > known || known > now ? said : known
}
