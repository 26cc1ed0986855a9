import { expect, test } from 'vitest'
import { firstView, hashOf, placeOf, VIEWS } from './place.ts'

test.each(VIEWS)('the address of a window says its area and view (%s)', (view) => {
  expect(placeOf(hashOf(view, 'line-3'))).toEqual({ view, area: view === 'wall' ? null : 'line-3' })
})

test('an address that says nothing, or nonsense, leaves the view to whoever is there', () => {
  expect(placeOf('')).toEqual({ view: null, area: null })
  expect(placeOf('#/<b>/poker')).toEqual({ view: null, area: null })
  expect(placeOf(hashOf(null, null))).toEqual({ view: null, area: null })
  expect([firstView(false), firstView(true)]).toEqual(['line', 'site'])
})

test('a line alone is its own view, and the board has an address that people type', () => {
  expect(placeOf('#/line-2')).toEqual({ view: 'line', area: 'line-2' })
  expect(placeOf('#/wall')).toEqual({ view: 'wall', area: null })
  // A line of that name is still to be had.
  expect(placeOf('#/wall/alerts')).toEqual({ view: 'alerts', area: 'wall' })
})
