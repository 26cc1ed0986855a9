import type { Priority } from '../../relay/protocol/records.ts'

/** Priorities that are heard; a P3 is silent. */
export type Heard = Exclude<Priority, 'P3'>

/** One pulse of a pattern, in milliseconds from its start. */
export interface Pulse {
  readonly at: number
  readonly lasts: number
}

interface Pattern {
  /** Fundamental in hertz; IEC 60601-1-8 asks for 150–1000. */
  readonly hertz: number
  readonly pulses: readonly Pulse[]
  /** Length with the silence behind it, milliseconds: how long until it begins again where it repeats. */
  readonly lasts: number
}

/**
 * The pattern carries the priority, as in IEC 60601-1-8: high is a fast group of three and two, medium three pulses, low
 * one. Pitch falls with priority, so that one who hears half of it knows as well. A P0 repeats 3 s after its end.
 */
export const PATTERNS: Readonly<Record<Heard, Pattern>> = {
  P0: { hertz: 660, pulses: pulses(150, [0, 250, 500, 950, 1_200]), lasts: 1_350 + 3_000 },
  P1: { hertz: 523, pulses: pulses(200, [0, 400, 800]), lasts: 1_000 },
  P2: { hertz: 440, pulses: pulses(250, [0]), lasts: 250 },
}

/**
 * Partials with their share of the loudness: several components between 150 Hz and 4 kHz, so that a machine that drowns one
 * does not hide the tone.
 */
const PARTIALS: readonly (readonly [multiple: number, share: number])[] = [
  [1, 0.4],
  [2, 0.25],
  [3, 0.2],
  [5, 0.15],
]

/** A pulse rises and falls this long, milliseconds: without it speakers click. */
const EDGE_MS = 12

/** One period of a pattern as samples between -1 and 1. */
export function samplesOf(priority: Heard, sampleRate: number): Float32Array<ArrayBuffer> {
  const { hertz, pulses: all, lasts } = PATTERNS[priority]
  const samples = new Float32Array(Math.ceil((lasts * sampleRate) / 1_000))
  for (const pulse of all) {
    const first = Math.round((pulse.at * sampleRate) / 1_000)
    const length = Math.round((pulse.lasts * sampleRate) / 1_000)
    for (let n = 0; n < length && first + n < samples.length; n += 1) {
      const seconds = n / sampleRate
      const wave = PARTIALS.reduce(
        (sum, [multiple, share]) => sum + share * Math.sin(2 * Math.PI * hertz * multiple * seconds),
        0,
      )
      samples[first + n] = wave * edge((n * 1_000) / sampleRate, pulse.lasts)
    }
  }
  return samples
}

function edge(ms: number, lasts: number): number {
  return Math.max(0, Math.min(1, ms / EDGE_MS, (lasts - ms) / EDGE_MS))
}

function pulses(lasts: number, starts: readonly number[]): readonly Pulse[] {
  return starts.map((at) => ({ at, lasts }))
}
