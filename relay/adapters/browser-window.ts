import { v4, v7 } from 'uuid'
import { BUS_NAME, type BusMessage, type PortMessage } from '../protocol/local.ts'
import { WindowClient, type RelayPort } from '../window.ts'
import { WINDOW_LOCK_PREFIX, type WorkerNotice } from './window-seat.ts'

/** Why a relay cannot run here. The page says what to do about it. */
export type Missing = 'secure-origin' | 'shared-worker' | 'locks' | 'broadcast-channel'

export interface BrowserWindowOptions {
  /** Address of the built SharedWorker; of this page's own origin. */
  readonly workerUrl: string
  /** The worker could not be loaded or broke while starting. */
  readonly failed: () => void
  /** There is a worker but no relay in it for now; why, by code and in words. A later view says that it is back. */
  readonly unavailable: (code: string, message: string) => void
}

/** How long the browser may think about keeping our storage; it may be asking a person. */
const PERSIST_MS = 500

/** What this browser lacks, or null when a relay can run here. Plain http from elsewhere has neither locks nor crypto. */
export function missingHere(): Missing | null {
  if (!window.isSecureContext) return 'secure-origin'
  if (!('SharedWorker' in window)) return 'shared-worker'
  if (!('locks' in navigator)) return 'locks'
  return 'BroadcastChannel' in window ? null : 'broadcast-channel'
}

/**
 * Connects this page with the relay in the SharedWorker and returns its client, not started.
 *
 * 1. The page holds a Web Lock of its own for as long as it lives and names it to the worker before anything else:
 *    a SharedWorker is never told that a page is gone, but it can wait for the lock.
 * 2. A page that is put away says so; one that comes back from the back/forward cache loads anew, because its lock
 *    and port are gone and its model is old.
 */
export async function openBrowserWindow({
  workerUrl,
  failed,
  unavailable,
}: BrowserWindowOptions): Promise<WindowClient> {
  const lock = `${WINDOW_LOCK_PREFIX}${v4()}`
  await Promise.all([holdForLife(lock), askToKeepStorage()])
  const worker = new SharedWorker(trustedWorkerUrl(workerUrl), { type: 'module' })
  worker.addEventListener('error', failed)
  worker.port.start()
  worker.port.postMessage({ t: 'lock', name: lock })
  const client = new WindowClient({
    port: portOf(worker.port, unavailable),
    bus: { listen: listenToBus },
    clock: { monotonic: () => performance.now(), after },
    random: { uuid: () => v7() },
  })
  window.addEventListener('pagehide', () => client.close())
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload()
  })
  return client
}

/** Resolves once the lock is held; it is let go when the page dies, and only then. */
function holdForLife(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const forever = new Promise<never>(() => undefined)
    navigator.locks
      .request(name, () => {
        resolve()
        return forever
      })
      .catch(reject)
  })
}

/**
 * Only a page may ask for storage that survives a full disk; the relay then looks what was decided (P1). A refusal or a
 * late answer is not this page's business: the relay warns.
 */
async function askToKeepStorage(): Promise<void> {
  const asked = navigator.storage.persist().catch(() => false)
  await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, PERSIST_MS))])
}

function portOf(port: MessagePort, unavailable: BrowserWindowOptions['unavailable']): RelayPort {
  return {
    post: (message) => port.postMessage(message),
    listen(heard) {
      // The relay of this origin is the only one at the other end.
      const received = (event: MessageEvent): void => {
        const message = event.data as PortMessage | WorkerNotice
        if (message.t === 'unavailable') unavailable(message.code, message.message)
        else heard(message)
      }
      port.addEventListener('message', received)
      return () => port.removeEventListener('message', received)
    },
    close: () => port.close(),
  }
}

function listenToBus(heard: (message: BusMessage) => void): () => void {
  const bus = new BroadcastChannel(BUS_NAME)
  bus.addEventListener('message', (event) => heard(event.data as BusMessage))
  return () => bus.close()
}

function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms)
  return () => clearTimeout(timer)
}

/** TypeScript's DOM has no Trusted Types yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): object }
}

/**
 * The page's one Trusted Types policy (CSP `trusted-types kiosk`): it lets exactly the relay's script through. Browsers
 * without Trusted Types take the address as it is.
 */
function trustedWorkerUrl(url: string): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes }
  if (trustedTypes === undefined) return url
  const policy = trustedTypes.createPolicy('kiosk', {
    createScriptURL(wanted) {
      if (wanted !== url || new URL(wanted, location.href).origin !== location.origin) {
        throw new TypeError('only the relay of this origin may run as a worker')
      }
      return wanted
    },
  })
  // SharedWorker takes a TrustedScriptURL where the DOM types say string.
  return policy.createScriptURL(url) as unknown as string
}
