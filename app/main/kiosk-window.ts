import { BrowserWindow, MessageChannelMain, type BrowserWindowConstructorOptions, type Rectangle } from 'electron'
import type { Session } from 'electron'
import type { Clock, Log } from '../../relay/ports.ts'
import { TOLD } from '../ipc/channels.ts'
import { isOurs, START_PAGE } from './page-files.ts'
import type { Guest, RelayHost } from './relay-host.ts'
import { revive, UNHURT } from './revival.ts'

/** How often a page is asked whether it lives, milliseconds, and how many questions it may leave unanswered. */
const PING_MS = 5_000
const MISSED_PINGS = 3
/** Chromium's `ERR_ABORTED`: a load that another one replaced, which is no failure. */
const ABORTED = -3
/** Crashes in a row after which what the window showed is suspected, and it begins at the start page. */
const SUSPECT_AFTER = 3

export interface KioskWindowOptions {
  readonly session: Session
  readonly preload: string
  readonly bounds: Rectangle
  /** A whole locked screen, which nobody but the program closes; otherwise an ordinary window. */
  readonly isLocked: boolean
  /** Whether the program is about to end, and its windows with it. */
  readonly isEnding: () => boolean
  readonly isPackaged: boolean
  readonly host: Pick<RelayHost, 'admit'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * One window of the kiosk: the only place that makes one. A page that crashed, hangs or closed itself is loaded again with
 * growing pauses; main and the other windows go on.
 */
export class KioskWindow {
  #window: BrowserWindow
  readonly #options: KioskWindowOptions
  #guest: Guest | null = null
  #revival = UNHURT
  /** What the page shows, so that one that is loaded again comes back to it. */
  #address = START_PAGE
  #missedPings = 0
  /** Pending reload; null when none is. */
  #cancelReload: (() => void) | null = null
  #cancelPing: () => void = () => undefined

  constructor(options: KioskWindowOptions) {
    this.#options = options
    this.#window = new BrowserWindow(windowOptions(options))
  }

  /** What stands on the screen now; another one after a page closed it. */
  get window(): BrowserWindow {
    return this.#window
  }

  open(): void {
    this.#watch()
    this.#load()
    this.#ping()
  }

  /** Whether a person could see it. */
  get isInSight(): boolean {
    return this.window.isVisible() && !this.window.isMinimized()
  }

  /** The page asks for its port; a page that was reloaded gets a new one. */
  connect(): void {
    this.#leave()
    const { port1, port2 } = new MessageChannelMain()
    this.#missedPings = 0
    this.#guest = this.#options.host.admit(port1, { pong: () => (this.#missedPings = 0) })
    this.window.webContents.postMessage(TOLD.relayPort, null, [port2])
  }

  /** Tells the page; nothing while there is none. */
  tell(channel: string, value: unknown): void {
    if (!this.window.isDestroyed()) this.window.webContents.send(channel, value)
  }

  /** In front of everything, with the keyboard. */
  raise(): void {
    if (this.window.isMinimized()) this.window.restore()
    this.window.show()
    this.window.moveTop()
    this.window.focus()
  }

