import { Gauge, type Registry } from 'prom-client'
import type { HttpOptions } from './options.ts'

/** Machines, live values and history, read when somebody asks. What was left out or lost is counted (P8). */
export function measureTelemetry(
  registry: Registry,
  { machines, series, liveCounts }: Pick<HttpOptions, 'machines' | 'series' | 'liveCounts'>,
): void {
  const numbers: readonly (readonly [string, string, () => number])[] = [
    ['andon_machines', 'Machines that are known.', () => machines.machines],
    ['andon_signals', 'Signals that are known.', () => machines.signals],
    ['andon_live_keys', 'Live values that are current.', () => liveCounts().keys],
    ['andon_live_conflated', 'Live values replaced before they left.', () => liveCounts().conflated],
    ['andon_live_withheld', 'Live values a slow reader did not get.', () => liveCounts().withheld],
    ['andon_history_waiting', 'Samples that wait to be written to history.', () => series.counts().waiting],
    ['andon_history_lost', 'Samples that history lacks because the disk did not keep up.', () => series.counts().lost],
  ]
  for (const [name, help, value] of numbers) {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(value()) })
  }
}
