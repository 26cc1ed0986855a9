import { expect, it } from 'vitest'
import { makesRoom } from './device-room.ts'

const ROOM = { used: 4, strangers: 6 }
const held = (used: number, bySource: Readonly<Record<string, number>>) => ({
  used,
  strangers: Object.values(bySource).reduce((sum, count) => sum + count, 0),
  bySource: new Map(Object.entries(bySource)),
})

it.each([
  ['there is room', 0, { a: 5 }, { evicted: null }],
  ['the newcomer’s own source has most', 0, { new: 6 }, null],
  ['another source has most', 0, { a: 4, b: 2 }, { evicted: 'a' }],
  ['the source that has most is the newcomer’s', 0, { a: 2, new: 4 }, null],
  ['two sources share it: neither pushes the other out', 0, { a: 3, new: 3 }, null],
  ['one is one ahead: it stays so', 0, { a: 4, new: 3 }, null],
  ['everybody has one', 0, { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 }, null],
  ['used devices fill the site: no stranger is taken, and none of them goes', 4, {}, null],
] as const)('[T18] [P8] who makes room for a stranger: %s', (_case, used, bySource, room) => {
  expect(makesRoom('new', held(used, bySource), ROOM)).toEqual(room)
})
