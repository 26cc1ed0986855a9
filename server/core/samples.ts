/**
 * What a batch of samples means: which are taken, which are refused and why, and what they say about machines that was not
 * known. Decides only; whoever asked carries it out.
 */
import { check } from '../../relay/protocol/check.ts'
import { refuse, type ErrorCode, type Refusal } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { momentOf } from '../../relay/protocol/moment.ts'
import { coversArea, type Areas } from '../../relay/protocol/rights.ts'
import { machineKey } from '../../relay/protocol/machine-names.ts'
import {
  TelemetrySample,
  type MachineDescription,
  type MachineRecord,
  type MachineSignal,
} from '../../relay/protocol/telemetry.ts'
import { unitMismatch } from '../domain/telemetry.ts'
import type { Machines } from './machines.ts'

/** A sample that was taken. `index`: its place in the batch. */
export interface TakenSample {
  readonly index: number
  readonly area: string
  readonly machine: string
  /** As the machine will know it once its description is applied. */
  readonly signal: MachineSignal
  readonly value: number
  /** When it was measured, epoch milliseconds. */
  readonly atMs: number
  /** Taken only if the description of its machine is: the signal is new. */
  readonly isNew: boolean
}

export interface RefusedSample {
  readonly index: number
  readonly code: ErrorCode
  readonly message: string
}

export interface Examined {
  readonly taken: readonly TakenSample[]
  readonly refused: readonly RefusedSample[]
  /** By machine key; what has to be known before its samples are taken, or has changed. */
  readonly descriptions: ReadonlyMap<string, MachineDescription>
}

export interface SampleContext {
  readonly machines: Machines
  /** Areas of the site, and those the sender may write to. */
  readonly areas: readonly string[]
  readonly mayWrite: Areas
  /** Whether the server itself reports: it alone writes to the machines that are reserved for it. */
  readonly isServer: boolean
  /** Server time, epoch milliseconds, and as people read it. */
  readonly nowMs: number
  readonly now: string
}

/** Looks at every sample on its own: one that is refused harms no other of its batch. */
export function examine(samples: readonly unknown[], context: SampleContext): Examined {
  const draft = new Draft(context.machines)
  const taken: TakenSample[] = []
  const refused: RefusedSample[] = []
  for (const [index, sample] of samples.entries()) {
    const one = examineOne(sample, context, draft)
    if ('code' in one) refused.push({ index, code: one.code, message: one.message })
    else taken.push({ index, ...one })
  }
  return { taken, refused, descriptions: draft.descriptions() }
}

function examineOne(
  sample: unknown,
  { machines, areas, mayWrite, isServer, nowMs, now }: SampleContext,
  draft: Draft,
): Omit<TakenSample, 'index'> | Refusal {
  const checked = check<TelemetrySample>(TelemetrySample, sample, 'bad-sample')
  if (!checked.ok) return checked
  const { area, machine, signal: name, value, unit, at, label, limits } = checked.value
  if (!areas.includes(area)) return refuse('unknown-area', `There is no area "${area}".`)
  if (!coversArea(mayWrite, area)) return refuse('forbidden', `This API key may not write to ${area}.`)
  if (!isServer && machines.isReserved(area, machine)) return reserved(area, machine)
  const atMs = (at === undefined ? null : momentOf(at)) ?? nowMs
  if (atMs < nowMs - LIMITS.maxSampleAgeMs || atMs > nowMs + LIMITS.maxSampleAheadMs) return outOfRange(now)
  const known = draft.signal(area, machine, name)
  if (known !== null && known.unit !== unit) return unitMismatch(known, unit)
  const signal: MachineSignal = {
    name,
    unit,
    label: label === undefined ? (known?.label ?? null) : label,
    limits: limits === undefined ? (known?.limits ?? null) : limits,
  }
  const isNew = draft.describe(area, machine, signal)
  return typeof isNew === 'boolean' ? { area, machine, signal, value, atMs, isNew } : isNew
}

/** Nobody but the server speaks for this machine. */
export function reserved(area: string, machine: string): Refusal {
  return refuse(
    'machine-reserved',
    `${area}/${machine} is a machine that the server itself reports of; choose another name.`,
  )
}

function outOfRange(now: string): Refusal {
  const minutes = LIMITS.maxSampleAgeMs / 60_000
  const seconds = LIMITS.maxSampleAheadMs / 1000
  return refuse(
    'timestamp-out-of-range',
    `"at" may be at most ${minutes} minutes before and ${seconds} seconds after the server’s clock, which says ${now}.`,
  )
}

/** The machines as this batch leaves them, within the limits of machine and site. */
class Draft {
  readonly #machines: Machines
  readonly #changed = new Map<
    string,
    { readonly area: string; readonly machine: string; readonly signals: Map<string, MachineSignal>; added: number }
  >()
  #newMachines = 0
  #newSignals = 0

  constructor(machines: Machines) {
    this.#machines = machines
  }

  signal(area: string, machine: string, name: string): MachineSignal | null {
    const drafted = this.#changed.get(machineKey(area, machine))?.signals.get(name)
    return drafted ?? signalOf(this.#machines.get(area, machine), name)
  }

  /** Notes what the sample says of its signal: true when nobody knew it before this batch. */
  describe(area: string, machine: string, signal: MachineSignal): boolean | Refusal {
    const key = machineKey(area, machine)
    const record = this.#machines.get(area, machine)
    const committed = signalOf(record, signal.name)
    if (committed !== null && isSameSignal(committed, signal)) {
      this.#changed.get(key)?.signals.delete(signal.name)
      return false
    }
    const draft = this.#changed.get(key) ?? { area, machine, signals: new Map<string, MachineSignal>(), added: 0 }
    if (committed === null && !draft.signals.has(signal.name)) {
      const refusal = this.#whyFull(record, draft.added)
      if (refusal !== null) return refusal
      if (record === null && draft.added === 0) this.#newMachines += 1
      this.#newSignals += 1
      draft.added += 1
    }
    draft.signals.set(signal.name, signal)
    this.#changed.set(key, draft)
    return committed === null
  }

  descriptions(): ReadonlyMap<string, MachineDescription> {
    return new Map(
      [...this.#changed]
        .filter(([, { signals }]) => signals.size > 0)
        .map(([key, { area, machine, signals }]) => [key, { area, machine, signals: [...signals.values()] }]),
    )
  }

  #whyFull(record: MachineRecord | null, added: number): Refusal | null {
    const { machines, signals } = this.#machines.room
    const own = (record?.signals.length ?? 0) + added
    if (own >= LIMITS.maxSignalsPerMachine)
      return refuse('too-many-signals', `A machine may have ${LIMITS.maxSignalsPerMachine} signals.`)
    if (this.#newSignals >= signals)
      return refuse(
        'too-many-signals',
        `A site may have ${LIMITS.maxSignals} signals; remove a machine that is not needed.`,
      )
    if (record === null && added === 0 && this.#newMachines >= machines)
      return refuse(
        'too-many-signals',
        `A site may have ${LIMITS.maxMachines} machines; remove one that is not needed.`,
      )
    return null
  }
}

function signalOf(record: MachineRecord | null, name: string): MachineSignal | null {
  return record?.signals.find((signal) => signal.name === name) ?? null
}

function isSameSignal(a: MachineSignal, b: MachineSignal): boolean {
  return (
    a.unit === b.unit && a.label === b.label && a.limits?.low === b.limits?.low && a.limits?.high === b.limits?.high
  )
}
