import { describe, expect, it } from 'vitest'
import { FairQueue } from './fair-queue.ts'

interface Item {
  readonly of: string
  readonly number: number
}

function queueOf(...items: readonly Item[]): FairQueue<Item> {
  const queue = new FairQueue<Item>()
  for (const item of items) queue.add(item.of, item)
  return queue
}

function takeAll(queue: FairQueue<Item>): readonly string[] {
  const taken: string[] = []
  for (let item = queue.take(); item !== undefined; item = queue.take()) taken.push(`${item.of}${item.number}`)
  return taken
}

const some = (of: string, count: number): readonly Item[] =>
  Array.from({ length: count }, (_, index) => ({ of, number: index + 1 }))

describe('a fair queue', () => {
  it('[P8] gives each source its turn, and keeps the order of each', () => {
    expect(takeAll(queueOf(...some('a', 4), ...some('b', 1), ...some('c', 2)))).toEqual([
      'a1',
      'b1',
      'c1',
      'a2',
      'c2',
      'a3',
      'a4',
    ])
  })

  it('[P8] one item of a quiet source is next but one, however much the others have waiting', () => {
    const queue = queueOf(...some('flood', 10_000))
    for (let count = 0; count < 3_000; count += 1) queue.take()
    queue.add('quiet', { of: 'quiet', number: 1 })
    expect([queue.take(), queue.take()]).toContainEqual({ of: 'quiet', number: 1 })
    expect(queue.size).toBe(6_999)
    expect(takeAll(queue).at(-1)).toBe('flood10000')
    expect(queue.size).toBe(0)
  })

  it('begins anew with a source that was through', () => {
    const queue = queueOf({ of: 'a', number: 1 })
    expect(takeAll(queue)).toEqual(['a1'])
    queue.add('a', { of: 'a', number: 2 })
    expect(takeAll(queue)).toEqual(['a2'])
  })
})
