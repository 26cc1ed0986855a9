import type { ChannelView, PendingCommand } from '../protocol/local.ts'
import type { Addendum, NotePiece, NoteRecord } from '../protocol/notes.ts'
import { dataOf, waitingOf, type Waiting } from './pending.ts'

/** A handover note of a line, as a window shows it. */
export interface NoteRow {
  /** Its name: the day and the shift. */
  readonly note: string
  /** Null while opening it waits on this device. */
  readonly record: NoteRecord | null
  /** Addenda, with those that wait on this device at the end. */
  readonly addenda: readonly (Addendum | { readonly id: string; readonly text: string; readonly waiting: Waiting })[]
  /** What is done with the note on this device and is not the server's word yet: the first of it. */
  readonly waiting: Waiting | null
  /** Changes of its text that wait on this device. */
  readonly unsent: number
}

/** Notes of a line, the latest day first. */
export function noteList(
  channel: ChannelView | null,
  area: string,
  pending: readonly PendingCommand[],
): readonly NoteRow[] {
  const rows = new Map<string, NoteRow>()
  for (const { record } of Object.values(channel?.records ?? {})) {
    // Only the server writes these records.
    const note = record as NoteRecord
    rows.set(note.note, { note: note.note, record: note, addenda: note.addenda, waiting: null, unsent: 0 })
  }
  for (const command of pending) {
    const of = noteOf(command)
    if (of === null || of.area !== area) continue
    const row = rows.get(of.note) ?? { note: of.note, record: null, addenda: [], waiting: null, unsent: 0 }
    const added = dataOf(command, 'note.add')
    rows.set(of.note, {
      ...row,
      addenda:
        added === null
          ? row.addenda
          : [...row.addenda, { id: command.id, text: added.text, waiting: waitingOf(command) }],
      waiting: command.type === 'note.update' ? row.waiting : (row.waiting ?? waitingOf(command)),
      unsent: row.unsent + (command.type === 'note.update' ? 1 : 0),
    })
  }
  return [...rows.values()].toSorted((one, other) => (one.note < other.note ? 1 : -1))
}

/** The note that a command is about; null where it is about none. */
export function noteOf({
  type,
  data,
}: Pick<PendingCommand, 'type' | 'data'>): { readonly area: string; readonly note: string } | null {
  // The relay checked it against the row of its type before it was saved.
  return type.startsWith('note.') ? (data as { readonly area: string; readonly note: string }) : null
}

/** Updates of the text of a note that wait on this device, in the order in which they are sent. */
export function pendingUpdates(
  pending: readonly PendingCommand[],
  area: string,
  note: string,
): readonly { readonly id: string; readonly update: string }[] {
  return pending.flatMap((command) => {
    const data = dataOf(command, 'note.update')
    return data !== null && data.area === area && data.note === note ? [{ id: command.id, update: data.update }] : []
  })
}

/** Pieces of a note's text, by key. */
export function piecesOf(channel: ChannelView | null): readonly (readonly [string, NotePiece])[] {
  return Object.entries(channel?.records ?? {}).map(([key, { record }]) => [key, record as NotePiece] as const)
}

/** A day in the local calendar and a shift, as the name of a note. */
export function noteName(day: Date, shift: Shift, continued = 1): string {
  const two = (count: number): string => String(count).padStart(2, '0')
  const date = `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`
  return continued === 1 ? `${date}-${shift}` : `${date}-${shift}-${continued}`
}

/** Shifts that notes are proposed for; other names may come from elsewhere. */
export const SHIFTS = ['early', 'late', 'night'] as const
export type Shift = (typeof SHIFTS)[number]

/** The shift of an hour, by the hours that most plants have: early from 6, late from 14, night from 22. */
export function shiftOf(hour: number): Shift {
  if (hour >= 6 && hour < 14) return 'early'
  return hour >= 14 && hour < 22 ? 'late' : 'night'
}

/** A note's name taken apart: `day` is `2026-11-20`, `shift` what stands behind it, `continued` which continuation it is. */
export function partsOf(note: string): { readonly day: string; readonly shift: string; readonly continued: number } {
  const [, day = note, shift = '', number] = /^(\d{4}-\d{2}-\d{2})-(.+?)(?:-(\d+))?$/.exec(note) ?? []
  return { day, shift, continued: number === undefined ? 1 : Number(number) }
}
