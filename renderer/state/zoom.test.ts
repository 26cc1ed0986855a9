import { expect, test } from 'vitest'
import { ALL_OF_IT, moveBy, zoomBy } from './zoom.ts'

const BOX = { width: 400, height: 200 }
const MIDDLE = { x: 0, y: 0 }

test('grows around the point that is held, and no further than eight times', () => {
  const grown = zoomBy(ALL_OF_IT, 2, { at: { x: 100, y: 50 }, box: BOX })
  // What was at 100 is at 2 × 100, moved by -100: still at 100.
  expect(grown).toEqual({ scale: 2, x: -100, y: -50 })
  expect(zoomBy(grown, 100, { at: MIDDLE, box: BOX }).scale).toBe(8)
})

test('shrinks to all of it, in the middle, and no further', () => {
  const grown = zoomBy(ALL_OF_IT, 4, { at: { x: 200, y: 100 }, box: BOX })
  expect(zoomBy(grown, 0.1, { at: { x: 50, y: 0 }, box: BOX })).toEqual(ALL_OF_IT)
})

test('moves to its edges and not beyond, and not at all while all of it is seen', () => {
  expect(moveBy(ALL_OF_IT, { x: 50, y: 50 }, BOX)).toEqual(ALL_OF_IT)
  const grown = zoomBy(ALL_OF_IT, 2, { at: MIDDLE, box: BOX })
  expect(moveBy(grown, { x: 30, y: -30 }, BOX)).toEqual({ scale: 2, x: 30, y: -30 })
  expect(moveBy(grown, { x: 9_999, y: -9_999 }, BOX)).toEqual({ scale: 2, x: 200, y: -100 })
})
