import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allOf, isNew, newRecent, recall, remember, type Recent } from './recent.ts'

const AT_LEAST = 5
/** Of few names, so that many come again. */
const NAMES = fc.array(fc.integer({ min: 0, max: 12 }).map(String), { maxLength: 60 })

/** Remembers each under its place; and what a list of the last `AT_LEAST` that is copied for each would hold. */
function rememberAll(names: readonly string[]): {
  readonly recent: Recent<number>
  readonly copied: readonly (readonly [string, number])[]
} {
  const recent = newRecent<number>(AT_LEAST)
  let copied: readonly (readonly [string, number])[] = []
  for (const [place, name] of names.entries()) {
    remember(recent, name, place)
    copied = [...copied.filter(([known]) => known !== name), [name, place] as const].slice(-AT_LEAST)
  }
  return { recent, copied }
}

test('remembers what a copied list of the last names would, each with what was said last [P8]', () => {
  fc.assert(
    fc.property(NAMES, (names) => {
      const { recent, copied } = rememberAll(names)
      for (const [name, place] of copied) expect(recall(recent, name)).toBe(place)
    }),
  )
})

test('holds each name once, at most twice as many as asked, and nothing that was not said [P8]', () => {
  fc.assert(
    fc.property(NAMES, (names) => {
      const { recent } = rememberAll(names)
      const places = allOf(recent)
      expect(places.length).toBeLessThanOrEqual(2 * AT_LEAST)
      const held = places.map((place) => names[place])
      expect(new Set(held).size).toBe(held.length)
      for (const [at, place] of places.entries()) expect(names.lastIndexOf(held[at] ?? '')).toBe(place)
    }),
  )
})

test('a name is new until it is remembered, and again once it is forgotten', () => {
  const recent = newRecent<true>(AT_LEAST)
  expect([isNew(recent, 'a'), isNew(recent, 'a')]).toEqual([true, false])
  for (let n = 0; n < 2 * AT_LEAST; n += 1) isNew(recent, String(n))
  expect(isNew(recent, 'a')).toBe(true)
})
