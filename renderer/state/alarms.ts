import { asksOf, type AlertBoard, type AlertRow } from '../../relay/domain/alerts.ts'

/** What goes over or above the view: see `views/p0-overlay.tsx` and `views/alarm-banners.tsx`. */
export interface Alarms {
  readonly overlay: readonly AlertRow[]
  /** P0 that are set aside, or whose acknowledgement waits for the server. */
  readonly banners: readonly AlertRow[]
  readonly p1: readonly AlertRow[]
}

/** Those that are settled by a command that waits for the server are not over the view any more. */
export function alarmsOf({ rows }: AlertBoard, aside: ReadonlySet<string>): Alarms {
  const isUnmet = (row: AlertRow): boolean => asksOf(row.state) === 'action'
  const p0 = rows.filter((row) => row.priority === 'P0' && isUnmet(row))
  const isOver = (row: AlertRow): boolean => row.acknowledging === null && !aside.has(row.id)
  return {
    overlay: p0.filter(isOver),
    banners: p0.filter((row) => !isOver(row)),
    p1: rows.filter((row) => row.priority === 'P1' && isUnmet(row) && row.acknowledging === null),
  }
}
