import { effect, signal, type Signal } from '@preact/signals'
import { render } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { BlockKind, ChipKind } from '../../relay/documents/schema.ts'
import { wordsOf } from '../../relay/documents/update-text.ts'
import type { NoteRow } from '../../relay/domain/notes.ts'
import { channelName, type ChannelName } from '../../relay/protocol/channels.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { noteChannel } from '../../relay/protocol/notes.ts'
import { isLiveCurrent } from '../../relay/domain/live.ts'
import { refusedWords } from '../components/absence.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { Field } from '../components/field.tsx'
import { Freshness } from '../components/freshness.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Sheet } from '../components/sheet.tsx'
import { Time } from '../components/time.tsx'
import { go, send, settle } from '../state/actions.ts'
import type { App } from '../state/app.ts'
import { writesIn } from '../state/typed-place.ts'
import { typed } from '../state/typed.ts'
import { AppContext, useApp } from '../state/use-app.ts'
import { noteTitle, notesWords } from '../text/notes-words.ts'
import { text } from '../text/text.ts'
import { continuationOf, openNote, standingOf } from '../views/notes-view.tsx'
import { Chip } from './chip.tsx'
import { NoteEditor, type Caret } from './editor.ts'
import { OpenNote, refusedUpdates } from './open-note.ts'

/** The most that is pasted at once, bytes. */
const MAX_PASTE = 16 * 1024
/** Between two words of where somebody writes, milliseconds. */
const CARET_MS = 300

/** One note: what it says, who else writes in it, and how it is handed over. */
export function NotePage() {
  const app = useApp()
  const { area, areas, notes, place } = app
  const note = place.value.item ?? ''
  const channel = noteChannel(area.value, note)
  const room = channelName('room', area.value, note)
  useEffect(() => {
    app.alsoShown.value = [channel, room]
    return () => (app.alsoShown.value = [])
  }, [app, channel, room])
  const row = notes.value.find((each) => each.note === note)
  const view = app.model.value.channels.get(channel) ?? null
  const refused = view?.refused ?? null
  const words = notesWords()
  const [generation, setGeneration] = useState(0)
  // What was on the screen when its line was taken from whoever wrote it: the window shows another line by then.
  const kept = keptIn(app)
  const { value: lost } = kept
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
        <Empty>{refused === null ? text.freshness.coming : refusedWords(refused)}</Empty>
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
  const { besides } = useApp()
  const people = besides.value
  const words = notesWords()
  if (people.length === 0) return null
  return (
    <p class="note-others-here" data-note={note}>
      {people.length === 1 ? words.with(people[0] ?? '') : words.withSeveral(text.and(people))}
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
  useEffect(
    () => () => {
      keep({ area, by, said: open.text })
      open.close()
    },
    [open],
  )
  useEffect(() => {
    const leave = (): void => open.send()
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
      open.send()
      editor.current = null
      made.destroy()
    }
  }, [app, open, room, note, isReadOnly, isClosed])
  const isOver = open.isOver.value
  useEffect(() => {
    if (isOver) again()
  }, [isOver])
  if (isClosed) return <Closed said={open.text} done={null} />
  return (
    <>
      <Refused row={row} insert={(said) => editor.current?.append(said)} isReadOnly={isReadOnly} />
      {isReadOnly ? null : <Tools editor={() => editor.current} />}
      <div ref={place} class={`note-paper ${isReadOnly ? 'is-read-only' : ''}`} />
      {record === null ? null : <Addenda row={row} />}
      <HandOver row={row} open={open} />
    </>
  )
}

/** How many of one's own words the others have. */
function Saved({ row, open }: { readonly row: NoteRow; readonly open: OpenNote }) {
  const words = notesWords().saved
  const said = open.isUnsaved.value ? words.writing : row.unsent > 0 ? words.waiting(row.unsent) : words.all
  return (
    <p class="note-saved" role="status" data-testid="note-saved">
      {said}
    </p>
  )
}

function Tools({ editor }: { readonly editor: () => NoteEditor | null }) {
  const words = notesWords()
  const [isNaming, setNaming] = useState(false)
  const kind = (name: BlockKind, label: string) => (
    <Button kind="secondary" onPress={() => editor()?.toggle(name)}>
      {label}
    </Button>
  )
  return (
    <div class="note-tools" role="toolbar" aria-label={words.tools}>
      {kind('heading', words.heading)}
      {kind('item', words.item)}
      {kind('check', words.task)}
      <Button kind="secondary" onPress={() => setNaming(true)}>
        {words.mention}
      </Button>
      <Button kind="quiet" onPress={() => editor()?.undo()}>
        {words.undo}
      </Button>
      <Button kind="quiet" onPress={() => editor()?.redo()}>
        {words.redo}
      </Button>
      {isNaming ? (
        <Naming
          close={() => setNaming(false)}
          choose={(chip) => {
            setNaming(false)
            editor()?.insertChip(chip)
          }}
        />
      ) : null}
    </div>
  )
}

