/** What a window shows, and how that stands in its address, so that each window of a terminal may show something else. */
export const VIEWS = ['line', 'site', 'wall', 'alerts', 'equipment', 'orders', 'chat', 'notes', 'rejections'] as const
export type ViewName = (typeof VIEWS)[number]

export interface Place {
  /** Null: not chosen in this window; it shows what whoever is there begins with (`firstView`). */
  readonly view: ViewName | null
  /** Null: not chosen in this window; the line of whoever is signed in, or else the last of this device, is shown. */
  readonly area: string | null
  /** What of the view is open: the note, by its name. */
  readonly item?: string
}

const SEGMENT = /^[a-z0-9-]{1,64}$/

/** A board has an address that people type. */
const WALL = '#/wall'

/** Reads `#/line-3/orders`, `#//orders` where no line was chosen, `#/line-3` for that line, `#/line-3/notes/2026-11-20-late`, and `#/wall`. */
export function placeOf(hash: string): Place {
  if (hash === WALL) return { view: 'wall', area: null }
  const [, named = '', name = '', item = ''] = hash.split('/')
  const area = SEGMENT.test(named) ? named : null
  // What it does not understand is as good as nothing.
  const view = VIEWS.find((one) => one === name) ?? (area === null ? null : 'line')
  return { view, area, ...(view === 'notes' && SEGMENT.test(item) && { item }) }
}

export function hashOf(view: ViewName | null, area: string | null, item?: string): string {
  return view === 'wall' ? WALL : `#/${area ?? ''}/${view ?? ''}${item === undefined ? '' : `/${item}`}`
}

/** Operators and terminals rest on their line; who answers for several begins with all of them. */
export function firstView(hasSeveral: boolean): ViewName {
  return hasSeveral ? 'site' : 'line'
}
