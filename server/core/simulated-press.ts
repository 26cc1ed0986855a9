import type { MachineSignal } from '../../relay/protocol/telemetry.ts'

/** What a simulated press measures; the same for each. */
export const PRESS_SIGNALS: readonly MachineSignal[] = [
  { name: 'force', unit: 'kN', label: 'Press force', limits: { low: null, high: 850 } },
  { name: 'oil-temperature', unit: '°C', label: 'Oil temperature', limits: { low: 15, high: 62 } },
  { name: 'strokes', unit: '1/min', label: 'Stroke rate', limits: { low: 8, high: null } },
]

const CYCLE_S = 12
const WARM_UP_S = 900

/**
 * A press that nobody built, for the demonstration floor: force over a stroke of twelve seconds, oil that warms up and cools
 * down over a quarter of an hour and is a little too warm at its height. A function of time alone: `phase` (0 to 1) tells two
 * presses apart.
 *
 * @returns values by the names of `PRESS_SIGNALS`
 */
export function pressAt(seconds: number, phase: number): Readonly<Record<string, number>> {
  const stroke = turn(seconds / CYCLE_S + phase)
  const warmth = turn(seconds / WARM_UP_S + phase)
  const ripple = Math.sin(seconds * 1.7 + phase * 9) + Math.sin(seconds * 0.61)
  return {
    // Only the middle third of a stroke presses.
    force: rounded(
      stroke > 1 / 3 && stroke < 2 / 3 ? 780 * Math.sin((stroke - 1 / 3) * 3 * Math.PI) + 8 * ripple + 20 : 12 + ripple,
    ),
    'oil-temperature': rounded(48 - 15 * Math.cos(2 * Math.PI * warmth) + 0.2 * ripple),
    strokes: rounded(60 / CYCLE_S + 6 + 0.3 * ripple),
  }
}

function turn(value: number): number {
  return value - Math.floor(value)
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
