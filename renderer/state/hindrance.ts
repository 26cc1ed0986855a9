import type { App } from './app.ts'
import type { Hindrance } from './update-offer.ts'
import type { SheetName } from './sheets.ts'

/** Sheets in which nothing is typed; any other may hold what would be lost. */
const HARMLESS: ReadonlySet<SheetName['kind']> = new Set([
  'area',
  'operator',
  'sign-out-everywhere',
  'connection',
  'outbox',
  'roster',
  'trend',
  'photo',
])

/** What a restart of this window would take from a person: an alarm they must answer, or words and photos that are not saved yet. */
export function hindranceIn(
  app: Pick<App, 'alarms' | 'sheet' | 'drafts'> & { readonly talk: Pick<App['talk'], 'chosen'> },
): Exclude<Hindrance, 'elsewhere'> | null {
  const { overlay, banners } = app.alarms.value
  // One whose acknowledgement waits for the server has been answered here.
  if (overlay.length > 0 || banners.some((row) => row.acknowledging === null)) return 'p0'
  const sheet = app.sheet.value
  if (sheet !== null && !HARMLESS.has(sheet.kind)) return 'unsaved'
  if (Object.values(app.talk.chosen.value).some((chosen) => chosen.length > 0)) return 'unsaved'
  return Object.values(app.drafts.value).some((draft) => draft.trim() !== '') ? 'unsaved' : null
}
