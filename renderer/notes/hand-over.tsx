import { useEffect, useState } from 'preact/hooks'
import type { NoteRow } from '../../relay/domain/notes.ts'
import { Button } from '../components/button.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { send } from '../state/actions.ts'
import { useApp } from '../state/use-app.ts'
import { notesWords } from '../text/notes-words.ts'
import { continuationOf, openNote } from '../views/notes-view.tsx'
import { CopyText } from './copy-text.tsx'
import { refusedUpdates, type OpenNote } from './open-note.ts'

/** Signing, taking over, and what is done with the text besides. */
export function HandOver({ row, open }: { readonly row: NoteRow; readonly open: OpenNote }) {
  const app = useApp()
  const words = notesWords()
  void open.changes.value
  const { note, record } = row
  const area = app.area.value
  const self = app.session.value?.operator ?? null
  const signed = record?.signed ?? null
  const isOpen = record === null || record.accepted === null
  const isTheirs = signed !== null && isOpen && record?.isChanged === false && signed.by !== self
  const shown = useHash(isTheirs ? open.text : null)
  // What the list says of a note may be here before its text is: what is taken over is what was read.
  const canAccept = isTheirs && row.unsent === 0 && shown === signed.hash
  void app.rejected.value
  const isFull = refusedUpdates(app, area, note).at(-1)?.code === 'note-full'
  const sign = (): void => {
    void open.send()
    // The text of this moment, whatever others write while it is counted; and theirs who pressed, whoever is there by then.
    void hashOf(open.text).then((hash) => {
      if (app.session.peek()?.operator === self) send(app, 'note.sign', { area, note, hash })
    })
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
              : isTheirs
                ? words.acceptComing(signed.by)
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
          <Button kind="primary" onPress={() => send(app, 'note.accept', { area, note, hash: shown })}>
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
        {isOpen && !isFull ? null : (
          <Button kind="secondary" onPress={() => openNote(app, continuationOf(note))}>
            {words.goOn}
          </Button>
        )}
      </div>
    </footer>
  )
}

/** SHA-256 of a text in hexadecimal digits. */
async function hashOf(said: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(said))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The same; null until it is counted. */
function useHash(said: string | null): string | null {
  const [counted, setCounted] = useState<{ readonly said: string; readonly hash: string } | null>(null)
  useEffect(() => {
    if (said === null) return undefined
    let isOver = false
    void hashOf(said).then((hash) => {
      if (!isOver) setCounted({ said, hash })
    })
    return () => {
      isOver = true
    }
  }, [said])
  return counted !== null && counted.said === said ? counted.hash : null
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
