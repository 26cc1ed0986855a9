import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MemoryDisk } from '../../testing/memory-store.ts'
import type { Write } from '../../ports.ts'
import { mergeWrites } from './merge-writes.ts'

const table = fc.constantFrom('records' as const, 'events' as const)
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('put' as const), table, key, value: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('delete' as const), table, key }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete-range' as const), table, from: key, to: key }) },
)

it('[R10] has the effect of the writes it stands for, on whatever was there', () => {
  fc.assert(
    fc.property(fc.array(write), fc.array(write), (before, writes) => {
      const [plain, merged] = [new MemoryDisk(), new MemoryDisk()]
      for (const disk of [plain, merged]) disk.apply(before)
      plain.apply(writes)
      merged.apply(mergeWrites(writes))
      for (const name of ['records', 'events'] as const) expect(merged.rows(name)).toEqual(plain.rows(name))
    }),
  )
})

it('[R10] is as large as the rows it touches, however long the disk fails', () => {
  const writes: Write[] = []
  for (let offset = 0; offset < 10_000; offset += 1) {
    writes.push({ op: 'put', table: 'channels', key: 'chat/line-3', value: offset })
    writes.push({ op: 'delete-range', table: 'events', from: 'chat 0', to: `chat ${String(offset).padStart(9, '0')}` })
  }
  expect(mergeWrites(writes)).toHaveLength(2)
})
