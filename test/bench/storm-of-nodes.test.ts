import { expect, it } from 'vitest'
import { EventQueue } from './event-queue.ts'
import { simulate, type Storm } from './storm-of-nodes.ts'

const STORM: Storm = {
  devices: 1_600,
  nodes: 4,
  lost: 4,
  downMs: 5_000,
  nodePerSecond: 900,
  databasePerSecond: 16,
  client: 'andon',
  seed: 1,
}

it('[V7] a storm over nodes whose database is slow ends soon after the work that it is', () => {
  for (const seed of [1, 2, 3]) {
    const { lastS, idealS } = simulate({ ...STORM, seed })
    expect(lastS ?? Infinity, `seed ${seed}`).toBeLessThan(1.3 * idealS)
  }
})

it('[V7] whoever comes again each second, whatever it is told, never has everybody back', () => {
  expect(simulate({ ...STORM, client: 'plain' })).toMatchObject({ lastS: null })
})

it('[V7] devices of one node of four are back as quickly as the others take them', () => {
  const { lastS, idealS, wasted } = simulate({ ...STORM, lost: 1, databasePerSecond: 160 })
  expect(lastS ?? Infinity).toBeLessThan(idealS + 2)
  expect(wasted).toBe(0)
})

it('a queue of events gives them in the order of their time, and of one time in that of their adding', () => {
  const queue = new EventQueue()
  const seen: string[] = []
  for (const [at, name] of [
    [3, 'd'],
    [1, 'a'],
    [2, 'b'],
    [2, 'c'],
    [9, 'late'],
  ] as const)
    queue.add(at, () => void seen.push(name))
  queue.run(5, () => false)
  expect(seen.join('')).toBe('abcd')
})
