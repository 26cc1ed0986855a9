import { expect, test } from 'vitest'
import { hashOf, placeOf } from './place.ts'

test('the address of a window says its area and view', () => {
  expect(placeOf(hashOf('orders', 'line-3'))).toEqual({ view: 'orders', area: 'line-3' })
})

test('an address that says nothing, or nonsense, is the alert board', () => {
  expect(placeOf('')).toEqual({ view: 'alerts', area: null })
  expect(placeOf('#/<b>/poker')).toEqual({ view: 'alerts', area: null })
})
