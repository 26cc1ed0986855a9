import { useState } from 'preact/hooks'
import type { BlockKind, ChipKind } from '../../relay/documents/schema.ts'
import { Button } from '../components/button.tsx'
import { Empty } from '../components/empty.tsx'
import { Sheet } from '../components/sheet.tsx'
import { useApp } from '../state/use-app.ts'
import { notesWords } from '../text/notes-words.ts'
import type { NoteEditor } from './editor.ts'

/** Alerts, and orders, that are offered; characters of what a chip is called. */
const MAX_NAMED = 50
const MAX_LABEL = 80

/** What an alert or order is called where it is named in a note. */
export interface Named {
  readonly of: ChipKind
  readonly id: string
  readonly label: string
}

/** What is done with the words under the caret. */
export function Tools({ editor }: { readonly editor: () => NoteEditor | null }) {
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
