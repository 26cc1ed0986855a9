import { expect, it } from 'vitest'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { NotePiece } from '../../relay/protocol/notes.ts'
import { MERGED_FROM, mergeable, wholeUpdates, type WholeUpdate } from './note-pieces.ts'

const piece = (set: string, update: string, part = 0, of = 1): readonly [string, NotePiece] => [
  of === 1 ? set : `${set}-${part}`,
  { set: set as CommandId, part, of, update },
]
const updates = (...sizes: readonly number[]): readonly WholeUpdate[] =>
  sizes.map((size, index) => ({ keys: [`k${index}`], update: 'x'.repeat(size) }))
const small = (count: number): readonly number[] => Array.from({ length: count }, () => 100)

it('[J2] joins the parts of an update, whatever their order, and leaves out what is not whole', () => {
  const records = [piece('b', 'cd', 1, 2), piece('a', 'zz'), piece('c', 'half', 0, 2), piece('b', 'ab', 0, 2)]
  expect(wholeUpdates(records)).toEqual([
    { keys: ['b-0', 'b-1'], update: 'abcd' },
    { keys: ['a'], update: 'zz' },
  ])
})

it('[J8] merges nothing while pieces are few', () => {
  expect(mergeable(updates(...small(MERGED_FROM - 1)))).toEqual([])
})

it('[J8] merges all small ones, and leaves a large one alone until it would grow by half', () => {
  const few = updates(...small(MERGED_FROM), 100_000)
  expect(mergeable(few)).toHaveLength(MERGED_FROM)
  const many = updates(...small(600), 100_000)
  expect(mergeable(many)).toHaveLength(601)
})
