import { describe, expect, it } from 'vitest'
import { DownBatches, UpBatches } from './batches.ts'

describe('batches up', () => {
  const of = (batch: number) => ({ batch })
  const kinds = (numbers: readonly number[], up = new UpBatches<{ batch: number }>()) =>
    numbers.map((batch) => {
      const arrival = up.came(of(batch))
      if (arrival.kind === 'next') for (const _ of arrival.batches) up.handedOver()
      return arrival.kind === 'next' ? arrival.batches.map((each) => each.batch).join() : arrival.kind
    })

  it.each([
    ['in order', [1, 2, 3], ['1', '2', '3']],
    ['the last one again and again', [1, 2, 2, 2, 3], ['1', '2', 'again', 'again', '3']],
    ['one that another overtook, late', [1, 2, 1], ['1', '2', 'older']],
    ['one ahead, which waits', [1, 3, 2, 4], ['1', 'ahead', '2,3', '4']],
    ['one ahead at once', [2, 1], ['ahead', '1,2']],
    ['two ahead', [1, 3, 3], ['1', 'ahead', 'wrong']],
    ['one far ahead', [1, 4], ['1', 'wrong']],
    ['an old one', [1, 2, 3, 1], ['1', '2', '3', 'wrong']],
  ])('[N4] are taken once and in order: %s', (_what, numbers, expected) => {
    expect(kinds(numbers)).toEqual(expected)
  })

  it('[N4] are wrong while two were not taken whole, and go on when one was', () => {
    const up = new UpBatches<{ batch: number }>()
    expect([1, 2, 3].map((batch) => up.came(of(batch)).kind)).toEqual(['next', 'next', 'wrong'])
    expect(up.ack).toBe(0)
    up.handedOver()
    expect([up.ack, up.came(of(3)).kind]).toEqual([1, 'next'])
  })
})

describe('batches down', () => {
  const piece = (length: number) => ({ length })

  it('[N7] are kept until an ack covers them, two at most, and go again oldest first', () => {
    const down = new DownBatches<{ length: number }, string>()
    expect(down.oldest).toBeNull()
    down.make([piece(3), piece(4)], null)
    expect([down.isFull, down.bytes]).toEqual([false, 7])
    down.make([piece(5)], 'close')
    expect([down.isFull, down.bytes, down.oldest?.batch]).toEqual([true, 12, 1])
    expect(down.acked(1)).toBe(true)
    expect([down.isFull, down.bytes, down.oldest]).toMatchObject([false, 5, { batch: 2, close: 'close' }])
    expect(down.acked(2)).toBe(true)
    expect([down.bytes, down.oldest]).toEqual([0, null])
  })

  it('[N7] know an ack of what was never made, and take an older one for what it is', () => {
    const down = new DownBatches<{ length: number }, string>()
    down.make([], null)
    expect([down.acked(0), down.acked(2), down.acked(1), down.acked(0)]).toEqual([true, false, true, true])
    expect(down.oldest).toBeNull()
  })
})
