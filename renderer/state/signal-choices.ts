import type { MachineRecord, MachineSignal } from '../../relay/protocol/telemetry.ts'
import { compareText, naturalKey } from './natural-order.ts'
import { soughtMachines } from './sought-machines.ts'

/** As many as a person looks through; who wants another one types a letter of it. */
export const MAX_CHOICES = 30

export interface SignalChoice {
  readonly machine: MachineRecord
  readonly signal: MachineSignal
}

export interface SignalName {
  readonly machine: string
  readonly signal: string
}

export interface SignalChoices {
  readonly shown: readonly SignalChoice[]
  /** How many more there are. */
  readonly more: number
}

/** Values to look at beside others: those of the machine of the first first, then by name, without themselves. */
export function signalChoices(
  machines: readonly MachineRecord[],
  without: readonly SignalName[],
  query: string,
): SignalChoices {
  const first = without[0]?.machine
  const all = soughtMachines(machines, query)
    .map((one) => ({ ...one, rank: one.machine.id === first ? 0 : 1, name: naturalKey(one.machine.label) }))
    .toSorted((a, b) => a.rank - b.rank || compareText(a.name, b.name))
    .flatMap(({ machine, signals }) => signals.map((signal) => ({ machine, signal })))
    .filter(({ machine, signal }) => !without.some((one) => one.machine === machine.id && one.signal === signal.name))
  const shown = all.slice(0, MAX_CHOICES)
  return { shown, more: all.length - shown.length }
}
