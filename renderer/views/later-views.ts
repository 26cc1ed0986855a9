import { ROW_WINDOW } from '../components/late-window.ts'
import { later, type Later } from '../components/later.tsx'
import { ALERT_GROUPS, VALUE_SPARK } from './line-parts.ts'
import { UnloadedSheet } from './unloaded-sheet.tsx'

export const ALERTS: Later = later(async () => (await import('./alerts-view.tsx')).AlertsView)
export const CHAT: Later = later(async () => (await import('./chat-view.tsx')).ChatView)
export const EQUIPMENT: Later = later(async () => (await import('./equipment-view.tsx')).EquipmentView)
export const LINE: Later = later(async () => (await import('./line-view.tsx')).LineView)
export const MENTION_BAR: Later = later(async () => (await import('./mention-bar.tsx')).MentionBar, { isSilent: true })
export const NOTES: Later = later(async () => (await import('./notes-view.tsx')).NotesView)
export const NOTE_PAGE: Later = later(async () => (await import('../notes/note-page.tsx')).NotePage)
export const ORDERS: Later = later(async () => (await import('./orders-view.tsx')).OrdersView)
export const REJECTIONS: Later = later(async () => (await import('./rejections-view.tsx')).RejectionsView)
export const SITE: Later = later(async () => (await import('./site-view.tsx')).SiteView)
export const WALL: Later = later(async () => (await import('./wall-view.tsx')).WallView)
export const SHEETS: Later = later(async () => (await import('./sheets.tsx')).Sheets, {
  Frame: UnloadedSheet,
})

/** For who wants every view drawn at once: tests and pictures. */
export async function loadViews(): Promise<void> {
  const views = [
    ALERTS,
    CHAT,
    EQUIPMENT,
    LINE,
    MENTION_BAR,
    NOTES,
    NOTE_PAGE,
    ORDERS,
    REJECTIONS,
    SITE,
    WALL,
    SHEETS,
    ROW_WINDOW,
    VALUE_SPARK,
    ALERT_GROUPS,
  ]
  await Promise.all(views.map((view) => view.load()))
}
