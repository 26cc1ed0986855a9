import { expect, test } from 'vitest'
import { PATTERNS, samplesOf, type Heard } from './sound-tones.ts'

const RATE = 48_000
const HEARD = ['P0', 'P1', 'P2'] as const satisfies readonly Heard[]

/** Loudest sample between two moments, milliseconds. */
function peak(samples: Float32Array, from: number, to: number): number {
  return samples
    .subarray((from * RATE) / 1_000, (to * RATE) / 1_000)
    .reduce((most, one) => Math.max(most, Math.abs(one)), 0)
}

test.each(HEARD)('%s sounds in its pulses and nowhere else, and never beyond full scale', (priority) => {
  const samples = samplesOf(priority, RATE)
  const { pulses, lasts } = PATTERNS[priority]
  let end = 0
  for (const pulse of pulses) {
    if (pulse.at > end) expect(peak(samples, end, pulse.at)).toBe(0)
    expect(peak(samples, pulse.at, pulse.at + pulse.lasts)).toBeGreaterThan(0.5)
    end = pulse.at + pulse.lasts
  }
  if (lasts > end) expect(peak(samples, end, lasts)).toBe(0)
  expect(peak(samples, 0, lasts)).toBeLessThanOrEqual(1)
})

test('the count of pulses tells the priority: three and two, three, one (IEC 60601-1-8)', () => {
  expect(HEARD.map((priority) => PATTERNS[priority].pulses.length)).toEqual([5, 3, 1])
  const [first, , third, fourth] = PATTERNS.P0.pulses
  expect((fourth?.at ?? 0) - (third?.at ?? 0)).toBeGreaterThan((third?.at ?? 0) - (first?.at ?? 0) - 100)
})

test('a P0 is silent for 2.5 to 15 s between two bursts', () => {
  const last = PATTERNS.P0.pulses.at(-1)
  const silence = PATTERNS.P0.lasts - ((last?.at ?? 0) + (last?.lasts ?? 0))
  expect(silence).toBeGreaterThanOrEqual(2_500)
  expect(silence).toBeLessThanOrEqual(15_000)
})

test.each(HEARD)('the fundamental of %s is between 150 and 1000 Hz', (priority) => {
  expect(PATTERNS[priority].hertz).toBeGreaterThanOrEqual(150)
  expect(PATTERNS[priority].hertz).toBeLessThanOrEqual(1_000)
})

test('no click: a pulse begins and ends at nothing', () => {
  const samples = samplesOf('P2', RATE)
  expect(Math.abs(samples[0] ?? 1)).toBeLessThan(0.01)
  expect(Math.abs(samples.at(-1) ?? 1)).toBeLessThan(0.01)
})
