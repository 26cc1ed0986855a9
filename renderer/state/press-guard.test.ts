import { describe, expect, test } from 'vitest'
import { judgePress, SAME_SPOT_MS, SPOT_RADIUS, STEADY_MS, type Press } from './press-guard.ts'

const first = { name: 'the button that was pressed' }
const other = { name: 'what slid under the finger' }
const place = { x: 400, y: 300 }
const press = (over: Partial<Press> = {}): Press => ({
  at: 0,
  spot: place,
  control: first,
  lastStands: false,
  movedAt: null,
  ...over,
})

describe('the same spot', () => {
  test.each([120, 250, SAME_SPOT_MS - 1])('[F1] a second tap %i ms later does not press what came there', (at) => {
    expect(judgePress(press(), press({ at, control: other }))).toBe('bounced')
    expect(judgePress(press(), press({ at, control: other, spot: { x: 400 + SPOT_RADIUS, y: 300 } }))).toBe('bounced')
  })

  test('[F1] Enter twice does not press what the focus came to by itself', () => {
    const enter = press({ spot: 'keyboard' })
    expect(judgePress(enter, press({ at: 90, spot: 'keyboard', control: other }))).toBe('bounced')
  })

  test('[F1] a press elsewhere counts at once, and so does one by another means', () => {
    const away = { x: 400 + SPOT_RADIUS + 1, y: 300 }
    expect(judgePress(press(), press({ at: 20, control: other, spot: away }))).toBe('counts')
    expect(judgePress(press(), press({ at: 20, control: other, spot: 'keyboard' }))).toBe('counts')
  })

  test('[F1] the same control counts as often as it is pressed: a PIN has digits twice', () => {
    expect(judgePress(press(), press({ at: 60 }))).toBe('counts')
  })

  test('[F1] the next digit counts at once, however near it is: the first one still stands', () => {
    expect(judgePress(press(), press({ at: 60, control: other, lastStands: true }))).toBe('counts')
  })

  test('[F1] after half a second the spot is free, and so it is when nothing was pressed before', () => {
    expect(judgePress(press(), press({ at: SAME_SPOT_MS, control: other }))).toBe('counts')
    expect(judgePress(null, press({ at: 20, control: other }))).toBe('counts')
  })
})

test('[F3] what the page moved within the last second takes no press, and takes it afterwards', () => {
  expect(judgePress(null, press({ at: 5_000, movedAt: 5_000 - STEADY_MS + 1 }))).toBe('moved')
  expect(judgePress(null, press({ at: 5_000, movedAt: 5_000 - STEADY_MS }))).toBe('counts')
})
