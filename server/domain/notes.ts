import { channelName } from '../../relay/protocol/channels.ts'
import type { CommandData } from '../../relay/protocol/commands.ts'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { noteChannel, noteKey, type NoteBook, type NotePiece, type NoteRecord } from '../../relay/protocol/notes.ts'
import { SYSTEM } from '../../relay/protocol/record-words.ts'
import type { Deed } from '../../relay/protocol/records.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import type { TextFacts, UpdateFacts } from '../ports/documents.ts'
import type { Decision, NewEvent, Now, RecordKey, Records } from '../ports/rules.ts'
import type { Handlers } from './handler.ts'

interface NoteOf {
  readonly area: string
  readonly note: string
}

/** A note as it stands: its record and its book. */
interface Held {
  readonly record: NoteRecord
  readonly book: NoteBook
}

const NO_BOOK: NoteBook = { clients: {}, writers: [], bytes: 0, changes: 0 }

/**
 * Handover notes. What an update says was found out before (`Now.facts`): here it is held against the note's book, so that a
 * piece is taken only where everything it builds on is there, and its changes are of the copy they say they are of.
 */
export const notes: Handlers = {
  'note.open': {
    reads: readsNote,
    decide(records, data, now) {
      const refusal = mayWrite(data, now)
      if (refusal !== null) return refusal
      // Two who open the note of a shift mean the same one.
      if (held(records, data) !== null) return { ok: true, events: [] }
      const { area, note } = data
      const record: NoteRecord = {
        area,
        note,
        opened: deedOf(now),
        signed: null,
        isChanged: false,
        accepted: null,
        addenda: [],
      }
      return { ok: true, events: [change('note.opened', record), booked(data, NO_BOOK)] }
    },
  },
  'note.update': { reads: readsNote, decide: update },
  'note.sign': {
    reads: readsNote,
    decide(records, data, now) {
      const read = readText(records, data, now)
      if (!read.ok) return read
      const { record, text } = read
      if (record.accepted !== null) return refuse('note-accepted', 'This note was accepted already.')
      if (text.isEmpty) return refuse('note-empty')
      // What others wrote and the signer has not read yet, nobody has signed.
      if (data.hash !== undefined && data.hash !== text.hash) return refuse('note-changed')
      const signed = { ...deedOf(now), hash: text.hash }
      return { ok: true, events: [change('note.signed', { ...record, signed, isChanged: false })], data: text.hash }
    },
  },
  'note.accept': {
    reads: readsNote,
    decide(records, data, now) {
      const read = readText(records, data, now)
      if (!read.ok) return read
      const { record, text } = read
      const { signed } = record
      if (record.accepted !== null) return refuse('note-accepted', 'This note was accepted already.')
      if (signed === null) return refuse('note-unsigned')
      if (text.hash !== signed.hash || data.hash !== signed.hash) return refuse('note-changed')
      if (signed.by === now.actor.by)
        return refuse('forbidden', 'Somebody else accepts a note than the one who signed it.')
      const accepted = { ...deedOf(now), hash: text.hash }
      return { ok: true, events: [change('note.accepted', { ...record, accepted })] }
    },
  },
  'note.add': {
    reads: readsNote,
    decide(records, data, now) {
      const refusal = mayWrite(data, now)
      if (refusal !== null) return refusal
      const record = held(records, data)?.record ?? null
      if (record === null) return refuse('note-not-found')
      if (record.accepted === null) return refuse('note-open')
      if (record.addenda.length >= LIMITS.maxAddenda)
        return refuse('note-full', 'This note has as many addenda as it may have. Go on in a continuation note.')
      const addenda = [...record.addenda, { id: now.id, text: data.text, ...deedOf(now) }]
      if (new TextEncoder().encode(JSON.stringify(addenda)).byteLength > LIMITS.maxAddendaBytes)
        return refuse('note-full', 'The addenda of this note are as long as they may be. Go on in a continuation note.')
      return { ok: true, events: [change('note.added', { ...record, addenda })] }
    },
  },
  'note.compact': {
    reads: readsNote,
    decide(records, data, now) {
      if (now.actor.by !== SYSTEM) return refuse('forbidden', 'The server itself compacts notes.')
      const note = held(records, data)
      if (note === null) return refuse('note-not-found')
      const merges = mergesOf(note.book)
      // Somebody else merged meanwhile, these pieces among others: what they said is there already, and their bytes are no more.
      if (data.merges !== merges) return refuse('note-changed', 'This note was merged since its pieces were read.')
      const channel = noteChannel(data.area, data.note)
      const merged = data.merged.map((part, index) => piece(data, now.id, { part, index, of: data.merged.length }))
      const gone = data.pieces.map((key): NewEvent => ({
        channel,
        type: 'note.compacted',
        data: { key, record: null },
      }))
      const bytes = note.book.bytes - data.freed + data.merged.reduce((sum, part) => sum + bytesOf(part), 0)
      return { ok: true, events: [...merged, ...gone, booked(data, { ...note.book, bytes, merges: merges + 1 })] }
    },
  },
}

/** How often pieces of a note were merged; a book of before this was counted does not say. */
export function mergesOf(of: NoteBook | null): number {
  return of?.merges ?? 0
}