interface Named {
  readonly of: ChipKind
  readonly id: string
  readonly label: string
}

function Naming({ close, choose }: { readonly close: () => void; readonly choose: (chip: Named) => void }) {
  const { board, orders } = useApp()
  const words = notesWords()
  const alerts = board.value.rows.slice(0, MAX_NAMED)
  const open = orders.value.filter(({ fields }) => fields.status !== 'done').slice(0, MAX_NAMED)
  return (
    <Sheet title={words.mentionTitle} onClose={close}>
      {alerts.length + open.length === 0 ? <Empty>{words.mentionNone}</Empty> : null}
      {alerts.length === 0 ? null : <h3>{words.mentionAlerts}</h3>}
      <ul class="rows">
        {alerts.map(({ id, priority, title }) => (
          <li key={id} class="note-named">
            <button
              type="button"
              class="note-named-button"
              onClick={() => choose({ of: 'alert', id, label: title.slice(0, MAX_LABEL) })}
            >
              <strong>{priority}</strong> <bdi>{title}</bdi>
            </button>
          </li>
        ))}
      </ul>
      {open.length === 0 ? null : <h3>{words.mentionOrders}</h3>}
      <ul class="rows">
        {open.map(({ id, number, fields }) => (
          <li key={id} class="note-named">
            <button
              type="button"
              class="note-named-button"
              onClick={() => choose({ of: 'order', id, label: number.slice(0, MAX_LABEL) })}
            >
              <strong>{number}</strong> <bdi>{fields.title}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}

const MAX_NAMED = 50
const MAX_LABEL = 80

/** What was written here and not taken: nothing of it goes without a word. */
function Refused({
  row,
  insert,
  isReadOnly,
}: {
  readonly row: NoteRow
  readonly insert: (said: string) => void
  readonly isReadOnly: boolean
}) {
  const app = useApp()
  const words = notesWords()
  void app.rejected.value
  const refused = refusedUpdates(app, app.area.value, row.note)
  const [first] = refused
  if (first === undefined) return null
  const said = refused
    .map(({ command }) => wordsOf((command.data as { readonly update: string }).update))
    .filter((each) => each !== '')
    .join('\n')
  const done = (how: 'resent' | 'discarded'): void => {
    for (const each of refused) settle(app, each, how)
  }
  return (
    <section class="note-refused" aria-label={words.refused(refused.length)}>
      <h2>{words.refused(refused.length)}</h2>
      <p>
        {text.refusal(first.code, first.message)} {words.refusedExplain}
      </p>
      <pre class="note-refused-text">{said}</pre>
      <div class="note-actions">
        {isReadOnly || said === '' ? null : (
          <Button
            kind="primary"
            onPress={() => {
              insert(said)
              done('resent')
            }}
          >
            {words.insertAgain}
          </Button>
        )}
        <CopyText said={() => said} />
        <Button kind="secondary" onPress={() => done('discarded')}>
          {words.discard}
        </Button>
      </div>
    </section>
  )
}

/** The right to read it is gone: what was written and had not left stays for who wrote it. */
function Closed({ said, done }: { readonly said: string; readonly done: (() => void) | null }) {
  const words = notesWords()
  return (
    <section class="note-refused" role="alert">
      <p>{words.closed}</p>
      <pre class="note-refused-text">{said}</pre>
      <div class="note-actions">
        <CopyText said={() => said} />
        {done === null ? null : (
          <Button kind="secondary" onPress={done}>
            {words.discard}
          </Button>
        )}
      </div>
    </section>
  )
}

function CopyText({ said }: { readonly said: () => string }) {
  const app = useApp()
  const words = notesWords()
  const copy = (): void => {
    void navigator.clipboard.writeText(said()).then(
      () => (app.notice.value = words.copied),
      () => undefined,
    )
  }
  return (
    <Button kind="secondary" onPress={copy}>
      {words.copy}
    </Button>
  )
}

function Addenda({ row }: { readonly row: NoteRow }) {
  const app = useApp()
  const words = notesWords()
  const [draft, setDraft] = useState('')
  if (row.record === null || row.record.accepted === null) return null
  const submit = (event: Event): void => {
    event.preventDefault()
    const said = typed(draft)
    if (said === '' || said.length > LIMITS.maxText) return
    send(app, 'note.add', { area: app.area.value, note: row.note, text: said })
    setDraft('')
  }
  return (
    <section class="note-addenda" aria-label={words.addenda}>
      <h2>{words.addenda}</h2>
      <ul>
        {row.addenda.map((each) => (
          <li key={each.id}>
            <p class="note-added">{each.text}</p>
            <p class="note-facts">
              {'waiting' in each ? (
                <PendingMark waiting={each.waiting} />
              ) : (
                <>
                  <bdi>{each.by}</bdi> <Time at={each.at} />
                </>
              )}
            </p>
          </li>
        ))}
      </ul>
      <form onSubmit={submit}>
        <Field label={words.addLabel}>
          {({ id, describedBy }) => (
            <textarea
              id={id}
              class="input"
              rows={2}
              value={draft}
              maxLength={LIMITS.maxText}
              placeholder={words.addPlaceholder}
              aria-describedby={describedBy}
              onInput={(event) => setDraft(event.currentTarget.value)}
            />
          )}
        </Field>
        <Button kind="primary" submits>
          {words.add}
        </Button>
      </form>
    </section>
  )
}

/** Signing, taking over, and what is done with the text besides. */
function HandOver({ row, open }: { readonly row: NoteRow; readonly open: OpenNote }) {
  const app = useApp()
  const words = notesWords()
  void open.changes.value
  const { note, record } = row
  const area = app.area.value
  const self = app.session.value?.operator ?? null
  const signed = record?.signed ?? null
  const isOpen = record === null || record.accepted === null
  const canAccept = signed !== null && isOpen && record?.isChanged === false && signed.by !== self && row.unsent === 0
  const sign = (): void => {
    open.send()
    send(app, 'note.sign', { area, note })
  }
  return (
    <footer class="note-footer">
      <div class="note-state">
        {isOpen ? <Saved row={row} open={open} /> : null}
        {row.waiting === null ? null : <PendingMark waiting={row.waiting} />}
        {signed === null || !isOpen ? null : (
          <p class="note-explain">
            {canAccept
              ? words.acceptExplain(signed.by)
              : signed.by === self && record?.isChanged === false
                ? words.acceptOther
                : words.signExplain}
          </p>
        )}
        {signed === null && isOpen ? <p class="note-explain">{words.signExplain}</p> : null}
        {record === null || record.accepted === null ? null : (
          <p class="note-explain note-hash">{words.hash(record.accepted.hash)}</p>
        )}
      </div>
      <div class="note-actions">
        {canAccept ? (
          <Button kind="primary" onPress={() => send(app, 'note.accept', { area, note, hash: signed.hash })}>
            {words.accept}
          </Button>
        ) : null}
        {isOpen && (signed === null || record?.isChanged === true) ? (
          <Button kind="primary" disabled={open.isBlank} onPress={sign}>
            {signed === null ? words.sign : words.signAgain}
          </Button>
        ) : null}
        <CopyText said={() => open.text} />
        <Button kind="secondary" onPress={() => window.print()}>
          {words.print}
        </Button>
        {isOpen ? null : (
          <Button kind="secondary" onPress={() => openNote(app, continuationOf(note))}>
            {words.goOn}
          </Button>
        )}
      </div>
    </footer>
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

/** Says where one writes, at most three times a second, and when one has stopped. */
function caretSender(
  app: App,
  room: ChannelName,
): { moved: (at: Pick<Caret, 'anchor' | 'head'>) => void; end: () => void } {
  let timer: ReturnType<typeof setTimeout> | null = null
  let last: Pick<Caret, 'anchor' | 'head'> | null = null
  return {
    moved(at) {
      last = at
      timer ??= setTimeout(() => {
        timer = null
        app.relay.signal(room, last, 'caret')
      }, CARET_MS)
    },
    end() {
      if (timer !== null) clearTimeout(timer)
      if (last !== null) app.relay.signal(room, null, 'caret')
    },
  }
}

/** Where the others write now. */
function caretsOf(app: App, room: ChannelName): readonly Caret[] {
  void app.now.value
  const now = app.relay.now()
  const self = app.session.value?.operator
  return [...(app.rooms.value.get(room) ?? [])].flatMap(([key, entry]) => {
    if (!key.endsWith('.caret') || !isLiveCurrent(entry, now)) return []
    const value = entry.value as { readonly operator: string; readonly data: unknown } | null
    // Another window of the same person has a caret as well; one's own comes back, too, and is where one writes anyway.
    if (value === null || value.operator === self || typeof value.data !== 'object' || value.data === null) return []
    const { anchor, head } = value.data as Partial<Caret>
    return [{ key, name: value.operator, anchor, head }]
  })
}
