import type { NoteRow } from '../../relay/domain/notes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Time } from '../components/time.tsx'
import { send, settle } from '../state/actions.ts'
import { takeUp } from '../state/form-actions.ts'
import { typed } from '../state/typed.ts'
import { useApp } from '../state/use-app.ts'
import { notesWords } from '../text/notes-words.ts'
import { talkWords } from '../text/talk-words.ts'
import { RefusedAddenda } from './kept-words.tsx'

/** What was added to a note when its text could not change any more. */
export function Addenda({
  row,
  insert,
}: {
  readonly row: NoteRow
  /** Into the text, where that may be written; whether it is on this device's disk. */
  readonly insert: (said: string) => Promise<boolean>
}) {
  const app = useApp()
  const words = notesWords()
  const place = `${app.area.value}/${row.note}`
  const draft = app.drafts.value[place] ?? ''
  const again = app.chatAgain.value[place]
  const over = typed(draft).length - LIMITS.maxText
  const setDraft = (next: string): void => {
    app.drafts.value = { ...app.drafts.value, [place]: next }
    if (next !== '' || again === undefined) return
    // Emptied, it is another addendum that comes next.
    const { [place]: _dropped, ...others } = app.chatAgain.value
    app.chatAgain.value = others
  }
  if (row.record === null) return null
  if (row.record.accepted === null) {
    return <RefusedAddenda area={app.area.value} note={row.note} inField={null} insert={insert} />
  }
  const submit = (event: Event): void => {
    event.preventDefault()
    const said = typed(draft)
    if (said === '' || said.length > LIMITS.maxText) return
    send(app, 'note.add', { area: app.area.value, note: row.note, text: said })
    if (again !== undefined) settle(app, again, 'resent')
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
      <RefusedAddenda
        area={app.area.value}
        note={row.note}
        inField={again?.command.id ?? null}
        insert={(said, refused) => {
          takeUp(app, place, refused, said)
          return Promise.resolve(false)
        }}
      />
      <form onSubmit={submit}>
        <Field label={words.addLabel} error={over > 0 ? talkWords().over(over) : null}>
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
        <Button kind="primary" submits disabled={over > 0}>
          {words.add}
        </Button>
      </form>
    </section>
  )
}
