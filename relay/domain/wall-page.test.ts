import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wallPage, type WallPlaces } from './wall-page.ts'

const lines = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `line-${index + 1}`)
const at = (order: readonly string[], over: Partial<WallPlaces>) =>
  wallPage(order, { wrong: 0, places: 8, turn: 0, by: 'itself', ...over })

test('what has room stands on one page, whatever is turned', () => {
  const whole = { of: 'all', page: 1, pages: 1, wrongElsewhere: 0 }
  expect(at(lines(8), { wrong: 3, turn: 7 })).toEqual({ areas: lines(8), ...whole })
  expect(at([], {})).toEqual({ areas: [], ...whole })
})

test('two hundred lines are twenty-five pages, and they go round', () => {
  const order = lines(200)
  expect(at(order, { turn: 2 })).toMatchObject({ areas: order.slice(16, 24), page: 3, pages: 25 })
  expect(at(order, { turn: 25 }).page).toBe(1)
  expect(at(order, { turn: -1 }).page).toBe(25)
})

test('what is wrong stands on every page, up to three quarters of the places, and the worst of more in half of them', () => {
  const order = lines(20)
  const pages = [0, 1, 2].map((turn) => at(order, { wrong: 2, turn }))
  for (const { areas } of pages) expect(areas.slice(0, 2)).toEqual(['line-1', 'line-2'])
  expect(pages.flatMap(({ areas }) => areas.slice(2))).toEqual(order.slice(2))
  expect(pages.map(({ wrongElsewhere }) => wrongElsewhere)).toEqual([0, 0, 0])
  const six = at(order, { wrong: 6, turn: 1 })
  expect(six).toMatchObject({ areas: [...order.slice(0, 6), ...order.slice(8, 10)], pages: 7, wrongElsewhere: 0 })
  for (const by of ['itself', 'hand'] as const)
    expect(at(order, { wrong: 20, turn: 1, by })).toMatchObject({
      areas: [...order.slice(0, 4), ...order.slice(8, 12)],
      pages: 4,
      wrongElsewhere: 12,
    })
})

test('of two hundred lines with nine wrong, all nine are seen in three turns, and it is said how many are elsewhere', () => {
  const order = lines(200)
  const turns = [0, 1, 2, 3, 4, 5].map((turn) => at(order, { wrong: 9, turn }))
  expect(turns.map(({ of, page, wrongElsewhere }) => `${of} ${page} +${wrongElsewhere}`)).toEqual([
    'wrong 1 +1',
    'wrong 2 +4',
    'others 1 +5',
    'wrong 1 +1',
    'wrong 2 +4',
    'others 2 +5',
  ])
  expect(new Set(turns.slice(0, 3).flatMap(({ areas }) => areas.slice(0, 8)))).toContain('line-9')
  expect(turns[2]?.areas).toEqual([...order.slice(0, 4), ...order.slice(9, 13)])
  // Whoever turns by hand has all of them one after the other.
  expect(at(order, { wrong: 9, turn: 1, by: 'hand' }).areas).toEqual([...order.slice(0, 4), ...order.slice(8, 12)])
})

test('a line that takes more room leaves less for the others', () => {
  const order = lines(6)
  const sizeOf = (area: string): number => (area === 'line-2' || area === 'line-4' ? 2 : 1)
  expect(at(order, { sizeOf })).toMatchObject({ areas: order, pages: 1 })
  expect(at(order, { sizeOf, places: 4 })).toMatchObject({ areas: ['line-1', 'line-2', 'line-3'], pages: 2 })
  expect(at(order, { sizeOf: () => 9, turn: 3 })).toMatchObject({ areas: ['line-4'], pages: 6 })
})

test('what is kept on every page leaves room for the largest of the others', () => {
  const sizeOf = (area: string): number => (area === 'line-2' || area === 'line-4' ? 2 : 1)
  const sizes = [0, 1, 2, 3].map((turn) =>
    at(lines(4), { wrong: 2, places: 4, sizeOf, turn }).areas.reduce((all, area) => all + sizeOf(area), 0),
  )
  expect(Math.max(...sizes)).toBeLessThanOrEqual(4)
})

test('every line is on some page, every wrong one in time, no page has more than there is room for, none is empty', () => {
  const any = fc.record({
    count: fc.integer({ min: 1, max: 220 }),
    wrong: fc.nat(220),
    places: fc.integer({ min: 4, max: 30 }),
    large: fc.integer({ min: 1, max: 5 }),
    from: fc.nat(1_000),
  })
  fc.assert(
    fc.property(any, ({ count, wrong: asked, places, large, from }) => {
      const order = lines(count)
      const wrong = Math.min(asked, count)
      const sizeOf = (area: string): number => (Number(area.slice(5)) % large === 0 && large > 1 ? 2 : 1)
      const look = (turn: number) => at(order, { wrong, places, sizeOf, turn: from + turn })
      const all = Array.from({ length: 3 * count }, (_, turn) => look(turn))
      expect(new Set(all.flatMap(({ areas }) => areas))).toEqual(new Set(order))
      const ofWrong = all.find(({ of }) => of === 'wrong')
      if (ofWrong !== undefined) {
        const inTime = Math.ceil((3 * ofWrong.pages) / 2) + 1
        const seen = new Set(all.slice(0, inTime).flatMap(({ areas }) => areas))
        expect(order.slice(0, wrong).filter((area) => !seen.has(area))).toEqual([])
      }
      for (const { areas, wrongElsewhere } of all) {
        expect(areas.reduce((sum, area) => sum + sizeOf(area), 0)).toBeLessThanOrEqual(places)
        expect(areas.length).toBeGreaterThan(0)
        const here = areas.filter((area) => order.indexOf(area) < wrong).length
        expect(here + wrongElsewhere).toBe(wrong)
      }
    }),
    { numRuns: 60 },
  )
})
