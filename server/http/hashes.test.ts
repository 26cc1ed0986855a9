import fc from 'fast-check'
import { expect, it } from 'vitest'
import { canonicalJson, sha256 } from './hashes.ts'

it('the same content has the same text, in whatever order it was written', () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: null })).toBe(canonicalJson({ a: null, b: [{ c: 2, d: 1 }] }))
  expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]))
  expect(canonicalJson(undefined)).toBe('null')
})

it('it stays JSON of the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

it('hashes as base64url', () => {
  expect(sha256('demo-key')).toMatch(/^[\w-]{43}$/)
})
