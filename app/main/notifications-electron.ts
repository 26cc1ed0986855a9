import type { Notification, NotificationConstructorOptions } from 'electron'
import type { Clock, Log } from '../../relay/ports.ts'
import type { Notice, NoticeAvailability, NoticeOutcome } from '../../relay/protocol/notices.ts'
import type { DaemonProbe } from './notifications-probe.ts'

/** How long the platform may take to say `show` or `failed`, milliseconds. */
export const SHOW_PATIENCE_MS = 5_000

/** Electron's notifications, as far as they are used. */
export interface ElectronNotifications {
  isSupported(): boolean
  create(options: NotificationConstructorOptions): Pick<Notification, 'on' | 'once' | 'show' | 'close'>
}

export interface ElectronNotifierOptions {
  readonly electron: ElectronNotifications
  /** Asked before every call into Electron; null where the platform never holds the caller (Windows, macOS). */
  readonly probe: DaemonProbe | null
  readonly clock: Pick<Clock, 'after'>
  readonly log: Log
}

/**
 * Native notifications of the main process. Nothing here waits for the platform; on Linux Electron is not touched, not
 * even to take a notification away, unless the daemon has just answered.
 */
export class ElectronNotifier {
  readonly #options: ElectronNotifierOptions
  /** Shown or about to be, by notice id. Held, because a notification that is collected loses its click. */
  readonly #shown = new Map<string, { native: ReturnType<ElectronNotifications['create']> | null }>()
  readonly #watchers = new Set<(availability: NoticeAvailability) => void>()
  readonly #clickers = new Set<(id: string) => void>()
  #availability: NoticeAvailability = 'unsupported'

  constructor(options: ElectronNotifierOptions) {
    this.#options = options
  }

  /** As it was at the last look. */
  get availability(): NoticeAvailability {
    return this.#availability
  }

  /** Looks now; `show` looks by itself. */
  async look(): Promise<NoticeAvailability> {
    const next = await this.#look()
    if (next !== this.#availability) {
      this.#availability = next
      for (const changed of this.#watchers) changed(next)
    }
    return next
  }

  watch(changed: (availability: NoticeAvailability) => void): () => void {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }

  clicked(opened: (id: string) => void): () => void {
    this.#clickers.add(opened)
    return () => this.#clickers.delete(opened)
  }

  async show(notice: Notice): Promise<NoticeOutcome> {
    const before = this.#shown.get(notice.id)
    const mine = { native: null as ReturnType<ElectronNotifications['create']> | null }
    this.#shown.set(notice.id, mine)
    const availability = await this.look()
    if (availability !== 'available' || this.#shown.get(notice.id) !== mine) {
      this.#forget(notice.id, mine)
      return 'suppressed'
    }
    before?.native?.close()
    const outcome = await this.#display(notice, mine)
    if (outcome === 'failed') this.#forget(notice.id, mine)
    return outcome
  }

  close(id: string): void {
    const shown = this.#shown.get(id)
    if (shown === undefined) return
    this.#shown.delete(id)
    // What is still on its way to the screen sees that it is not wanted any more.
    if (shown.native === null) return
    void this.look().then((availability) => {
      if (availability === 'available') shown.native?.close()
    })
  }

  #display(
    notice: Notice,
    mine: { native: ReturnType<ElectronNotifications['create']> | null },
  ): Promise<NoticeOutcome> {
    const { electron, clock, log } = this.#options
    const isCritical = notice.priority === 'P0'
    return new Promise((resolve) => {
      const settle = (outcome: NoticeOutcome, detail?: string): void => {
        cancel()
        if (outcome === 'failed') log('warn', 'notification-failed', { id: notice.id, detail })
        resolve(outcome)
      }
      const cancel = clock.after(SHOW_PATIENCE_MS, () => settle('failed', 'the platform said nothing'))
      try {
        const native = electron.create({
          title: notice.title,
          body: notice.body,
          silent: notice.silent,
          urgency: isCritical ? 'critical' : 'normal',
          timeoutType: isCritical ? 'never' : 'default',
        })
        mine.native = native
        native.once('show', () => settle('shown'))
        native.once('failed', (_event, detail) => settle('failed', detail))
        native.on('click', () => this.#clickers.forEach((opened) => opened(notice.id)))
        // A person put it away: the alert stays where it is.
        native.on('close', () => this.#forget(notice.id, mine))
        native.show()
      } catch (error) {
        settle('failed', error instanceof Error ? error.message : String(error))
      }
    })
  }

  async #look(): Promise<NoticeAvailability> {
    const { electron, probe, log } = this.#options
    if (probe !== null) {
      const daemon = await probe()
      if (daemon.kind === 'silent') {
        if (this.#availability !== 'no-daemon') log('warn', 'notification-daemon-silent', { ...daemon })
        return 'no-daemon'
      }
    }
    return electron.isSupported() ? 'available' : 'unsupported'
  }

  #forget(id: string, mine: object): void {
    if (this.#shown.get(id) === mine) this.#shown.delete(id)
  }
}
