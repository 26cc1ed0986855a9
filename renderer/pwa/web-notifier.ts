import type { Notice, NoticeAvailability, NoticeOutcome } from '../../relay/protocol/notices.ts'
import type { Notifier } from '../platform/notifier.ts'
import { idIn } from './notification-click.ts'

/** Beside the page. */
const ICON = 'icons/icon-192.png'
/** Of which Android shows the shape alone, in its status bar. */
const BADGE = 'icons/badge-96.png'

/**
 * How long a notification waits for the service worker, milliseconds: on a first visit it is still being installed, with
 * everything it keeps. Later than that the overlay has long said it.
 */
export const WORKER_WAIT_MS = 20_000

/** `Notification` of the page; the parts that decide. */
interface Permissions {
  readonly permission: NotificationPermission
  requestPermission(): Promise<NotificationPermission>
}

export interface WebNotifierOptions {
  readonly container: Pick<ServiceWorkerContainer, 'ready' | 'getRegistration' | 'addEventListener'>
  readonly notifications: Permissions
  /** Tells of every change of the permission, also by the browser's own menus. */
  readonly permissions: Pick<globalThis.Permissions, 'query'>
  /** Milliseconds; `WORKER_WAIT_MS` where left out. */
  readonly workerWaitMs?: number
}

/** What this browser has for notifications, or null where it has none (iOS before the page is on the home screen). */
export function notificationsHere(): WebNotifierOptions | null {
  if (!('serviceWorker' in navigator && 'Notification' in window && 'permissions' in navigator)) return null
  return { container: navigator.serviceWorker, notifications: Notification, permissions: navigator.permissions }
}

/**
 * Notifications by the service worker, which alone may show them on phones, and outlives the page that asked. One per
 * notice, by its id as `tag`: two windows that show the same alert make one.
 */
export function webNotifier(options: WebNotifierOptions): Notifier {
  const { container, notifications, permissions, workerWaitMs = WORKER_WAIT_MS } = options
  const watchers = new Set<(availability: NoticeAvailability) => void>()
  /** Notices that wait for the service worker, by id: those of the last `workerWaitMs`. */
  const waiting = new Map<string, Notice>()
  const availability = (): NoticeAvailability => availabilityOf(notifications.permission)
  const tell = (): void => {
    for (const changed of watchers) changed(availability())
  }
  // Where permissions cannot be watched, `ask` still tells.
  permissions.query({ name: 'notifications' }).then(
    (status) => status.addEventListener('change', tell),
    () => undefined,
  )
  return {
    get availability() {
      return availability()
    },
    watch(changed) {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
    async ask() {
      try {
        await notifications.requestPermission()
      } catch {
        // A browser that refuses to ask has decided; the permission says what.
      }
      tell()
      return availability()
    },
    clicked(opened) {
      const release = new AbortController()
      const heard = ({ data }: MessageEvent<unknown>): void => {
        const id = idIn(data)
        if (id !== null) opened(id)
      }
      container.addEventListener('message', heard as EventListener, { signal: release.signal })
      return () => release.abort()
    },
    async show(notice) {
      if (availability() !== 'available') return 'suppressed'
      waiting.set(notice.id, notice)
      try {
        const registration = await readyWithin(container, workerWaitMs)
        // Taken away or replaced before it could be shown.
        if (waiting.get(notice.id) !== notice) return 'suppressed'
        return await shown(registration, notice)
      } catch {
        return 'failed' // the system behind the browser refused it; the overlay is on the screen all the same
      } finally {
        if (waiting.get(notice.id) === notice) waiting.delete(notice.id)
      }
    },
    close(id) {
      waiting.delete(id)
      void take(container, id)
    },
  }
}

function availabilityOf(permission: NotificationPermission): NoticeAvailability {
  if (permission === 'granted') return 'available'
  return permission === 'denied' ? 'denied' : 'not-asked'
}

/** The registration once its worker may show something; null when that takes longer than `ms`. */
async function readyWithin(
  container: WebNotifierOptions['container'],
  ms: number,
): Promise<ServiceWorkerRegistration | null> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ms)))
  try {
    return await Promise.race([container.ready, late])
  } finally {
    clearTimeout(timer)
  }
}

async function shown(registration: ServiceWorkerRegistration | null, notice: Notice): Promise<NoticeOutcome> {
  if (registration === null) return 'failed'
  const { id, title, body, priority, silent } = notice
  await registration.showNotification(title, {
    body,
    tag: id,
    data: { id },
    icon: ICON,
    badge: BADGE,
    requireInteraction: priority === 'P0',
    silent,
  })
  return 'shown'
}

/** A notification that cannot be found is not shown any more, which is what was wanted. */
async function take(container: WebNotifierOptions['container'], id: string): Promise<void> {
  try {
    const registration = await container.getRegistration()
    for (const notification of (await registration?.getNotifications({ tag: id })) ?? []) notification.close()
  } catch {
    // The browser ends the registration with the page's data; there is nothing left to take away.
  }
}
