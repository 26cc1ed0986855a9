import { countsOf } from '../../relay/domain/line-state.ts'
import type { AlertRow } from '../../relay/domain/alerts.ts'
import { text } from '../text/text.ts'
import { PriorityMark } from './priority-mark.tsx'

/** More than that is shown as that. */
const MOST = 99
/** Sizes of its letters that a mark takes with the gap behind it, and the gap between two (`.standing-counts` of `wall.css`). */
const MARK = 0.87
const GAP = 0.18

/** How many of these there are of each priority, as marks and figures of one size, which are read from as far as a state is. */
export function StandingCounts({ rows }: { readonly rows: readonly AlertRow[] }) {
  return (
    <span class="standing-counts">
      {countsOf(rows).map(([priority, count]) => (
        <span key={priority} role="img" aria-label={`${text.alerts.priority[priority]} ${count}`}>
          <PriorityMark priority={priority} look="steady" />
          <b>{shown(count)}</b>
        </span>
      ))}
    </span>
  )
}

/** How wide that is, in sizes of its letters. */
export function countsWidth(rows: readonly AlertRow[], measure: (words: string) => number): number {
  const counts = countsOf(rows)
  return counts.reduce((sum, [, count]) => sum + MARK + measure(shown(count)) + GAP, -GAP)
}

function shown(count: number): string {
  return count > MOST ? `${MOST}+` : String(count)
}
