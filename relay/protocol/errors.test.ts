import { expect, it } from 'vitest'
import { passesByItself, type PassingCode } from './errors.ts'

it('[W6] the server says "later" only for what passes by itself; another reason does not compile', () => {
  const reasons = ['rate-limited', 'unavailable', 'unconfirmed'] satisfies PassingCode[]
  // @ts-expect-error -- It would have to heed `giveUp`, which the gateway does not hand to the store.
  const counting: PassingCode = 'handler-failed'
  expect(reasons.map(passesByItself)).toEqual([true, true, true])
  expect(passesByItself(counting)).toBe(false)
})
