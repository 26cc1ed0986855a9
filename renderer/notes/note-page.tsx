import { effect, signal, type Signal } from '@preact/signals'
import { render } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { NoteRow } from '../../relay/domain/notes.ts'
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import { noteChannel } from '../../relay/protocol/notes.ts'
import { absenceOf, type Absence } from '../components/absence.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { Freshness, RoomAgeWords, useRoomAge } from '../components/freshness.tsx'
import { go } from '../state/actions.ts'
import type { App } from '../state/app.ts'
import { writesIn } from '../state/typed-place.ts'
import { AppContext, useApp } from '../state/use-app.ts'
import { peopleWords } from '../text/author-name.ts'
import { noteTitle, notesWords } from '../text/notes-words.ts'
import { text } from '../text/text.ts'
import { standingOf } from '../views/notes-view.tsx'
import { Addenda } from './addenda.tsx'
import { caretsOf, caretSender } from './carets.ts'
import { Chip } from './chip.tsx'
import { NoteEditor } from './editor.ts'
import { HandOver } from './hand-over.tsx'
import { Closed, Refused } from './kept-words.tsx'
import { OpenNote } from './open-note.ts'
import { Tools, type Named } from './tools.tsx'

/** The most that is pasted at once, bytes. */
const MAX_PASTE = 16 * 1024
/** People besides that are named. */
const MAX_NAMES = 8

/** One note: what it says, who else writes in it, and how it is handed over. */
export function NotePage() {
  const app = useApp()
  const { area, areas, channels, isLive, notes, place } = app
  const note = place.value.item ?? ''
  const channel = noteChannel(area.value, note)
  const room = channelName('room', area.value, note)
  useEffect(() => {
    app.alsoShown.value = [channel, room]
    return () => (app.alsoShown.value = [])
  }, [app, channel, room])
  // The address may name a line that this person does not see: another one's note of that shift is none of theirs.
  const isElsewhere = place.value.area !== null && place.value.area !== area.value
  const row = isElsewhere ? undefined : notes.value.find((each) => each.note === note)
  const view = app.model.value.channels.get(channel) ?? null
  const refused = view?.refused ?? null
  const words = notesWords()
  const [generation, setGeneration] = useState(0)
  // What was on the screen when its line was taken from whoever wrote it: the window shows another line by then.
  const kept = keptIn(app)
  const { value: lost } = kept
  const absence: Absence | null = isElsewhere
    ? { words: text.refused.forbidden }
    : absenceOf(channels.value.notes, isLive.value)
  if (lost !== null && lost.by === app.session.value?.operator && !areas.value.includes(lost.area))
    return <Closed said={lost.said} done={() => (kept.value = null)} />
  return (
    <div class="note-page">
      <div class="note-top">
        <Button kind="quiet" onPress={() => go(app, 'notes')}>
          {words.back}
        </Button>
        <h1>{noteTitle(note)}</h1>
        <p class="view-summary">{row === undefined ? '' : standingOf(row)}</p>
        <Others note={note} />
        <Freshness channel={view} />
      </div>
      {row === undefined ? (
        <Empty more={absence?.more}>{absence?.words ?? words.missing}</Empty>
      ) : (
        <Text
          key={`${area.value} ${note} ${generation}`}
          row={row}
          room={room}
          isClosed={refused !== null}
          again={() => setGeneration(generation + 1)}
          keep={(said) => (kept.value = said)}
        />
      )}
    </div>
  )
}

/** Who else has it open. */
function Others({ note }: { readonly note: string }) {
  const { rosters } = useApp()
  const people = rosters.besides.value
  const age = useRoomAge(() => rosters.thing.value)
  const words = notesWords()
  if (people.length === 0) return null
  return (
    <p class={`note-others-here ${age.isOld ? 'is-old' : ''}`} data-note={note}>
      {people.length === 1 ? words.with(people[0] ?? '') : words.withSeveral(peopleWords(people, MAX_NAMES))}{' '}
      <RoomAgeWords age={age} />
    </p>
  )
}

/** What a note of this line said to this person. */
interface Kept {
  readonly area: string
  readonly by: string | undefined
  readonly said: string
}

/** Per window: the view of a line goes with its line. */
const KEPT = new WeakMap<App, Signal<Kept | null>>()

function keptIn(app: App): Signal<Kept | null> {
  const known = KEPT.get(app)
  if (known !== undefined) return known
  const made = signal<Kept | null>(null)
  KEPT.set(app, made)
  return made
}

interface TextProps {
  readonly row: NoteRow
  readonly room: ChannelName
  /** It may not be read any more. */
  readonly isClosed: boolean
  /** The copy is of a note that there is no more. */
  readonly again: () => void
  /** Told what it says when it goes from the screen. */
  readonly keep: (kept: Kept) => void
}

function Text({ row, room, isClosed, again, keep }: TextProps) {
  const app = useApp()
  const { note, record } = row
  const area = app.area.value
  const words = notesWords()
  const by = app.session.value?.operator
  const isReadOnly = record?.accepted !== null && record !== null
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<NoteEditor | null>(null)
  const open = useMemo(
    () => new OpenNote({ app, area, note, isComposing: () => editor.current?.isComposing ?? false }),
    [app, area, note],
  )
  useEffect(() => {
    const leave = (): void => void open.send()
    window.addEventListener('pagehide', leave)
    document.addEventListener('visibilitychange', leave)
    return () => {
      window.removeEventListener('pagehide', leave)
      document.removeEventListener('visibilitychange', leave)
    }
  }, [open])
  useLayoutEffect(() => {
    const element = place.current
    if (element === null || isClosed) return undefined
    const caret = caretSender(app, room)
    const made = new NoteEditor(element, {
      doc: open.copy.doc,
      label: words.label(noteTitle(note)),
      placeholder: words.placeholder,
      checkLabel: words.check,
      isReadOnly,
      maxPaste: MAX_PASTE,
      tooLong: () => (app.notice.value = words.tooLong(MAX_PASTE / 1024)),
      drawChip: (at, chip) => drawChip(app, at, chip),
      moved: caret.moved,
      composed: () => open.take(),
    })
    editor.current = made
    const release = isReadOnly ? () => undefined : writesIn(made.element, made)
    const stop = effect(() => made.showOthers(caretsOf(app, room)))
    return () => {
      stop()
      release()
      caret.end()
      void open.send()
      editor.current = null
      made.destroy()
    }
  }, [app, open, room, note, isReadOnly, isClosed])
  // After the editor above, and before anything else is drawn in its place.
  useLayoutEffect(
    () => () => {
      keep({ area, by, said: open.text })
      open.close()
    },
    [open],
  )
  const isOver = open.isOver.value
  useEffect(() => {
    if (isOver) again()
  }, [isOver])
  if (isClosed) return <Closed said={open.text} done={null} />
  const insert = (said: string): Promise<boolean> => {
    editor.current?.append(said)
    return open.send()
  }
  return (
    <>
      <Refused row={row} insert={insert} isReadOnly={isReadOnly} />
      {isReadOnly ? null : <Tools editor={() => editor.current} />}
      <div ref={place} class={`note-paper ${isReadOnly ? 'is-read-only' : ''}`} />
      <Addenda row={row} insert={insert} />
      <HandOver row={row} open={open} />
    </>
  )
}

/** Draws a chip as the alert or order stands at this moment. */
function drawChip(app: App, place: HTMLElement, chip: Named): () => void {
  render(
    <AppContext.Provider value={app}>
      <Chip {...chip} />
    </AppContext.Provider>,
    place,
  )
  return () => render(null, place)
}
