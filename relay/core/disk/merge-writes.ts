import type { Table, Write } from '../../ports.ts'

/**
 * One write with the effect of many, so that a disk that fails for hours costs no more memory than the rows it will hold.
 * Ranges come first: a key put before a range that covers it is gone, a key put after it is put after it here too.
 */
export function mergeWrites(writes: readonly Write[]): readonly Write[] {
  const ranges: Extract<Write, { op: 'delete-range' }>[] = []
  const keys = new Map<string, Exclude<Write, { op: 'delete-range' }>>()
  for (const write of writes) {
    if (write.op !== 'delete-range') {
      keys.set(`${write.table} ${write.key}`, write)
      continue
    }
    for (const [name, each] of keys) if (covers(write, each.table, each.key)) keys.delete(name)
    const wider = ranges.findIndex(
      (each) => each.table === write.table && each.from <= write.from && each.to >= write.to,
    )
    if (wider >= 0) continue
    const others = ranges.filter((each) => each.table !== write.table || each.from < write.from || each.to > write.to)
    ranges.splice(0, ranges.length, ...others, write)
  }
  return [...ranges, ...keys.values()]
}

function covers(
  range: { readonly table: Table; readonly from: string; readonly to: string },
  table: Table,
  key: string,
): boolean {
  return range.table === table && key >= range.from && key < range.to
}
