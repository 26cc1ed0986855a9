/**
 * The part of a service worker's global scope that ours uses. TypeScript's own is in the library `webworker`, which cannot
 * be loaded beside `dom` in one project.
 */
import type { PrecacheEntry } from 'workbox-precaching'

export interface ServiceWorkerScope {
  /** What to keep, put in by the build (`build/pages.mjs`). */
  readonly andonPages: (PrecacheEntry | string)[]
  readonly clients: ClientList
  /** `scope`: `https://plant.example/andon/`. */
  readonly registration: { readonly scope: string }
  skipWaiting(): Promise<void>
  addEventListener(type: 'activate', listener: (event: ExtendableEvent) => void): void
  addEventListener(type: 'message', listener: (event: ExtendableEvent & MessageEvent<unknown>) => void): void
  addEventListener(type: 'notificationclick', listener: (event: NotificationClickEvent) => void): void
}

/** The browser keeps the worker alive until the work is done. */
export interface ExtendableEvent {
  waitUntil(work: Promise<unknown>): void
}

export interface NotificationClickEvent extends ExtendableEvent {
  readonly notification: Pick<Notification, 'close' | 'data'>
}

/** Pages of this origin. */
export interface ClientList {
  matchAll(options: { readonly type: 'window'; readonly includeUncontrolled: true }): Promise<readonly PageClient[]>
  claim(): Promise<void>
  openWindow(url: string): Promise<PageClient | null>
}

export interface PageClient {
  readonly url: string
  readonly focused: boolean
  readonly visibilityState: 'visible' | 'hidden'
  focus(): Promise<PageClient>
  postMessage(message: unknown): void
}
