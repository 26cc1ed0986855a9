import type { NoteRow } from '../../relay/domain/notes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Button } from '../components/button.tsx'
import { Field } from '../components/field.tsx'
import { PendingMark } from '../components/pending-mark.tsx'
import { Time } from '../components/time.tsx'
import { send } from '../state/actions.ts'
import { typed } from '../state/typed.ts'
import { useApp } from '../state/use-app.ts'
import { notesWords } from '../text/notes-words.ts'

/** What was added to a note when its text could not change any more. */
export function Addenda({ row }: { readonly row: NoteRow }) {
  const app = useApp()
  const words = notesWords()
  const place = `${app.area.value}/${row.note}`
  const draft = app.drafts.value[place] ?? ''
  const setDraft = (next: string): void => void (app.drafts.value = { ...app.drafts.value, [place]: next })
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
