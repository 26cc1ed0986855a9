import { expect, test } from 'vitest'
import { AFTER_MOVE_MS, AFTER_TOUCH_MS, holdEnds, MAX_HOLD_MS, stepTouch, UNTOUCHED } from './touch.ts'

test('[F2] a finger holds while it is down and for two seconds after', () => {
  const down = stepTouch(UNTOUCHED, 'pressed', 1_000)
  expect(holdEnds(down)).toBe(1_000 + MAX_HOLD_MS)
  expect(holdEnds(stepTouch(down, 'released', 1_800))).toBe(1_800 + AFTER_TOUCH_MS)
})

test('[F2] a glove that lies on the glass holds nothing back for ever', () => {
  const down = stepTouch(UNTOUCHED, 'pressed', 1_000)
  expect(holdEnds(down)).toBeLessThan(1_000 + 60_000)
})

test('[F2] a mouse that moves aims, and a key that goes or presses holds as a touch does', () => {
  expect(holdEnds(stepTouch(UNTOUCHED, 'moved', 1_000))).toBe(1_000 + AFTER_MOVE_MS)
  expect(holdEnds(stepTouch(UNTOUCHED, 'keyed', 1_000))).toBe(1_000 + AFTER_TOUCH_MS)
})

test('[F2] a shorter hold does not cut a longer one short', () => {
  const pressed = stepTouch(stepTouch(UNTOUCHED, 'pressed', 1_000), 'released', 1_000)
  expect(holdEnds(stepTouch(pressed, 'moved', 1_100))).toBe(1_000 + AFTER_TOUCH_MS)
})