function update(records: Records, data: CommandData<'note.update'>, now: Now): Decision {
  const refusal = mayWrite(data, now)
  if (refusal !== null) return refusal
  const note = held(records, data)
  if (note === null) return refuse('note-not-found')
  if (note.record.accepted !== null) return refuse('note-accepted')
  if (data.epoch !== null && data.epoch !== now.epochOf(noteChannel(data.area, data.note)))
    return refuse('note-refused', 'The server was restored since; this was written on the note as it was before.')
  const { facts, actor } = now
  if (facts?.of !== 'update' || facts.update === null) return refuse('note-refused')
  if (actor.operator === null || actor.device === null)
    return refuse('forbidden', 'Notes are written by people who are signed in on a device.')
  const booking = book(note.book, facts.update, `${actor.device} ${actor.operator}`)
  if (!booking.ok) return booking
  const { signed, isChanged } = note.record
  const events: NewEvent[] = [piece(data, now.id, { part: data.update, index: 0, of: 1 }), booked(data, booking.book)]
  // Said once, by the first change behind a signature.
  if (signed !== null && !isChanged) events.push(change('note.changed', { ...note.record, isChanged: true }))
  return { ok: true, events }
}

/** The book with what this update brings; a refusal where it does not follow on what is in it, or is another writer's. */
function book(
  before: NoteBook,
  facts: UpdateFacts,
  writer: string,
): { readonly ok: true; readonly book: NoteBook } | Refusal {
  const clients = { ...before.clients }
  const writers = [...before.writers]
  for (const [client, from, to] of facts.news) {
    const known = clients[client]
    const [count, owner] = known ?? [0, writers.indexOf(writer)]
    if (from > count) return refuse('note-base-missing')
    // What is there already is nothing that a copy sends again: it is another copy under the same number.
    if (from < count) return refuse('note-refused')
    if (known !== undefined && writers[owner] !== writer) return refuse('note-refused')
    if (to - from > LIMITS.maxUpdateChanges)
      return refuse('note-full', 'This is more than one change of a note may bring.')
    if (known === undefined && Object.keys(clients).length >= LIMITS.maxNoteWriters) return refuse('note-full')
    if (owner === -1) writers.push(writer)
    clients[client] = [to, owner === -1 ? writers.length - 1 : owner]
  }
  if (facts.needs.some(([client, upTo]) => upTo > (clients[client]?.[0] ?? 0))) return refuse('note-base-missing')
  const bytes = before.bytes + facts.bytes
  if (bytes > LIMITS.maxNoteBytes) return refuse('note-full')
  return { ok: true, book: { ...before, clients, writers, bytes, changes: before.changes + 1 } }
}

/** The note and its text as it is in this moment; a refusal where it changed since the text was read. */
function readText(
  records: Records,
  data: NoteOf,
  now: Now,
): { readonly ok: true; readonly record: NoteRecord; readonly text: TextFacts } | Refusal {
  const refusal = mayWrite(data, now)
  if (refusal !== null) return refusal
  const note = held(records, data)
  if (note === null) return refuse('note-not-found')
  if (now.actor.operator === null) return refuse('sign-in-needed')
  const { facts } = now
  if (facts?.of !== 'text' || facts.text === null)
    return refuse('note-refused', 'The text of this note cannot be read.')
  if (facts.changes !== note.book.changes) return refuse('note-changed')
  return { ok: true, record: note.record, text: facts.text }
}

function mayWrite({ area }: NoteOf, now: Now): Refusal | null {
  if (!now.areas.includes(area)) return refuse('unknown-area', `There is no area "${area}".`)
  if (!coversArea(now.actor.areas, area)) return refuse('forbidden', `You may not write notes of ${area}.`)
  return null
}

function readsNote({ area, note }: NoteOf): readonly RecordKey[] {
  const key = noteKey(area, note)
  return [
    { domain: 'notes', key },
    { domain: 'notebooks', key },
  ]
}

/** Only this domain writes these records. */
function held(records: Records, { area, note }: NoteOf): Held | null {
  const key = noteKey(area, note)
  const record = records.get(`notes/${key}`)?.record as NoteRecord | undefined
  const found = records.get(`notebooks/${key}`)?.record as NoteBook | undefined
  return record === undefined ? null : { record, book: found ?? NO_BOOK }
}

function piece(
  { area, note }: NoteOf,
  set: CommandId,
  { part, index, of }: { readonly part: string; readonly index: number; readonly of: number },
): NewEvent {
  const record: NotePiece = { set, part: index, of, update: part }
  const key = of === 1 ? set : `${set}-${index}`
  return { channel: noteChannel(area, note), type: of === 1 ? 'note.updated' : 'note.compacted', data: { key, record } }
}

function booked({ area, note }: NoteOf, record: NoteBook): NewEvent {
  return { channel: channelName('notebooks', area), type: 'note.booked', data: { key: noteKey(area, note), record } }
}

function change(type: string, record: NoteRecord): NewEvent {
  return { channel: channelName('notes', record.area), type, data: { key: noteKey(record.area, record.note), record } }
}

function deedOf({ actor, at }: Now): Deed {
  return { by: actor.by, on: actor.on, at }
}

function bytesOf(base64: string): number {
  return (base64.length / 4) * 3 - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0)
}
