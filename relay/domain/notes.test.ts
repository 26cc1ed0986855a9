import { describe, expect, it } from 'vitest'
import type { ChannelView, PendingCommand } from '../protocol/local.ts'
import { noteList, noteName, partsOf, pendingUpdates, shiftOf } from './notes.ts'

const record = (note: string) => ({
  area: 'line-3',
  note,
  opened: { by: 'kim', on: 'Press 2', at: '2026-11-20T13:00:00.000Z' },
  signed: null,
  isChanged: false,
  accepted: null,
  addenda: [],
})
const channel = (...notes: readonly string[]) =>
  ({
    records: Object.fromEntries(notes.map((note) => [`line-3/${note}`, { offset: 1, record: record(note) }])),
  }) as unknown as ChannelView
let count = 0
const pending = (type: string, note: string, more: object = {}) => {
  count += 1
  const base = { id: `c${count}`, by: 'kim', madeAt: 7, saved: true }
  return { ...base, type, data: { area: 'line-3', note, ...more } } as unknown as PendingCommand
}

it('has the latest note first, and one that was opened here before the server knows it', () => {
  const rows = noteList(channel('2026-11-19-late', '2026-11-20-early'), 'line-3', [
    pending('note.open', '2026-11-20-late'),
  ])
  expect(rows.map(({ note, record: held }) => [note, held !== null])).toEqual([
    ['2026-11-20-late', false],
    ['2026-11-20-early', true],
    ['2026-11-19-late', true],
  ])
})

it('lays over a note what waits here, and nothing of another line', () => {
  const [row] = noteList(channel('2026-11-20-late'), 'line-3', [
    pending('note.update', '2026-11-20-late', { update: 'AAAA' }),
    pending('note.update', '2026-11-20-late', { update: 'BBBB' }),
    pending('note.update', '2026-11-20-late', { update: 'CCCC', area: 'line-1' }),
    pending('note.sign', '2026-11-20-late'),
    pending('note.add', '2026-11-20-late', { text: 'and one more thing' }),
  ])
  expect(row).toMatchObject({ unsent: 2, waiting: { since: 7 }, addenda: [{ text: 'and one more thing' }] })
})

it('gives the updates that wait of one note, in their order', () => {
  const updates = [
    pending('note.update', '2026-11-20-late', { update: 'AAAA' }),
    pending('note.update', '2026-11-20-early', { update: 'BBBB' }),
    pending('note.update', '2026-11-20-late', { update: 'CCCC' }),
  ]
  expect(pendingUpdates(updates, 'line-3', '2026-11-20-late').map(({ update }) => update)).toEqual(['AAAA', 'CCCC'])
})

describe('the name of a note', () => {
  it.each([
    [new Date(2026, 0, 5, 23), 'night', 1, '2026-01-05-night'],
    [new Date(2026, 10, 20), 'late', 2, '2026-11-20-late-2'],
  ] as const)('%s, %s, %d is %s, and is read back', (day, shift, continued, name) => {
    expect(noteName(day, shift, continued)).toBe(name)
    expect(partsOf(name)).toEqual({ day: name.slice(0, 10), shift, continued })
  })

  it.each([
    [0, 'night'],
    [5, 'night'],
    [6, 'early'],
    [13, 'early'],
    [14, 'late'],
    [21, 'late'],
    [22, 'night'],
  ] as const)('at %d it is the %s shift', (hour, shift) => {
    expect(shiftOf(hour)).toBe(shift)
  })

  it('of somebody else’s shifts is read as it is', () => {
    expect(partsOf('2026-11-20-team-b')).toEqual({ day: '2026-11-20', shift: 'team-b', continued: 1 })
  })
})
