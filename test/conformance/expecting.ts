import { isDeepStrictEqual } from 'node:util'

/** A rule was not kept: what it demands, and what came instead. */
export class Mismatch extends Error {
  readonly expected: string
  readonly came: string

  constructor(expected: string, came: unknown) {
    const shown = typeof came === 'string' ? came : show(came)
    super(`expected ${expected}; came ${shown}`)
    this.expected = expected
    this.came = shown
  }
}

/** What a frame must hold at least: fields by value or by a test that says what it wants. */
export type Wanted = Readonly<Record<string, unknown>>

/** A field that is known by a property, not by its value. */
export class Where {
  readonly says: string
  readonly fits: (value: unknown) => boolean

  constructor(says: string, fits: (value: unknown) => boolean) {
    this.says = says
    this.fits = fits
  }
}

/** Every refusal says in words what is wrong. */
export const SENTENCE = new Where('a sentence', (value) => typeof value === 'string' && /\S.*[.!]$/.test(value))

/** Checks the fields named and hands the frame on. */
export function demand<T extends object>(came: T, wanted: Wanted, about = 'a frame'): T {
  if (!holds(came, wanted)) throw new Mismatch(`${about} with ${show(wanted)}`, came)
  return came
}

export function demandEqual(came: unknown, wanted: unknown, about: string): void {
  if (!isDeepStrictEqual(came, wanted)) throw new Mismatch(`${about} ${show(wanted)}`, came)
}

/** For what is no field of a frame. */
export function demandThat(isTrue: boolean, expected: string, came: unknown): void {
  if (!isTrue) throw new Mismatch(expected, came)
}

/** Objects hold at least what is wanted; everything else equals it. */
function holds(came: unknown, wanted: unknown): boolean {
  if (wanted instanceof Where) return wanted.fits(came)
  if (!isPlain(wanted)) return isDeepStrictEqual(came, wanted)
  return isPlain(came) && Object.entries(wanted).every(([field, value]) => holds(came[field], value))
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (inner instanceof Where ? inner.says : inner))
  return (text ?? String(value)).slice(0, 600)
}

/** The target lacks something that this case needs; the message says what. */
export class CannotSee extends Error {}
