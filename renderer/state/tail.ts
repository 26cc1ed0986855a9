/** Rows of a talk that are drawn at once: more than the tallest wall shows; and as many more whenever its top comes near. */
export const TAIL_STEP = 150

interface Keyed {
  readonly key: string
}

/**
 * From which row on a talk is drawn. It is read from its end: `first` null draws the newest, and otherwise it names the oldest
 * row that is drawn, so that what comes below or goes above changes nothing of it [F5].
 */
export function tailStart(rows: readonly Keyed[], first: string | null): number {
  if (first === null) return Math.max(0, rows.length - TAIL_STEP)
  // Rows go at the beginning: where the named one has gone, all that is left is newer.
  return Math.max(
    0,
    rows.findIndex(({ key }) => key === first),
  )
}

/** The `first` that draws a step more of what is older. */
export function olderFirst(rows: readonly Keyed[], start: number): string | null {
  return rows[Math.max(0, start - TAIL_STEP)]?.key ?? null
}
