import { expect, it } from 'vitest'
import { CHAT, EPOCH, event, id, logChannel, posted } from '../../relay/domain/testing/samples.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { beforeNewer, beforeOlder, followed, MAX_OLDER, withNewer, withOlder } from './older-talk.ts'
import { NO_OLDER } from './talk.ts'

const PAGE = LIMITS.logSnapshotEvents
const said = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => posted(from + at, `Said ${from + at}`))
/** What a server that keeps everything from `first` on answers. */
const pageBefore = (before: number, first = 1) => {
  const from = Math.max(first, before - PAGE)
  return { epoch: EPOCH, events: said(from, before - 1), first }
}
const range = ({ events }: { readonly events: readonly { readonly offset: number }[] }) => [
  events[0]?.offset,
  events.at(-1)?.offset,
]
const held = logChannel(CHAT, said(2_001, 2_200))

/** Read back so many pages. */
function readBack(pages: number, first = 1) {
  let older = NO_OLDER
  for (let page = 0; page < pages; page += 1) {
    const before = beforeOlder(older, held)
    if (before === null) break
    older = withOlder(older, pageBefore(before, first), before)
  }
  return older
}

it('goes on in front of what the relay holds, page by page, until there is nothing more', () => {
  expect(beforeOlder(NO_OLDER, held)).toBe(2_001)
  expect(range(readBack(1))).toEqual([1_801, 2_000])
  expect(range(readBack(2))).toEqual([1_601, 2_000])
  const all = readBack(9, 1_700)
  expect([range(all), beforeOlder(all, held)]).toEqual([[1_700, 2_000], null])
  expect(beforeOlder(NO_OLDER, logChannel(CHAT, said(1, 40)))).toBeNull()
  expect(beforeOlder(NO_OLDER, null)).toBeNull()
})

it('asks no more where a page brings nothing, whatever the server says is kept', () => {
  const older = withOlder(NO_OLDER, { epoch: EPOCH, events: [], first: 1 }, 2_001)
  expect(beforeOlder(older, held)).toBeNull()
})

it('[F5] holds a bounded piece of it, lets go of what is far, and comes back to the newest without a gap', () => {
  let older = readBack(5)
  expect([older.events.length, older.isApart, range(older)]).toEqual([MAX_OLDER, true, [1_001, 1_600]])
  for (let page = 0; older.isApart && page < 9; page += 1) {
    older = withNewer(older, pageBefore(beforeNewer(older) ?? 0), held)
    const offsets = older.events.map(({ offset }) => offset)
    expect(offsets).toEqual(offsets.map((_, at) => (offsets[0] ?? 0) + at))
  }
  expect([range(older), beforeNewer(older)]).toEqual([[1_401, 2_000], null])
  // What went at the beginning is there to be read again.
  expect(beforeOlder(older, held)).toBe(1_401)
})

it('keeps what the relay lets go of while somebody reads in front of it', () => {
  const older = readBack(1)
  const later = logChannel(CHAT, said(2_011, 2_210))
  expect([range(followed(older, held, later)), followed(older, held, later).isApart]).toEqual([[1_801, 2_010], false])
  // Of what nobody has heard, nothing can be kept.
  expect(followed(older, held, logChannel(CHAT, said(2_500, 2_699))).isApart).toBe(true)
  expect(followed(older, held, { ...later, epoch: 'f'.repeat(16) as typeof EPOCH })).toBe(NO_OLDER)
  expect(followed(older, held, held)).toBe(older)
})

it('[K2] says nothing any more of what is taken back', () => {
  const own = posted(1_900, 'Secret', { cause: id(7) })
  const older = { ...readBack(1), events: [...said(1_801, 1_899), own, ...said(1_901, 2_000)] }
  const taken = event(2_201, { line: 'line-3', id: id(7) }, { type: 'chat.withdrawn', by: 'lee' })
  const after = followed(older, held, logChannel(CHAT, [...said(2_001, 2_200), taken]))
  expect(JSON.stringify(after)).not.toContain('Secret')
  expect(after.events[99]).toMatchObject({ offset: 1_900, data: { withdrawn: { by: 'lee' } } })
})
