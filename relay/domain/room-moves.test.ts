import { describe, expect, it } from 'vitest'
import { ROSTER_KEY } from '../protocol/room-names.ts'
import type { Member } from '../protocol/presence.ts'
import type { LiveEntry } from './live.ts'
import { NO_MOVES, takeMoves, type RoomMoves } from './room-moves.ts'

const NOW = '2026-11-20T06:30:00.000Z'

function entry(value: unknown, currentUntil = Infinity): LiveEntry {
  return { value, at: NOW, confirmedAt: 0, currentUntil }
}

function member(operator: string | null, minute = 0, state: Member['state'] = 'here'): LiveEntry {
  const since = `2026-11-20T06:${String(minute).padStart(2, '0')}:00.000Z`
  return entry({ name: 'Press', operator, state, since } satisfies Member)
}

/** The room with these devices, one after the other as it changes. */
function rooms(...steps: readonly (Record<string, LiveEntry> & { readonly confirmed?: never })[]): RoomMoves {
  return steps.reduce((moves, values) => takeMoves(moves, new Map(Object.entries(values)), 0), NO_MOVES)
}

const CONFIRMED = { [ROSTER_KEY]: entry({ confirmed: true }) }
const UNCONFIRMED = { [ROSTER_KEY]: entry({ confirmed: false }) }
const words = ({ moves }: RoomMoves): readonly string[] =>
  moves.map(({ kind, operator, at }) => `${operator} ${kind} ${at?.slice(14, 16) ?? '?'}`)

describe('who came and left', () => {
  it('[M9] is told of people, each once on however many devices, and of nobody who was there at first', () => {
    const [kim, lee] = [member('kim', 1), member('lee', 9)]
    const both = { ...CONFIRMED, a: kim, b: lee }
    expect(words(rooms(both))).toEqual([])
    expect(words(rooms({ ...CONFIRMED, a: kim }, both))).toEqual(['lee joined 09'])
    const two = { ...both, c: member('lee', 12) }
    expect(words(rooms(both, two, both))).toEqual([])
    expect(words(rooms(two, both, { ...CONFIRMED, a: kim, b: entry(null) }))).toEqual(['lee left 30'])
    expect(words(rooms(both, { ...CONFIRMED, a: kim, b: member('cho', 20) }))).toEqual(['lee left 30', 'cho joined 20'])
  })

  it('[M10] who is not heard any more left when they were last heard, who sleeps is there, and who vanished left some time', () => {
    const both = { ...CONFIRMED, a: member('kim', 1), b: member('lee', 9) }
    expect(words(rooms(both, { ...both, b: member(null, 22, 'gone') }))).toEqual(['lee left 22'])
    expect(words(rooms(both, { ...both, b: member('lee', 22, 'asleep') }))).toEqual([])
    expect(words(rooms(both, CONFIRMED))).toEqual(['kim left ?', 'lee left ?'])
    expect(words(rooms(both, { ...both, b: { ...member('lee', 9), currentUntil: 0 } }))).toEqual(['lee left 30'])
  })

  it('[M12] after a start of the server nobody came, until it is known again who is there', () => {
    const before = { ...CONFIRMED, a: member('kim', 1), b: member('lee', 9) }
    const after = { a: member('kim', 1), c: member('cho', 3) }
    const known = rooms(before, UNCONFIRMED, { ...UNCONFIRMED, ...after }, { ...CONFIRMED, ...after })
    expect(words(known)).toEqual(['lee left ?'])
    expect(words(rooms(before, after, { ...CONFIRMED, ...after, d: member('park', 25) }))).toEqual(['lee left ?'])
  })

  it('[P8] has the last ones, newest first', () => {
    const steps = Array.from({ length: 20 }, (_, index) => ({ ...CONFIRMED, a: member(`person-${index}`, index) }))
    expect(words(rooms(...steps))).toHaveLength(4)
    expect(words(rooms(...steps)).slice(0, 2)).toEqual(['person-18 left 30', 'person-19 joined 19'])
  })

  it('is the same object while nothing is known', () => {
    expect(takeMoves(NO_MOVES, new Map(), 0)).toBe(NO_MOVES)
  })
})
