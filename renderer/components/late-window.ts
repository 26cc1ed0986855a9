import { latePart, type LatePart } from './late-part.ts'
import type { ListPlace, RowPlaces } from './row-places.ts'

type MakeWindow = new (place: ListPlace) => RowPlaces

/** What leaves rows out (`row-window.ts`): most lists are short, and it is a twelfth of what the page may load at first. */
export type LateWindow = LatePart<MakeWindow>

export function lateWindow(fetch: () => Promise<MakeWindow>): LateWindow {
  return latePart(fetch)
}

export const ROW_WINDOW: LateWindow = lateWindow(async () => (await import('./row-window.ts')).RowWindow)