  #watch(): void {
    const window = this.#window
    const { webContents } = window
    window.once('ready-to-show', () => window.show())
    this.#tellSight(window)
    this.#guardClosing(window)
    webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      this.#options.log('error', 'window-gone', { window: window.id, reason, exitCode })
      this.#leave()
      this.#reload()
    })
    webContents.on('unresponsive', () => this.#hangs('unresponsive'))
    webContents.on('did-fail-load', (_event, code, _words, url, isMainFrame) => {
      if (!isMainFrame || code === ABORTED) return
      this.#options.log('error', 'window-load-failed', { window: window.id, code, url })
      this.#reload()
    })
    webContents.on('did-navigate-in-page', (_event, url, isMainFrame) => {
      if (isMainFrame && isOurs(url)) this.#address = url
    })
  }

  /** Chromium calls a page visible that is not throttled in the background. */
  #tellSight(window: BrowserWindow): void {
    const changed = (): void => {
      if (window === this.#window) this.tell(TOLD.sight, this.isInSight)
    }
    window.on('show', changed)
    window.on('hide', changed)
    window.on('minimize', changed)
    window.on('restore', changed)
  }

  /**
   * A page may not close its window, and `window.close()` cannot be refused: the window is gone whatever is said. But the
   * contents tell of it before they go, and only a person or the program makes the window itself ask first.
   */
  #guardClosing(window: BrowserWindow): void {
    const { isLocked, isEnding, log } = this.#options
    let isAsked = false
    window.on('close', (event) => {
      if (isLocked && !isEnding()) event.preventDefault()
      else isAsked = true
    })
    // Not in every version's types. The window that takes its place is made while it still stands: a kiosk without any ends.
    const contents: NodeJS.EventEmitter = window.webContents
    contents.on('close', () => {
      if (isAsked || isEnding()) return
      log('error', 'window-closed-itself', { window: window.id })
      this.#leave()
      this.#window = new BrowserWindow(windowOptions(this.#options))
      this.#watch()
      // Its page is loaded, and so shown, once the old one is gone: nobody is to see both.
      window.once('closed', () => this.#reload())
    })
    window.on('closed', () => {
      if (window === this.#window) this.#ended()
    })
  }

  #load(): void {
    // A failure also comes as `did-fail-load`, which decides.
    const url = this.#revival.failures > SUSPECT_AFTER ? START_PAGE : this.#address
    this.window.loadURL(url).catch(() => undefined)
  }

  #reload(): void {
    if (this.#cancelReload !== null) return
    const { clock, log } = this.#options
    const { revival, waitMs } = revive(this.#revival, clock.monotonic())
    this.#revival = revival
    log('warn', 'window-reloads', { window: this.window.id, waitMs, failures: revival.failures })
    this.#cancelReload = clock.after(waitMs, () => {
      this.#cancelReload = null
      if (!this.window.isDestroyed()) this.#load()
    })
  }

  /** A page that hangs shows old alerts as if they were all: better none for a second, and then the truth. */
  #hangs(why: 'unresponsive' | 'silent'): void {
    const { webContents } = this.window
    if (webContents.isDevToolsOpened()) return // somebody holds it at a breakpoint
    this.#options.log('error', 'window-hangs', { window: this.window.id, why })
    this.#missedPings = 0
    webContents.forcefullyCrashRenderer() // `render-process-gone` goes on from here
  }

  /** Nobody needs to touch a window that hangs for it to be noticed; Chromium's own watch waits for a touch. */
  #ping(): void {
    this.#cancelPing = this.#options.clock.after(PING_MS, () => {
      this.#ping()
      if (this.#guest === null) return
      if (this.#missedPings >= MISSED_PINGS) return this.#hangs('silent')
      this.#missedPings += 1
      this.#guest.ping()
    })
  }

  #leave(): void {
    const guest = this.#guest
    this.#guest = null
    guest?.leave()
  }

  #ended(): void {
    this.#cancelPing()
    this.#cancelReload?.()
    this.#leave()
  }
}

function windowOptions(options: KioskWindowOptions): BrowserWindowConstructorOptions {
  const { session, preload, bounds, isLocked, isPackaged } = options
  const lock = {
    kiosk: true,
    fullscreen: true,
    frame: false,
    minimizable: false,
    closable: false,
    movable: false,
  } as const
  return {
    ...bounds,
    title: 'Andon',
    // Painted before the page is: no white flash in a dark hall.
    backgroundColor: '#1B1E22',
    autoHideMenuBar: true,
    roundedCorners: false,
    show: false,
    ...(isLocked && lock),
    webPreferences: {
      preload,
      session,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      plugins: false,
      navigateOnDragDrop: false,
      disableDialogs: true,
      safeDialogs: true,
      spellcheck: false,
      devTools: !isPackaged,
      // The alarm sounds before anybody has touched the screen.
      autoplayPolicy: 'no-user-gesture-required',
      // A covered window still carries the bus and counts the age of what it shows.
      backgroundThrottling: false,
    },
  }
}
