import { LIMITS } from '../../relay/protocol/limits.ts'
import { machineKey, type MachineRecord } from '../../relay/protocol/telemetry.ts'
import type { CommittedEvent } from '../ports/store.ts'

/**
 * The machines of the site by key, as they were committed: what samples are held against. Bounded by what the domain lets
 * be described (`LIMITS.maxMachines`, `LIMITS.maxSignals`); kept in step by `committed`.
 */
export class Machines {
  readonly #byKey = new Map<string, MachineRecord>()
  #signals = 0

  constructor(records: readonly MachineRecord[] = []) {
    for (const record of records) this.#set(record)
  }

  get(area: string, machine: string): MachineRecord | null {
    return this.#byKey.get(machineKey(area, machine)) ?? null
  }

  /** Takes note of what changed, in commit order. */
  committed(events: readonly CommittedEvent[]): void {
    for (const { event } of events) {
      if (event.type !== 'machine.changed') continue
      // Only the telemetry domain makes these events, and it never deletes.
      this.#set((event.data as { readonly record: MachineRecord }).record)
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
}
