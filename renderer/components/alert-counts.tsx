import { countsOf } from '../../relay/domain/line-state.ts'
import type { AlertRow } from '../../relay/domain/alerts.ts'

/** How many of these there are of each priority: `P1 1`, `P2 3`, in the colours of their marks. */
export function AlertCounts({ rows }: { readonly rows: readonly AlertRow[] }) {
  return (
    <span class="alert-counts">
      {countsOf(rows).map(([priority, count]) => (
        <span key={priority} class={`alert-count alert-count-${priority}`}>
          {priority} <b>{count}</b>{' '}
        </span>
      ))}
    </span>
  )
}
