/**
 * Which references the disk may know, so that a new one is not looked for: a Bloom filter (B. H. Bloom, 1970). What was added is
 * always found; of others one in a hundred is, too, while no more are held than a disk may have. That one costs a read.
 *
 * It only fills, so each walk through the disk builds a new one.
 */
import type { KnownRefs } from './slice.ts'

/** Of 210,000 references, those of all commands that may wait and all ends that are kept, ten bits each: 256 KB. */
const BITS = 2 ** 21
/** Bits that each reference sets. */
const PLACES = 4

export function newKnownRefs(): KnownRefs {
  return { words: new Uint32Array(BITS / 32) }
}

export function addKnown({ words }: KnownRefs, ref: string): void {
  const { first, step } = hash(ref)
  for (let place = 0; place < PLACES; place += 1) {
    const bit = bitAt(first, step, place)
    words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31))
  }
}

/** False when it was never added. */
export function mayBeKnown({ words }: KnownRefs, ref: string): boolean {
  const { first, step } = hash(ref)
  for (let place = 0; place < PLACES; place += 1) {
    const bit = bitAt(first, step, place)
    if (((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false
  }
  return true
}

/** Two hashes make as many as are wanted (Kirsch and Mitzenmacher, 2006). */
function bitAt(first: number, step: number, place: number): number {
  return ((first + Math.imul(place, step)) >>> 0) % BITS
}

/** FNV-1a over the code units, and once more mixed from it; the second is odd, so that places do not meet. */
function hash(ref: string): { readonly first: number; readonly step: number } {
  let first = 0x811c9dc5
  for (let at = 0; at < ref.length; at += 1) first = Math.imul(first ^ ref.charCodeAt(at), 0x01000193)
  let step = Math.imul(first ^ (first >>> 16), 0x85ebca6b)
  step = Math.imul(step ^ (step >>> 13), 0xc2b2ae35)
  return { first: first ^ (first >>> 15), step: (step ^ (step >>> 16)) | 1 }
}
