import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wallPage } from './wall-page.ts'

const lines = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `line-${index + 1}`)

test('what has room stands on one page, whatever is turned', () => {
  expect(wallPage(lines(8), { wrong: 3, places: 8, turn: 7 })).toEqual({ areas: lines(8), page: 1, pages: 1 })
  expect(wallPage([], { wrong: 0, places: 8, turn: 0 })).toEqual({ areas: [], page: 1, pages: 1 })
})

test('two hundred lines are twenty-five pages, and they go round', () => {
  const order = lines(200)
  expect(wallPage(order, { wrong: 0, places: 8, turn: 2 })).toEqual({ areas: order.slice(16, 24), page: 3, pages: 25 })
  expect(wallPage(order, { wrong: 0, places: 8, turn: 25 }).page).toBe(1)
  expect(wallPage(order, { wrong: 0, places: 8, turn: -1 }).page).toBe(25)
})

test('what is wrong stands on every page, up to half of the places', () => {
  const order = lines(20)
  const pages = [0, 1, 2].map((turn) => wallPage(order, { wrong: 2, places: 8, turn }))
  for (const { areas } of pages) expect(areas.slice(0, 2)).toEqual(['line-1', 'line-2'])
  expect(pages.flatMap(({ areas }) => areas.slice(2))).toEqual(order.slice(2))
  expect(wallPage(order, { wrong: 20, places: 8, turn: 1 })).toMatchObject({
    areas: [...order.slice(0, 4), ...order.slice(8, 12)],
    pages: 4,
  })
})

test('every line is on some page, no page has more than there is room for, none is empty', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.integer({ min: 1, max: 30 }), (count, wrong, places) => {
      const order = lines(count)
      const { pages } = wallPage(order, { wrong: Math.min(wrong, count), places, turn: 0 })
      const all = Array.from({ length: pages }, (_, turn) =>
        wallPage(order, { wrong: Math.min(wrong, count), places, turn }),
      )
      expect(new Set(all.flatMap(({ areas }) => areas))).toEqual(new Set(order))
      for (const { areas } of all) {
        expect(areas.length).toBeLessThanOrEqual(places)
        if (count > 0) expect(areas.length).toBeGreaterThan(0)
      }
    }),
  )
})
