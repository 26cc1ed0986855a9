import { expect, it } from 'vitest'
import { WindowSign } from './window-locks.ts'

it('a sign is seen by the other windows while it is held, and not by its own', async () => {
  const name = `sign-test-${Date.now()}`
  const [one, two] = [new WindowSign(navigator.locks, name), new WindowSign(navigator.locks, name)]
  expect(await one.isHeldElsewhere()).toBe(false)
  one.hold(true)
  one.hold(true)
  expect(await one.isHeldElsewhere()).toBe(false)
  expect(await two.isHeldElsewhere()).toBe(true)
  two.hold(true)
  expect(await one.isHeldElsewhere()).toBe(true)
  two.hold(false)
  await expect.poll(() => one.isHeldElsewhere()).toBe(false)
  one.hold(false)
  await expect.poll(() => two.isHeldElsewhere()).toBe(false)
})
