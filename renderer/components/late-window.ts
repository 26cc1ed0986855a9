import type { ListPlace, RowPlaces } from './row-places.ts'

type MakeWindow = new (place: ListPlace) => RowPlaces

/** What leaves rows out (`row-window.ts`): most lists are short, and it is a twelfth of what the page may load at first. */
export interface LateWindow {
  /** Null: not loaded. */
  readonly loaded: MakeWindow | null
  /** Rejected: it could not be loaded; another call asks again. */
  load(): Promise<void>
}

export function lateWindow(fetch: () => Promise<MakeWindow>): LateWindow {
  let loaded: LateWindow['loaded'] = null
  return {
    get loaded() {
      return loaded
    },
    async load() {
      loaded ??= await fetch()
    },
  }
}

export const ROW_WINDOW: LateWindow = lateWindow(async () => (await import('./row-window.ts')).RowWindow)
