import { SEGMENT } from '../../relay/protocol/name-patterns.ts'

/**
 * The keys of a Korean keyboard (two-set layout, KS X 5002) behind each letter of Hangul as Unicode decomposes it: nineteen
 * initials from U+1100, twenty-one vowels from U+1161, twenty-seven finals from U+11A8, in Unicode's order.
 */
const INITIALS = 'r R s e E f a q Q t T d w W c z x v g'.split(' ')
const VOWELS = 'k o i O j p u P h hk ho hl y n nj np nl b m ml l'.split(' ')
const FINALS = 'r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g'.split(' ')

/**
 * The short name of a person as it was meant: names have letters, digits and hyphens (`Segment`), and the person who types
 * one need not look at which alphabet the keyboard is in. "ㅏㅑㅡ" is `kim`.
 */
export function operatorName(typed: string): string {
  return Array.from(typed.normalize('NFKD'), keysOf).join('').trim().toLowerCase()
}

/** Whether there are letters of Hangul, which are read as the keys they stand on. */
export function hasHangul(typed: string): boolean {
  return /\p{Script=Hangul}/u.test(typed)
}

export function isOperatorName(name: string): boolean {
  return SEGMENT.test(name)
}

function keysOf(letter: string): string {
  const code = letter.codePointAt(0) ?? 0
  return INITIALS[code - 0x1100] ?? VOWELS[code - 0x1161] ?? FINALS[code - 0x11a8] ?? letter
}
