import { useState } from 'preact/hooks'
import { dataOf } from '../../relay/domain/pending.ts'
import { wordsOf } from '../../relay/documents/update-text.ts'
import type { NoteRow } from '../../relay/domain/notes.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type { SettledCommand } from '../../relay/protocol/local.ts'
import { Button } from '../components/button.tsx'
import { settle } from '../state/actions.ts'
import { useApp } from '../state/use-app.ts'
import { notesWords } from '../text/notes-words.ts'
import { text } from '../text/text.ts'
import { CopyText } from './copy-text.tsx'
import { leftIn } from './left-words.ts'
import { refusedUpdates } from './open-note.ts'

/** What was written here and not taken: nothing of it goes without a word. */
export function Refused({
  row,
  insert,
  isReadOnly,
}: {
  readonly row: NoteRow
  /** Whether it is on this device's disk. */
  readonly insert: (said: string) => Promise<boolean>
  readonly isReadOnly: boolean
}) {
  const app = useApp()
  const words = notesWords()
  const [isInserting, setInserting] = useState(false)
  void app.rejected.value
  const refused = refusedUpdates(app, app.area.value, row.note)
  const all = leftIn(app)
  const by = app.session.value?.operator
  const left = all.value.filter((each) => each.by === by && each.area === app.area.value && each.note === row.note)
  const [first] = refused
  const count = refused.length + left.length
  if (count === 0) return null
  const updates = refused.map(({ command }) => (command.data as { readonly update: string }).update)
  const said = [...updates, ...left.flatMap((each) => each.updates)]
    .map(wordsOf)
    .filter((each) => each !== '')
    .join('\n')
  const letGo = (how: 'resent' | 'discarded'): void => {
    for (const each of refused) settle(app, each, how)
    all.value = all.value.filter((each) => !left.includes(each))
  }
  return (
    <section class="note-refused" aria-label={words.refused(count)}>
      <h2>{words.refused(count)}</h2>
      <p>
        {first === undefined ? words.signedOut : text.refusal(first.code, first.message)} {words.refusedExplain}
      </p>
      <pre class="note-refused-text">{said}</pre>
      <div class="note-actions">
        {isReadOnly || said === '' ? null : (
          <Button
            kind="primary"
            disabled={isInserting}
            onPress={() => {
              setInserting(true)
              void insert(said).then((isSaved) => {
                setInserting(false)
                // Until then it stays here, where they find it whatever becomes of the other.
                if (isSaved) letGo('resent')
              })
            }}
          >
            {words.insertAgain}
          </Button>
        )}
        <CopyText said={() => said} />
        <Button kind="secondary" onPress={() => letGo('discarded')}>
          {words.discard}
        </Button>
      </div>
    </section>
  )
}

/** Addenda that were not taken, one after the other; without the one that is in the field again. */
export function RefusedAddenda({
  area,
  note,
  inField,
  insert,
}: {
  readonly area: string
  readonly note: string
  readonly inField: CommandId | null
  /** Whether it is on this device's disk in its new place, and so no longer refused. */
  readonly insert: (said: string, refused: SettledCommand) => Promise<boolean>
}) {
  const app = useApp()
  const words = notesWords()
  const [isInserting, setInserting] = useState(false)
  const all = app.rejected.value.flatMap((refused) => {
    const added = dataOf(refused.command, 'note.add')
    const isOfThis = added?.area === area && added.note === note && refused.command.id !== inField
    return isOfThis ? [{ refused, said: added.text }] : []
  })
  const [first] = all
  if (first === undefined) return null
  const { refused, said } = first
  return (
    <section class="note-refused" aria-label={words.refusedAddenda(all.length)}>
      <h2>{words.refusedAddenda(all.length)}</h2>
      <p>
        {text.refusal(refused.code, refused.message)} {words.refusedExplain}
      </p>
      <pre class="note-refused-text">{said}</pre>
      <div class="note-actions">
        <Button
          kind="primary"
          // One after the other goes through the field.
          disabled={isInserting || inField !== null}
          onPress={() => {
            setInserting(true)
            void insert(said, refused).then((isSaved) => {
              setInserting(false)
              if (isSaved) settle(app, refused, 'resent')
            })
          }}
        >
          {words.insertAgain}
        </Button>
        <CopyText said={() => said} />
        <Button kind="secondary" onPress={() => settle(app, refused, 'discarded')}>
          {words.discard}
        </Button>
      </div>
    </section>
  )
}

/** The right to read it is gone: what was written and had not left stays for who wrote it. */
export function Closed({ said, done }: { readonly said: string; readonly done: (() => void) | null }) {
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
