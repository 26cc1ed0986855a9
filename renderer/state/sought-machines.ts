import type { MachineRecord, MachineSignal } from '../../relay/protocol/telemetry.ts'
import { isIn, plain } from './use-filter.ts'

/** A machine with those of its signals that are looked for; `signals` is the machine's own list while all of them are. */
export interface SoughtMachine {
  readonly machine: MachineRecord
  readonly signals: readonly MachineSignal[]
}

/**
 * The machines that match, or have signals that do, in their order. A word may be of the machine and another of its signal: "press
 * oil". Without words all of all of them.
 */
export function soughtMachines(machines: readonly MachineRecord[], query: string): readonly SoughtMachine[] {
  if (query.trim() === '') return machines.map((machine) => ({ machine, signals: machine.signals }))
  return machines.flatMap((machine) => {
    const own = ownWords(machine)
    if (isIn(own, query)) return [{ machine, signals: machine.signals }]
    const signals = machine.signals.filter((signal) => isIn(`${own}\n${signalWords(signal)}`, query))
    return signals.length === 0 ? [] : [{ machine, signals }]
  })
}

/** Of records, which are made anew when they change: a key more is typed much faster than thousands of names are made plain. */
const known = new WeakMap<object, string>()

function ownWords(machine: MachineRecord): string {
  return plainOnce(machine, () => `${machine.label}\n${machine.id}`)
}

function signalWords(signal: MachineSignal): string {
  return plainOnce(signal, () => [signal.name, signal.label, signal.unit].join('\n'))
}

function plainOnce(of: object, words: () => string): string {
  const before = known.get(of)
  if (before !== undefined) return before
  const made = plain(words())
  known.set(of, made)
  return made
}
