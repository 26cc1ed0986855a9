import type { ClientList, PageClient } from './service-worker-scope.ts'

/** What a page hears from its service worker when a person pressed a notification. */
export interface PressedNotice {
  readonly t: 'notice-pressed'
  /** Id of the notice: of its alert, or `SUMMARY_ID`. */
  readonly id: string
}

/**
 * A person pressed a notification: the page they used last comes to the front and hears of it; where none is open, one is
 * opened, and what is urgent lies over whatever it shows first. `scope`: address of that page; the browser lists the pages of
 * all floors of its origin, and those of another one know nothing of it.
 */
export async function pressedNotification(
  clients: Pick<ClientList, 'matchAll' | 'openWindow'>,
  { scope, data }: { readonly scope: string; readonly data: unknown },
): Promise<void> {
  const listed = await clients.matchAll({ type: 'window', includeUncontrolled: true })
  const pages = listed.filter(({ url }) => new URL('.', url).href === scope)
  const page = best(pages)
  if (page === null) {
    await clients.openWindow(scope)
    return
  }
  const id = idIn(data)
  if (id !== null) page.postMessage({ t: 'notice-pressed', id } satisfies PressedNotice)
  await page.focus()
}

/** The id of the notice in what a notification or a worker's message carries, or null. */
export function idIn(data: unknown): string | null {
  if (typeof data !== 'object' || data === null || !('id' in data)) return null
  return typeof data.id === 'string' ? data.id : null
}

/** `matchAll` lists the last used first; one that is seen is better still. */
function best(pages: readonly PageClient[]): PageClient | null {
  return (
    pages.find(({ focused }) => focused) ?? pages.find((page) => page.visibilityState === 'visible') ?? pages[0] ?? null
  )
}
