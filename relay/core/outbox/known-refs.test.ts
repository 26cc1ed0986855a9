import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addKnown, mayBeKnown, newKnownRefs } from './known-refs.ts'

it('[R11] knows whatever was added', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (refs) => {
      const known = newKnownRefs()
      for (const ref of refs) addKnown(known, ref)
      expect(refs.every((ref) => mayBeKnown(known, ref))).toBe(true)
    }),
  )
})

it('[R31] takes two in a hundred of others for known at most, when it holds as many as a disk may have', () => {
  const known = newKnownRefs()
  for (let each = 0; each < 210_000; each += 1) addKnown(known, `b${each}`)
  let taken = 0
  for (let each = 210_000; each < 310_000; each += 1) if (mayBeKnown(known, `b${each}`)) taken += 1
  expect(taken).toBeLessThan(2_000)
})
