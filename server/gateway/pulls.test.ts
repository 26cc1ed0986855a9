import { expect, it } from 'vitest'
import { Pulls } from './pulls.ts'

it('[V2] [P8] a connection reads for eight of its channels at once, and for the others in their turn', () => {
  const pulls = new Pulls()
  const reading: number[] = []
  const pullers = Array.from({ length: 20 }, (_, index) => ({
    pump() {
      // One that has ended meanwhile wants no place, and keeps nobody from it.
      if (index !== 9 && pulls.enter(this, 'normal')) reading.push(index)
    },
  }))
  for (const puller of pullers)
    if (puller !== pullers[9]) puller.pump()
    else expect(pulls.enter(puller, 'normal')).toBe(false)
  expect(reading).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  // The first goes on at once, and stands behind those who waited.
  pulls.leave()
  pullers[0]?.pump()
  expect(reading.at(-1)).toBe(8)
  for (let left = 0; left < 12; left += 1) pulls.leave()
  expect(reading.slice(8)).toEqual([8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 0])
})
