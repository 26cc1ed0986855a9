import { whenIdle } from '../platform/when-idle.ts'
import type { App } from '../state/app.ts'
import type { Updates } from './updates.ts'

/** What the page's start tells those who keep it up to date. */
export interface PageUpdates {
  /** There are screens now. */
  attach(app: App): void
  /** There are none, and no way to them is known. */
  stuck(): void
}

/**
 * Keeps this page up to date, where the browser has service workers. Nothing of it is needed for the first screen, so its code
 * is loaded once that is there and nobody waits for anything, or where there will be none.
 *
 * @param path where the pages of this floor stand
 * @param script address of its service worker, trusted
 */
export function startUpdates(path: string, script: () => string): PageUpdates {
  if (!('serviceWorker' in navigator)) return { attach: () => undefined, stuck: () => undefined }
  let loading: Promise<Updates> | null = null
  const tell = (call: (updates: Updates) => void): void => {
    loading ??= load(path, script)
    // A page that gets neither the code nor a service worker works all the same, and asks again when it is loaded next.
    loading.then(call).catch(() => undefined)
  }
  return {
    attach: (app) => whenIdle(() => tell((updates) => updates.attach(app))),
    stuck: () => tell((updates) => updates.stuck()),
  }
}

async function load(path: string, script: () => string): Promise<Updates> {
  const { Updates } = await import('./updates.ts')
  const updates = new Updates(script(), path)
  await updates.start()
  return updates
}
