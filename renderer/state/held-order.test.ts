import { describe, expect, test } from 'vitest'
import { NOTHING_SHOWN, PACE_MS, planOrder, type HeldOrder, type OrderLook } from './held-order.ts'

const keys = (text: string): readonly string[] => text.split('')
const shows = (text: string, movedAt = 0): HeldOrder => ({ shown: keys(text), movedAt })
const look = (wanted: string, over: Partial<OrderLook> = {}): OrderLook => {
  return { wanted: keys(wanted), isHeld: false, now: 100_000, ...over }
}
const shown = ({ order }: ReturnType<typeof planOrder>): string => order.shown.join('')

test('a list that nobody has seen yet is shown as it is, whatever holds', () => {
  expect(shown(planOrder(NOTHING_SHOWN, look('cab', { isHeld: true })))).toBe('cab')
})

describe('while a hand is on its way', () => {
  const held = { isHeld: true } as const

  test('[F2] what is shown keeps its place, also when it moves, goes, or something comes above it', () => {
    expect(shown(planOrder(shows('abc'), look('bca', held)))).toBe('abc')
    expect(shown(planOrder(shows('abc'), look('ac', held)))).toBe('abc')
    expect(shown(planOrder(shows('abc'), look('xabc', held)))).toBe('abc')
  })

  test('[F2] newcomers wait and are counted, or come at the end where they move nothing', () => {
    expect(planOrder(shows('abc'), look('xaybc', held)).waiting).toEqual(['x', 'y'])
    const last = planOrder(shows('abc'), look('xaybc', { ...held, newcomers: 'last' }))
    expect([shown(last), last.waiting]).toEqual(['abcxy', []])
    expect(last.order.movedAt).toBe(0)
  })

  test('[F2] what comes at the end anyway is shown at once', () => {
    expect(shown(planOrder(shows('abc'), look('abcd', held)))).toBe('abcd')
  })

  test('[F2] a person who asks sees the newcomers now', () => {
    const asked = planOrder(shows('abc'), look('xabc', { ...held, isAsked: true }))
    expect([shown(asked), asked.order.movedAt, asked.waiting]).toEqual(['xabc', 100_000, []])
  })
})

test('[F2] untouched, the first change of order comes at once and the next one not before it has stood', () => {
  const first = planOrder(shows('abc', 100_000 - PACE_MS), look('xabc'))
  expect([shown(first), first.order.movedAt]).toEqual(['xabc', 100_000])
  const second = planOrder(first.order, look('yxabc', { now: 100_000 + PACE_MS - 1 }))
  expect([shown(second), second.dueAt]).toEqual(['xabc', 100_000 + PACE_MS])
  expect(shown(planOrder(second.order, look('yxabc', { now: 100_000 + PACE_MS })))).toBe('yxabc')
})

test('[F2] in a flood of sixty a second what is shown stands for three seconds at a time, and is whole at its end', () => {
  let order = shows('')
  let wanted: readonly string[] = []
  const moves: number[] = []
  for (let now = 0; now < 20_000; now += 16) {
    wanted = [`n${now}`, ...wanted]
    const plan = planOrder(order, { wanted, isHeld: false, now })
    if (plan.order.movedAt !== order.movedAt) moves.push(now)
    order = plan.order
  }
  expect(moves.length).toBeLessThanOrEqual(20_000 / PACE_MS + 1)
  expect(moves.every((at, index) => index === 0 || at - (moves[index - 1] ?? 0) >= PACE_MS)).toBe(true)
  const end = planOrder(order, { wanted, isHeld: false, now: 30_000 })
  expect(end.order.shown).toEqual(wanted)
})

test('an equal order is the same array, so that nothing is drawn for it', () => {
  const before = shows('abc')
  expect(planOrder(before, look('abc')).order).toBe(before)
})
