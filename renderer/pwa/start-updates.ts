import type { TrustScript } from '../../relay/adapters/browser-scripts.ts'
import type { App } from '../state/app.ts'
import type { Updates } from './updates.ts'

/** Address of the service worker; beside the pages, so that all of them are its own. */
export const SERVICE_WORKER_URL = '/sw.js'

/** What the page's start tells those who keep it up to date. */
export interface PageUpdates {
  /** There are screens now. */
  attach(app: App): void
  /** There are none, and no way to them is known. */
  stuck(): void
}

/**
 * Starts keeping this page up to date, where the browser has service workers. Their code is loaded beside the first screen,
 * not before it; until it is there, what the page tells waits.
 */
export function startUpdates(trust: TrustScript): PageUpdates {
  if (!('serviceWorker' in navigator)) return { attach: () => undefined, stuck: () => undefined }
  const loading = load(trust)
  // A browser without service workers goes on without updates; whoever asks for them is told.
  loading.catch(() => undefined)
  const tell = (call: (updates: Updates) => void): void => {
    // A page that gets neither the code nor a service worker works all the same, and asks again when it is loaded next.
    loading.then(call).catch(() => undefined)
  }
  return { attach: (app) => tell((updates) => updates.attach(app)), stuck: () => tell((updates) => updates.stuck()) }
}

async function load(trust: TrustScript): Promise<Updates> {
  const { Updates } = await import('./updates.ts')
  const updates = new Updates(trust(SERVICE_WORKER_URL))
  await updates.start()
  return updates
}
