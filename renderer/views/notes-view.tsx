import { useState } from 'preact/hooks'
import { noteName, partsOf, SHIFTS, shiftOf, type NoteRow, type Shift } from '../../relay/domain/notes.ts'
import { absenceOf } from '../components/absence.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { Freshness } from '../components/freshness.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { RowList } from '../components/row-list.tsx'
import { Time } from '../components/time.tsx'
import { ViewHeader } from '../components/view-header.tsx'
import { go, send } from '../state/actions.ts'
import { useApp } from '../state/use-app.ts'
import { useHeldRows, type HeldRow } from '../state/use-held-rows.ts'
import { noteTitle, notesWords } from '../text/notes-words.ts'
import { text } from '../text/text.ts'
import { NOTE_PAGE } from './later-views.ts'

/** Of a row on a kiosk, pixels; a guess until it is drawn. */
const ROW_HEIGHT = 84

/** What a shift leaves to the next: the notes of a line, or the one that is open. */
export function NotesView() {
  const { place } = useApp()
  return place.value.item === undefined ? <Notes /> : <NOTE_PAGE.View />
}

function Notes() {
  const { area, channels, isLive, notes } = useApp()
  const words = notesWords()
  const held = useHeldRows(notes.value, nameOf, { newcomers: 'wait' })
  const channel = channels.value.notes
  const absence = absenceOf(channel, isLive.value)
  const waiting = notes.value.filter(
    ({ record }) => record !== null && record.signed !== null && record.accepted === null,
  )
  return (
    <>
      <ViewHeader
        title={text.notes.title}
        summary={absence === null ? words.summary(waiting.length) : ''}
        freshness={<Freshness channel={channel} />}
      />
      <OpenNotes />
      {held.rows.length > 0 ? (
        <RowList label={words.list} held={held} estimate={ROW_HEIGHT} attributes={rowAttributes}>
          {(row) => <Note held={row} />}
        </RowList>
      ) : (
        <Empty more={absence === null ? words.emptyMore : absence.more}>
          {absence?.words ?? words.empty(text.areaName(area.value))}
        </Empty>
      )}
    </>
  )
}

/** The note of this shift is one press away; of another one of today, two. */
function OpenNotes() {
  const app = useApp()
  const words = notesWords()
  const [isChoosing, setChoosing] = useState(false)
  const now = new Date(app.now.value)
  const current = shiftOf(now.getHours())
  const others = SHIFTS.filter((shift) => shift !== current)
  return (
    <div class="notes-open">
      <Button kind="primary" onPress={() => openNote(app, nameAt(now, current))}>
        {words.open(words.shifts[current] ?? current)}
      </Button>
      {isChoosing ? (
        others.map((shift) => (
          <Button key={shift} kind="secondary" onPress={() => openNote(app, nameAt(now, shift))}>
            {words.shifts[shift] ?? shift}
          </Button>
        ))
      ) : (
        <Button kind="quiet" onPress={() => setChoosing(true)}>
          {words.choose}
        </Button>
      )}
    </div>
  )
}

/** Before six in the morning, the night that is on began the day before. */
function nameAt(now: Date, shift: Shift): string {
  const isAfterMidnight = shift === 'night' && now.getHours() < 6
  const day = isAfterMidnight ? new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1) : now
  return noteName(day, shift)
}

/** Opens it on the server, where it is not there yet, and here. */
export function openNote(app: ReturnType<typeof useApp>, note: string): void {
  const area = app.area.value
  if (!app.notes.value.some((row) => row.note === note)) send(app, 'note.open', { area, note })
  go(app, 'notes', area, note)
}

/** The note behind this one, of the same shift. */
export function continuationOf(note: string): string {
  const { day, shift, continued } = partsOf(note)
  return `${day}-${shift}-${continued + 1}`
}

function Note({ held: { row, isGone } }: { readonly held: HeldRow<NoteRow> }) {
  const app = useApp()
  const title = noteTitle(row.note)
  const at = row.record?.accepted?.at ?? row.record?.signed?.at ?? row.record?.opened.at ?? null
  return (
    <>
      <button
        type="button"
        class="note-open"
        disabled={isGone}
        onClick={() => go(app, 'notes', app.area.value, row.note)}
      >
        {title}
      </button>
      <p class="note-facts">
        <span>{standingOf(row)}</span>
        {at === null ? null : <Time at={at} />}
        {row.addenda.length === 0 ? null : <span>{notesWords().standing.addenda(row.addenda.length)}</span>}
        {row.unsent === 0 ? null : <span>{notesWords().saved.waiting(row.unsent)}</span>}
        {row.waiting === null ? null : <PendingMark waiting={row.waiting} />}
      </p>
    </>
  )
}

/** In words, how far handing over has come. */
export function standingOf({ record }: Pick<NoteRow, 'record'>): string {
  const { standing } = notesWords()
  if (record === null || record.signed === null) return standing.open
  if (record.accepted !== null) return standing.accepted(record.accepted.by)
  return record.isChanged ? standing.changed(record.signed.by) : standing.signed(record.signed.by)
}

function nameOf({ note }: NoteRow): string {
  return note
}

function rowAttributes({ row, isGone }: HeldRow<NoteRow>) {
  const waits = row.record !== null && row.record.signed !== null && row.record.accepted === null
  return { class: `note-row ${isGone ? 'row-gone' : ''} ${waits ? 'note-waits' : ''}`, 'data-testid': 'note' }
}
