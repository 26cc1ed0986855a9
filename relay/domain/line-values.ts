import type { MachineRecord, MachineSignal } from '../protocol/telemetry.ts'
import type { LiveModel } from './live.ts'
import { readingOf } from './telemetry.ts'

/** One signal of a machine that stands for its line. */
export interface LineValue {
  readonly machine: MachineRecord
  readonly signal: MachineSignal
}

/**
 * The values that say how a line is, at most so many: the `chosen` ones (`machine/signal`) in their order, as far as there are
 * such; behind them those with limits before the others, one of each machine before a second one. Always the same of the same
 * machines, so that they have a place of their own.
 */
export function lineValues(
  machines: readonly MachineRecord[],
  most: number,
  chosen: readonly string[] = [],
): readonly LineValue[] {
  const first = chosen.flatMap((key) => named(machines, key)).slice(0, most)
  const others = standing(machines, most).filter((one) => !first.some((other) => other.signal === one.signal))
  return [...first, ...others].slice(0, most)
}

function named(machines: readonly MachineRecord[], key: string): readonly LineValue[] {
  const end = key.indexOf('/')
  const machine = machines.find(({ id }) => id === key.slice(0, end))
  const signal = machine?.signals.find(({ name }) => name === key.slice(end + 1))
  return machine === undefined || signal === undefined ? [] : [{ machine, signal }]
}

function standing(machines: readonly MachineRecord[], most: number): readonly LineValue[] {
  const ranked = machines.map((machine) => ({
    machine,
    signals: machine.signals.toSorted((a, b) => Number(a.limits === null) - Number(b.limits === null)),
  }))
  const rounds = Math.max(0, ...ranked.map(({ signals }) => signals.length))
  const found: LineValue[] = []
  for (const hasLimits of [true, false]) {
    for (let round = 0; round < rounds && found.length < most; round += 1) {
      for (const { machine, signals } of ranked) {
        const signal = signals[round]
        if (signal !== undefined && (signal.limits !== null) === hasLimits && found.length < most)
          found.push({ machine, signal })
      }
    }
  }
  return found
}

/** How many of these are beyond their limits at `now` (the window's monotonic clock): current ones alone, an old one says no more. */
export function breachesIn(
  values: Iterable<LineValue>,
  clocks: { readonly live: LiveModel; readonly now: number },
): number {
  const readings = [...values].map(({ machine, signal }) => readingOf(machine, signal, clocks))
  return readings.filter(({ breach, freshness }) => breach !== null && freshness === 'current').length
}
