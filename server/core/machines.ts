import { LIMITS } from '../../relay/protocol/limits.ts'
import { machineKey } from '../../relay/protocol/machine-names.ts'
import type { MachineRecord } from '../../relay/protocol/telemetry.ts'
import type { CommittedEvent } from '../ports/submission.ts'

/**
 * The machines of the site by key, as they were committed: what samples are held against. Bounded by what the domain lets
 * be described (`LIMITS.maxMachines`, `LIMITS.maxSignals`); kept in step by `committed`.
 */
export class Machines {
  readonly #byKey = new Map<string, MachineRecord>()
  readonly #reserved = new Set<string>()
  #signals = 0
  #removed: (record: MachineRecord) => void = () => {}

  constructor(records: readonly MachineRecord[] = []) {
    for (const record of records) this.#set(record)
  }

  get(area: string, machine: string): MachineRecord | null {
    return this.#byKey.get(machineKey(area, machine)) ?? null
  }

  /** From here on nobody but the server itself writes to these machines, by their keys. */
  reserve(keys: readonly string[]): void {
    for (const key of keys) this.#reserved.add(key)
  }

  isReserved(area: string, machine: string): boolean {
    return this.#reserved.has(machineKey(area, machine))
  }

  /** One listener: told of each machine that was removed, as it was. */
  whenRemoved(listener: (record: MachineRecord) => void): void {
    this.#removed = listener
  }

  /** Takes note of what changed, in commit order. */
  committed(events: readonly CommittedEvent[]): void {
    for (const { event } of events) {
      // Only the telemetry domain makes these events.
      if (event.type === 'machine.changed') this.#set((event.data as { readonly record: MachineRecord }).record)
      else if (event.type === 'machine.removed') this.#remove((event.data as { readonly key: string }).key)
    }
  }

  get machines(): number {
    return this.#byKey.size
  }

  get signals(): number {
    return this.#signals
  }

  /** What may still be added. */
  get room(): { readonly machines: number; readonly signals: number } {
    return { machines: LIMITS.maxMachines - this.#byKey.size, signals: LIMITS.maxSignals - this.#signals }
  }

  #set(record: MachineRecord): void {
    const key = machineKey(record.area, record.id)
    this.#signals += record.signals.length - (this.#byKey.get(key)?.signals.length ?? 0)
    this.#byKey.set(key, record)
  }

  #remove(key: string): void {
    const record = this.#byKey.get(key)
    if (record === undefined) return
    this.#byKey.delete(key)
    this.#signals -= record.signals.length
    this.#removed(record)
  }
}
