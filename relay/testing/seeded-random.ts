import type { Random } from '../ports.ts'

/** Reproducible chance: the same seed gives the same numbers and ids. mulberry32, public domain (Tommy Ettinger, 2017). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  let made = 0
  const hex = (digits: number): string => {
    let text = ''
    for (let index = 0; index < digits; index += 1) text += Math.floor(next() * 16).toString(16)
    return text
  }
  return {
    next,
    uuid() {
      made += 1
      // Version 7: the counter stands where the time stands, so ids sort by their making.
      const time = made.toString(16).padStart(12, '0')
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(12)}`
    },
  }
}
