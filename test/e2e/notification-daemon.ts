import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SessionBus, whyNotInstalled } from './session-bus.ts'

const NAME = 'org.freedesktop.Notifications'
const PATH = '/org/freedesktop/Notifications'

/** A notification as the daemon put it on the screen. */
export interface ShownNotification {
  /** The daemon's own. */
  readonly id: number
  readonly urgency: string
  /** Until it goes away by itself, milliseconds; 0: it stays. */
  readonly timeoutMs: number
  readonly title: string
}

/** Run by dunst for each notification that it shows; one line each. */
const SAY = `#!/bin/sh
printf '%s\\t%s\\t%s\\t%s\\n' "$DUNST_ID" "$DUNST_URGENCY" "$DUNST_TIMEOUT" "$DUNST_SUMMARY"
`

/**
 * By itself dunst keeps a critical notification for good unless it is told otherwise. Here it does not, so that one stays only
 * because the kiosk asked for that.
 */
const settings = (say: string): string => `
[urgency_critical]
    timeout = 10
[every]
    script = ${say}
`

/** Why there can be none here; null where there can. */
export function whyNoNotificationDaemon(): string | null {
  return whyNotInstalled(['dunst', 'dunstctl'])
}

/** The notification daemon of a desktop (dunst) on a session bus of its own. */
export class NotificationDaemon {
  /** Everything it has shown so far, oldest first. */
  readonly shown: readonly ShownNotification[]
  /** For the kiosk: where it finds the bus. */
  readonly env: SessionBus['env']
  readonly #bus: SessionBus

  private constructor(bus: SessionBus, shown: readonly ShownNotification[]) {
    this.#bus = bus
    this.env = bus.env
    this.shown = shown
  }

  static async start(folder: string): Promise<NotificationDaemon> {
    mkdirSync(folder)
    chmodSync(folder, 0o755)
    const say = join(folder, 'say')
    const rc = join(folder, 'dunstrc')
    writeFileSync(say, SAY)
    chmodSync(say, 0o755)
    writeFileSync(rc, settings(say))
    const shown: ShownNotification[] = []
    const bus = await SessionBus.start({
      folder: join(folder, 'home'),
      command: `dunst -conf '${rc}'`,
      name: NAME,
      onLine(line) {
        const [id, urgency, timeout, title] = line.split('\t')
        if (id === undefined || urgency === undefined || timeout === undefined || title === undefined) return // dunst's own words
        shown.push({ id: Number(id), urgency, timeoutMs: Number(timeout), title })
      },
    })
    return new NotificationDaemon(bus, shown)
  }

  /** How many stand on the screen now. */
  async standing(): Promise<number> {
    return Number(await this.#bus.ask('dunstctl', 'count', 'displayed'))
  }

  /**
   * Does what a person's press does: the default action, and then it goes, as the specification of notifications says. It must
   * be the oldest of those that stand: dunst 1.9 refuses to count any further.
   */
  async press({ id }: ShownNotification): Promise<void> {
    await this.#bus.ask('dunstctl', 'action')
    await this.#bus.ask(
      'dbus-send',
      '--print-reply',
      `--dest=${NAME}`,
      PATH,
      `${NAME}.CloseNotification`,
      `uint32:${id}`,
    )
  }

  stop(): Promise<void> {
    return this.#bus.stop()
  }
}
