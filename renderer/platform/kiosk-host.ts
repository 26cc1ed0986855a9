import type { NoticeAvailability } from '../../relay/protocol/notices.ts'

/** How the port to the relay comes into the page: by a window message, because nothing else carries a port there. */
export const RELAY_PORT_WORD = 'andon-relay-port'

/**
 * What the kiosk's main process gives a window, and nothing else: `window.andonKiosk`, made by the preload. Absent in a
 * browser.
 */
export interface KioskHost {
  /** Asks for a port to the relay; the page then hears a `message` with `RELAY_PORT_WORD` and the port. */
  connect(): Promise<void>
  noticeAvailability(): Promise<NoticeAvailability>
  /** Returns the release. */
  watchNoticeAvailability(changed: (availability: NoticeAvailability) => void): () => void
  /** Whether a person could see this window; its page is told that it is visible, whatever stands on the screen. */
  isInSight(): Promise<boolean>
  /** Returns the release. */
  watchSight(changed: (isInSight: boolean) => void): () => void
  /** A person pressed the notification with this id; this window is in front by then. Returns the release. */
  alertPressed(pressed: (id: string) => void): () => void
}

declare global {
  interface Window {
    readonly andonKiosk?: KioskHost
  }
}

/** The kiosk under this page, or null in a browser. */
export function kioskHost(): KioskHost | null {
  return window.andonKiosk ?? null
}

/** The page's port to the relay. Rejects when main refuses. */
export async function relayPortOf(host: KioskHost): Promise<MessagePort> {
  const arrived = new Promise<MessagePort>((resolve) => {
    const heard = ({ data, source, ports: [port] }: MessageEvent<unknown>): void => {
      if (data !== RELAY_PORT_WORD || source !== window || port === undefined) return
      window.removeEventListener('message', heard)
      resolve(port)
    }
    window.addEventListener('message', heard)
  })
  await host.connect()
  return arrived
}

/** A finger on a device that is no kiosk: its system has a camera, and shows it. */
export function isPhone(): boolean {
  return kioskHost() === null && matchMedia('(pointer: coarse)').matches
}
