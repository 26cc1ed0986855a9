import { describe, expect, test } from 'vitest'
import { including, marked, MIN_SPAN_S, moved, pinched, shownOf, zoomed } from './trend-view.ts'

const HOUR = { from: 0, to: 3_600 }

describe('of an hour', () => {
  test('what is zoomed into stays where it was, and out again is all of it', () => {
    const half = zoomed(null, HOUR, { at: 900, by: 0.5 })
    expect(half).toEqual({ from: 450, to: 2_250 })
    expect(zoomed(half, HOUR, { at: 900, by: 2 })).toBeNull()
    expect(shownOf(null, HOUR)).toEqual(HOUR)
  })

  test('no part is less than its minutes can be read, however often one zooms', () => {
    let view = zoomed(null, HOUR, { at: 3_600, by: 0.5 })
    for (let n = 0; n < 20; n += 1) view = zoomed(view, HOUR, { at: 3_600, by: 0.5 })
    expect(view).toEqual({ from: 3_600 - MIN_SPAN_S, to: 3_600 })
    expect(marked(HOUR, 100, 101)).toEqual({ from: 100.5 - MIN_SPAN_S / 2, to: 100.5 + MIN_SPAN_S / 2 })
    // A range that is shorter is never made longer by it.
    expect(zoomed(null, { from: 0, to: 60 }, { at: 30, by: 0.5 })).toBeNull()
  })

  test('it moves as far as there is something, and no further', () => {
    const view = { from: 600, to: 1_200 }
    expect(moved(view, HOUR, 0.5)).toEqual({ from: 900, to: 1_500 })
    expect(moved(view, HOUR, -5)).toEqual({ from: 0, to: 600 })
    expect(moved(view, HOUR, 50)).toEqual({ from: 3_000, to: 3_600 })
    expect(moved(null, HOUR, 1)).toBeNull()
  })

  test('a range that goes on with the time takes its part along', () => {
    expect(shownOf({ from: 0, to: 600 }, { from: 300, to: 3_900 })).toEqual({ from: 300, to: 900 })
  })

  test('two moments stay below the fingers that hold them', () => {
    const view = { from: 600, to: 1_200 }
    const apart = pinched(view, HOUR, [
      { at: 1_200, place: 0.25 },
      { at: 2_400, place: 0.75 },
    ])
    expect(apart).toEqual({ from: 600, to: 3_000 })
    for (const place of [0.25, 0.1]) {
      const held = [
        { at: 1_200, place: 0.25 },
        { at: 2_400, place },
      ] as const
      expect(pinched(view, HOUR, held)).toBe(view)
    }
  })

  test('a mark is what is shown, whichever way it was drawn', () => {
    expect(marked(HOUR, 2_000, 1_000)).toEqual({ from: 1_000, to: 2_000 })
    expect(marked(HOUR, -500, 400)).toEqual({ from: 0, to: 900 })
  })

  test('what is pointed at comes into sight, and what is in sight moves nothing', () => {
    const view = { from: 600, to: 1_200 }
    expect(including(view, HOUR, 700)).toEqual(view)
    expect(including(view, HOUR, 1_500)).toEqual({ from: 900, to: 1_500 })
    expect(including(view, HOUR, 100)).toEqual({ from: 100, to: 700 })
  })
})
