import type { LineState } from '../../relay/domain/line-state.ts'
import { text } from '../text/text.ts'

/** How many orders of a line are done, as a bar with its words. */
export function DoneBar({ orders: { done, total } }: { readonly orders: NonNullable<LineState['orders']> }) {
  return (
    <span class="done">
      <span class="done-bar" aria-hidden="true">
        <span style={{ width: `${total === 0 ? 0 : (100 * done) / total}%` }} />
      </span>
      <span class="nowrap">{text.boards.ordersDone(done, total)}</span>
    </span>
  )
}
