import { v4, v7 } from 'uuid'
import { BUS_NAME, nameAt } from '../protocol/local.ts'
import { WindowClient } from '../window.ts'
import { busHere } from './browser-bus.ts'
import { beforeNextFrame } from './browser-frames.ts'
import type { TrustScript } from './browser-scripts.ts'
import { holdForLife } from './life-lock.ts'
import { AWAY_MS, type PageWord } from './web-hints.ts'
import { WINDOW_LOCK_PREFIX } from './window-seat.ts'
import { WorkerLine } from './worker-line.ts'

/** Why a relay cannot run here. The page says what to do about it. */
export type Missing = 'secure-origin' | 'locks' | 'worker' | 'broadcast-channel'

export interface BrowserWindowOptions {
  /** Where the pages of this floor stand: `/`, `/andon/`. */
  readonly path: string
  /** Address of the built worker; of this page's own origin. */
  readonly workerUrl: string
  readonly trust: TrustScript
  /** The worker could not be loaded or broke while starting. */
  readonly failed: () => void
  /** There is a worker but no relay in it for now; why, by code and in words. A later view says that it is back. */
  readonly unavailable: (code: string, message: string) => void
}

export interface BrowserWindow {
  /** Not started. */
  readonly client: WindowClient
  /** After `unavailable` with `in-use`: a person wants the relay in this tab. A view says that it came. */
  takeOver(): void
}

/** How long the browser may think about keeping our storage; it may be asking a person. */
const PERSIST_MS = 500

/** What this browser lacks, or null when a relay can run here. Plain http from elsewhere has neither locks nor crypto. */
export function missingHere(): Missing | null {
  if (!window.isSecureContext) return 'secure-origin'
  if (!('locks' in navigator)) return 'locks'
  if (!('SharedWorker' in window || 'Worker' in window)) return 'worker'
  return 'BroadcastChannel' in window ? null : 'broadcast-channel'
}

/**
 * Connects this page with the relay of its browser: in the SharedWorker of all windows; where the browser has none, in a
 * worker of this tab, and only one tab's relay runs at a time (`relay-lock.ts`).
 *
 * 1. The page holds a Web Lock of its own for as long as it lives and names it to the worker before anything else:
 *    a SharedWorker is never told that a page is gone, but it can wait for the lock.
 * 2. A page that is put away says so, and that what it shows is old; one that comes back from the back/forward cache loads
 *    anew, because its lock and port are gone.
 * 3. A worker sees neither screens nor the freezer: the page tells when it is looked at, stopped, or back on the network.
 * 4. The worker holds such a lock, too: when it is free, the page starts the worker anew (`worker-line.ts`).
 * 5. What a page shows that was away or stopped is drawn before the relay is heard: it is not called current until then.
 */
export async function openBrowserWindow(options: BrowserWindowOptions): Promise<BrowserWindow> {
  const { path } = options
  const lock = nameAt(path, `${WINDOW_LOCK_PREFIX}${v4()}`)
  await Promise.all([holdForLife(navigator.locks, lock), askToKeepStorage()])
  const clock = { monotonic: () => performance.now(), after }
  const line = new WorkerLine({
    connect: () => connect(options),
    locks: navigator.locks,
    clock,
    unavailable: options.unavailable,
    lost: () => client.doubt(),
    replaced() {
      introduce()
      tell(document.visibilityState)
      client.reopen()
    },
  })
  const introduce = (): void => line.post({ t: 'lock', name: lock })
  const tell = (word: PageWord): void => line.post({ t: 'page', word })
  introduce()
  const client: WindowClient = new WindowClient({
    port: line,
    bus: busHere(nameAt(path, BUS_NAME)),
    clock,
    random: { uuid: () => v7() },
    later: beforeNextFrame,
  })
  tellOfPage(tell, client)
  window.addEventListener('pagehide', () => client.close())
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload()
  })
  return { client, takeOver: () => line.post({ t: 'take' }) }
}

function connect({ workerUrl, trust, failed }: BrowserWindowOptions): MessagePort {
  if ('SharedWorker' in window) {
    const shared = new SharedWorker(trust(workerUrl), { type: 'module' })
    shared.addEventListener('error', failed)
    return shared.port
  }
  const own = new Worker(trust(workerUrl), { type: 'module' })
  own.addEventListener('error', failed)
  const { port1, port2 } = new MessageChannel()
  own.postMessage(null, [port2])
  return port1
}

/** `client` hears of it behind the relay, so that the view it asks for is of what the relay makes of the news. */
function tellOfPage(tell: (word: PageWord) => void, client: WindowClient): void {
  let hiddenAt: number | null = null
  const tellView = (): void => {
    tell(document.visibilityState)
    const now = performance.now()
    const wasAway = hiddenAt !== null && now - hiddenAt >= AWAY_MS
    hiddenAt = document.visibilityState === 'hidden' ? (hiddenAt ?? now) : null
    if (hiddenAt === null && wasAway) client.doubt()
  }
  tellView()
  document.addEventListener('visibilitychange', tellView)
  // What was told while the page was stopped waits in the port; the order stays.
  document.addEventListener('resume', () => {
    tell('resumed')
    client.doubt()
  })
  for (const word of ['online', 'offline'] as const) window.addEventListener(word, () => tell(word))
}

/**
 * Only a page may ask for storage that survives a full disk; the relay then looks what was decided (P1). A refusal or a
 * late answer is not this page's business: the relay warns.
 */
async function askToKeepStorage(): Promise<void> {
  const asked = navigator.storage.persist().catch(() => false)
  await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, PERSIST_MS))])
}

function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms)
  return () => clearTimeout(timer)
}
