/** `andon/relay/page`: a page's end of the relay of its browser (docs/portal.md). */
import { trustScripts } from '../adapters/browser-scripts.ts'
import { missingHere, openBrowserWindow, type BrowserWindow } from '../adapters/browser-window.ts'

export { channelName } from '../protocol/channels.ts'

export interface PageOptions {
  /** The server's base, of this page's origin, as the worker names it: what both share is called by its path. */
  readonly serverUrl: string
  /** Address of the built worker, which calls `serveWindows` of `andon/relay/worker`. */
  readonly workerUrl: string
  /**
   * There is no relay for now: why, by code (`worker-failed`, or as
   * `WorkerNotice` has it) and in words. A later view of the client says that it is back.
   */
  readonly unavailable: (code: string, message: string) => void
}

/** Connects this page with the relay of its browser, once per page. The client is not started. Rejects where it cannot be. */
export function openWindow({ serverUrl, workerUrl, unavailable }: PageOptions): Promise<BrowserWindow> {
  const missing = missingHere()
  if (missing !== null) return Promise.reject(new Error(`a relay cannot run in this browser: ${missing} is missing`))
  return openBrowserWindow({
    path: new URL(serverUrl, location.href).pathname,
    workerUrl,
    trust: trustScripts([workerUrl]),
    failed: () => unavailable('worker-failed', 'The worker of this page could not be loaded.'),
    unavailable,
  })
}
