import { describe, expect, it } from 'vitest'
import type { PinAttempt } from '../ports/pin-budget.ts'
import type { PastSignIns } from '../ports/sessions.ts'
import { PinLimiter } from './pin-limiter.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const PEOPLE = 30
const TERMINALS = 12
const TYPOS = 0.03

/** mulberry32: the same month each time. */
function chanceFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * A month of three shifts of ten: each signs in ten times a shift on whatever terminal is near, all of them at the shift's
 * change within a minute, behind one proxy that nobody named. One wrong PIN in 33. Whoever is told to wait waits, and tries
 * again. `meanwhile` happens before each try.
 */
function month(seed: number, meanwhile: (limiter: PinLimiter, now: number) => void) {
  const chance = chanceFrom(seed)
  const limiter = new PinLimiter()
  const signedIn = new Map<string, Set<string>>()
  const signIns: { person: string; at: number }[] = []
  for (let day = 0; day < 30; day += 1)
    for (let person = 0; person < PEOPLE; person += 1) {
      const shift = day * DAY + (person % 3) * 8 * 60 * MINUTE
      for (let count = 0; count < 10; count += 1)
        signIns.push({ person: `p${person}`, at: shift + (count === 0 ? MINUTE : 7 * 60 * MINUTE) * chance() })
    }
  let [longestMs, longestKnownMs, wrong] = [0, 0, 0]
  for (const { person, at } of signIns.toSorted((a, b) => a.at - b.at)) {
    const device = `t${Math.floor(chance() * TERMINALS)}`
    const people = signedIn.get(device)
    const past: PastSignIns = people === undefined ? 'nobody' : people.has(person) ? 'person' : 'others'
    const attempt: PinAttempt = { device, operator: person, source: '10.0.0.1', past }
    let [now, waitedMs, isIn] = [at, 0, false]
    while (!isIn && waitedMs <= 60 * MINUTE) {
      meanwhile(limiter, now)
      const begun = limiter.begin(attempt, now)
      if (begun.kind === 'go') {
        isIn = chance() >= TYPOS
        if (!isIn) wrong += 1
        limiter.end(attempt, { isRight: isIn, now })
        now += 3_000
      } else {
        const ms = begun.kind === 'wait' ? begun.ms : 1_000
        waitedMs += ms
        now += ms
      }
    }
    longestMs = Math.max(longestMs, waitedMs)
    if (past !== 'nobody') longestKnownMs = Math.max(longestKnownMs, waitedMs)
    if (isIn) signedIn.set(device, (people ?? new Set<string>()).add(person))
  }
  return { longestMs, longestKnownMs, wrong, signIns: signIns.length }
}

describe('[X4] a month of 30 people with 3 % wrong PINs', () => {
  it.each([1, 2, 3])('nobody waits more than 30 s (seed %i)', (seed) => {
    const { longestMs, wrong, signIns } = month(seed, () => {})
    expect(signIns).toBe(9_000)
    expect(wrong).toBeGreaterThan(150)
    expect(longestMs).toBeLessThanOrEqual(30_000)
  })

  it('nor while strangers guess at everybody without end, on a terminal that was ever used (seed 4)', () => {
    let index = 0
    const { longestKnownMs } = month(4, (limiter, now) => {
      for (let count = 0; count < 3; count += 1) {
        index += 1
        const attempt: PinAttempt = {
          device: `s${index}`,
          operator: `p${index % PEOPLE}`,
          source: `10.${index % 250}.0.1`,
          past: 'nobody',
        }
        if (limiter.begin(attempt, now).kind === 'go') limiter.end(attempt, { isRight: false, now })
      }
    })
    expect(longestKnownMs).toBeLessThanOrEqual(30_000)
  })
})
