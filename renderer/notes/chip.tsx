import type { ChipKind } from '../../relay/documents/schema.ts'
import { useApp } from '../state/use-app.ts'
import { wayTo } from '../state/way-to.ts'
import { notesWords } from '../text/notes-words.ts'
import { text } from '../text/text.ts'

interface ChipProps {
  readonly of: ChipKind
  readonly id: string
  /** How it was called when it was named; it may be over, or of an area that is not shown. */
  readonly label: string
}

/** An alert or a work order in a text, as it stands at this moment; a press shows it. */
export function Chip({ of, id, label }: ChipProps) {
  const app = useApp()
  const words = notesWords().chip
  const alert = of === 'alert' ? app.board.value.rows.find((row) => row.id === id) : undefined
  const order = of === 'order' ? app.orders.value.find((row) => row.id === id) : undefined
  const standing =
    alert !== undefined
      ? words.open
      : order !== undefined
        ? text.orders.status[order.fields.status]
        : of === 'alert'
          ? words.over
          : words.unknown
  const open = wayTo(app, of, id)
  return (
    <button
      type="button"
      class={`note-chip ${alert !== undefined ? `is-${alert.priority.toLowerCase()}` : ''}`}
      disabled={open === null}
      onClick={open ?? undefined}
    >
      {alert === undefined ? null : <strong>{alert.priority}</strong>} <bdi>{label}</bdi> <span>{standing}</span>
    </button>
  )
}
