import { describe, expect, it } from 'vitest'
import { roomFor, type RejectionList } from './rejection-room.ts'

interface Kept {
  readonly name: string
  readonly bytes: number
  readonly holder: string
}

const MAX_BYTES = 10_000
const STRANGER = '0 stranger'
const DEVICE = '1 device'
const PERSON = '2 kim'

function list(area: string, sizes: readonly number[], holder = DEVICE): RejectionList<Kept> {
  const kept = sizes.map((bytes, index) => ({ name: `${area}/${index + 1}`, bytes, holder }))
  return {
    bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    next: (last) => kept[last === null ? 0 : kept.indexOf(last) + 1],
  }
}

/** Names of what goes when so many bytes of data come. */
function going(lists: readonly RejectionList<Kept>[], bytes: number, holder = DEVICE): readonly string[] | 'itself' {
  const room = roomFor(lists, { holder, data: 'x'.repeat(bytes - 2), maxBytes: MAX_BYTES })
  return room === 'itself' ? room : room.map(({ name }) => name)
}

describe('room for a rejected command', () => {
  it('[D6] is there while all lists together are not full', () => {
    expect(going([], 32_000)).toEqual([])
    expect(going([list('line-1', [100, 100]), list('line-2', [8_000])], 500)).toEqual([])
  })

  it('[D6] [P8] is made by the list that holds most, oldest first, and by nobody else', () => {
    const lists = [list('line-1', [1_000]), list('line-2', [2_000, 2_000, 2_000]), list('line-3', [1_000])]
    expect(going(lists, 1_500)).toEqual(['line-2/1'])
    expect(going(lists, 4_900)).toEqual(['line-2/1', 'line-2/2'])
  })

  it('[D6] [P8] is made by strangers wherever they are before devices, and by devices before people', () => {
    const lists = [
      list('line-1', [3_000, 3_000], PERSON),
      list('line-2', [1_500], DEVICE),
      list('line-3', [1_000, 1_000], STRANGER),
    ]
    expect(going(lists, 900, PERSON)).toEqual(['line-3/1', 'line-3/2'])
    expect(going(lists, 2_900, DEVICE)).toEqual(['line-3/1', 'line-3/2', 'line-2/1'])
  })

  it('[D6] [P8] is never made by a higher rank: a stranger’s or a device’s record is the one that finds none', () => {
    const lists = [list('line-1', [5_000, 4_500], PERSON)]
    expect(going(lists, 500, STRANGER)).toBe('itself')
    expect(going(lists, 500, DEVICE)).toBe('itself')
    expect(going(lists, 500, PERSON)).toEqual(['line-1/1'])
    expect(going([...lists, list('line-2', [10], STRANGER)], 500, STRANGER)).toBe('itself')
  })

  it('[D6] ends where nothing is left to go, for one that is larger than everything', () => {
    expect(going([list('line-1', [10]), list('line-2', [20, 20])], 20_000)).toEqual([
      'line-2/1',
      'line-2/2',
      'line-1/1',
    ])
  })
})
