import type { App } from './app.ts'
import type { SheetName } from './sheets.ts'

/** Why a window must not be started anew now. */
export type Hindrance = 'p0' | 'unsaved' | 'elsewhere'

/** A newer Andon is there. The bar offers it; who brings updates on this platform makes it. */
export interface UpdateOffer {
  /** `ready`: waits to be started. `started`: it runs in other windows, this one is the old one. */
  readonly kind: 'ready' | 'started'
  /** A person pressed. Resolves with what is in the way, or null when it begins. Never rejects. */
  restart(): Promise<Hindrance | null>
}

/** Sheets in which nothing is typed; any other may hold what would be lost. */
const HARMLESS: ReadonlySet<SheetName['kind']> = new Set([
  'area',
  'operator',
  'sign-out-everywhere',
  'connection',
  'outbox',
  'trend',
])

/** What a restart of this window would take from a person: an alarm they must answer, or words that are not saved yet. */
export function hindranceIn(app: Pick<App, 'alarms' | 'sheet' | 'chatDrafts'>): Exclude<Hindrance, 'elsewhere'> | null {
  const { overlay, banners } = app.alarms.value
  // One whose acknowledgement waits for the server has been answered here.
  if (overlay.length > 0 || banners.some((row) => row.acknowledging === null)) return 'p0'
  const sheet = app.sheet.value
  if (sheet !== null && !HARMLESS.has(sheet.kind)) return 'unsaved'
  return Object.values(app.chatDrafts.value).some((draft) => draft.trim() !== '') ? 'unsaved' : null
}
