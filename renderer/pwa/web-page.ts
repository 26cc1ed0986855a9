import { trustScripts, type TrustScript } from '../../relay/adapters/browser-scripts.ts'
import { openBrowserWindow, type BrowserWindow } from '../../relay/adapters/browser-window.ts'
import type { WindowClient } from '../../relay/window.ts'
import type { App } from '../state/app.ts'
import { startUpdates, type PageUpdates } from './start-updates.ts'

export interface WebPageEvents {
  /** The worker could not be loaded or broke while starting. */
  readonly failed: () => void
  /** There is no relay for now; why, by code and in words. */
  readonly unavailable: (code: string, message: string) => void
}

/** A page in a browser: its way to the relay, and what keeps it up to date. Nothing of it exists in Electron. */
export class WebPage {
  readonly #workerUrl: string
  readonly #path: string
  readonly #trust: TrustScript
  readonly #updates: PageUpdates
  #window: BrowserWindow | null = null

  /**
   * @param workerUrl address of the built worker
   * @param path where the pages of this floor stand
   */
  constructor(workerUrl: string, path: string) {
    this.#workerUrl = workerUrl
    this.#path = path
    // Beside the pages, so that all of them are its own, and no other floor's.
    const serviceWorkerUrl = `${path}sw.js`
    this.#trust = trustScripts([workerUrl, serviceWorkerUrl])
    this.#updates = startUpdates(path, () => this.#trust(serviceWorkerUrl))
  }

  /** The client of this page's relay, not started. Rejects where the browser refuses locks or workers. */
  async connect(events: WebPageEvents): Promise<WindowClient> {
    const failed = (): void => {
      events.failed()
      this.#updates.stuck()
    }
    const options = {
      path: this.#path,
      workerUrl: this.#workerUrl,
      trust: this.#trust,
      unavailable: events.unavailable,
      failed,
    }
    try {
      this.#window = await openBrowserWindow(options)
    } catch (cause) {
      this.#updates.stuck()
      throw cause
    }
    return this.#window.client
  }

  /** There are screens now. */
  opened(app: App): void {
    this.#updates.attach(app)
  }

  /** Another tab has the relay, and a person wants it in this one. */
  takeOver(): void {
    this.#window?.takeOver()
  }
}
