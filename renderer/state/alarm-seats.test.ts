import { describe, expect, test } from 'vitest'
import { alertBoard, type AlertRow } from '../../relay/domain/alerts.ts'
import { alert, stateChannel } from '../../relay/domain/testing/samples.ts'
import { URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { NOBODY_SEATED, seatAlarms, settleAlarms, turnAlarms, type Seating } from './alarm-seats.ts'

/** P0 by number, the highest the newest. */
const upTo = (count: number, from = 1) => rows(...Array.from({ length: count - from + 1 }, (_, index) => from + index))
function rows(...numbers: readonly number[]): readonly AlertRow[] {
  const alerts = numbers.map((n) => {
    const at = new Date(Date.UTC(2026, 10, 20, 5, n)).toISOString()
    return alert(n, { priority: 'P0', title: String(n), raised: { by: 'kim', on: null, at } })
  })
  return alertBoard({ urgent: stateChannel(URGENT_CHANNEL, 1, alerts), areas: [], pending: [] }).rows
}
/** Titles by place; in brackets what is settled. */
const shown = ({ seats }: Seating) => seats.map(({ row, isOpen }) => (isOpen ? row.title : `(${row.title})`)).join(' ')

describe('several P0 on one screen', () => {
  const three = seatAlarms(NOBODY_SEATED, rows(1, 2, 3))

  test('stand in the order in which they were raised', () => {
    expect(shown(three)).toBe('1 2 3')
  })

  test('keep their places when one is settled, whose place stays', () => {
    expect(shown(seatAlarms(three, rows(1, 3)))).toBe('1 (2) 3')
    expect(seatAlarms(three, rows(1, 3)).laid).toBe(three.laid)
  })

  test('one that comes takes a settled place, or else a new one at the end', () => {
    expect(shown(seatAlarms(seatAlarms(three, rows(1, 3)), rows(1, 3, 4)))).toBe('1 4 3')
    expect(shown(seatAlarms(three, rows(1, 2, 3, 4)))).toBe('1 2 3 4')
  })

  test('nothing moves between two steps of room, and each move is told', () => {
    const grown = [4, 5, 6, 7, 10, 11].map((count) => seatAlarms(three, upTo(count)))
    expect(grown.map(({ capacity }) => capacity)).toEqual([5, 5, 10, 10, 10, 10])
    let seating = three
    const laid = [4, 5, 6, 7].map((count) => {
      seating = seatAlarms(seating, upTo(count))
      return seating.laid - three.laid
    })
    expect(laid).toEqual([1, 1, 2, 2])
  })

  test('settled places are given up later, which moves what is left and is told', () => {
    const settled = settleAlarms(seatAlarms(three, rows(1, 3)))
    expect(shown(settled)).toBe('1 3')
    expect(settled).toMatchObject({ capacity: 2, laid: three.laid + 1 })
    expect(settleAlarms(three)).toBe(three)
  })

  test('looked at twice, nothing changes', () => {
    expect(seatAlarms(three, rows(1, 2, 3))).toEqual(three)
  })

  describe('of which there are more than places [F5]', () => {
    const flood = seatAlarms(NOBODY_SEATED, upTo(200))
    const wait = ({ waiting, newest }: Seating) => [waiting, newest?.title]

    test('the ten oldest have one, and the others are counted', () => {
      expect(shown(flood)).toBe('1 2 3 4 5 6 7 8 9 10')
      expect(wait(flood)).toEqual([190, '200'])
      expect(wait(seatAlarms(NOBODY_SEATED, upTo(10)))).toEqual([0, undefined])
    })

    test('another that comes moves nothing', () => {
      const more = seatAlarms(flood, upTo(201))
      expect(shown(more)).toBe(shown(flood))
      expect([wait(more), more.laid]).toEqual([[191, '201'], flood.laid])
    })

    test('a place that is settled goes to the oldest that waits, and nothing else moves', () => {
      const open = upTo(200).filter(({ title }) => title !== '4')
      expect(shown(seatAlarms(flood, open))).toBe('1 2 3 11 5 6 7 8 9 10')
      expect(wait(seatAlarms(flood, open))).toEqual([189, '200'])
    })

    test('the last ones that are settled stay, as there is nobody for their places', () => {
      const eleven = seatAlarms(NOBODY_SEATED, upTo(11))
      const nine = seatAlarms(eleven, upTo(11, 3))
      expect(shown(nine)).toBe('11 (2) 3 4 5 6 7 8 9 10')
      expect(wait(settleAlarms(nine))).toEqual([0, undefined])
    })

    test('turned, the newest have the places, then those before them, and in the end the newest again', () => {
      const open = upTo(25)
      const turns = [seatAlarms(NOBODY_SEATED, open)]
      for (let n = 0; n < 4; n += 1) turns.push(turnAlarms(turns.at(-1) ?? NOBODY_SEATED, open))
      const newest = '16 17 18 19 20 21 22 23 24 25'
      const first = '1 2 3 4 5 6 7 8 9 10'
      expect(turns.map(shown)).toEqual([first, newest, '6 7 8 9 10 11 12 13 14 15', first, newest])
      expect(turns.map(wait)).toEqual([
        [15, '25'],
        [15, '15'],
        [15, '25'],
        [15, '25'],
        [15, '15'],
      ])
      expect(new Set(turns.map(({ laid }) => laid)).size).toBe(turns.length)
    })
  })
})
