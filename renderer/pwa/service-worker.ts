/**
 * The service worker: opens the pages without a network, from one build at a time, and shows what must be seen although no
 * page is looked at. It holds no data of the floor; that is the relay's.
 *
 * 1. It never takes over by itself. A new one waits until a page says `SKIP_WAITING` (`restart.ts` decides when) or until
 *    the last page of the old build is gone; so no page finds the files of another build under its own unasked. The very
 *    first one takes in the page that brought it, so that a screen that is never reloaded hears of updates, too.
 * 2. Only its own list, navigations and letters are answered here. The API, the uplink and everything else pass by untouched.
 */
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'
import { fontSlice } from './kept-fonts.ts'
import { pressedNotification } from './notification-click.ts'
import type { ServiceWorkerScope } from './service-worker-scope.ts'

declare const self: ServiceWorkerScope

/** Addresses below which the server speaks for itself (`server/http/static-pages.ts`). */
const NOT_PAGES = /^\/(api|sync|assets|\.well-known|healthz|readyz|metrics)(\/|$)/

cleanupOutdatedCaches()
precacheAndRoute(self.andonPages)
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [NOT_PAGES] }))
registerRoute(
  ({ request, sameOrigin }) => sameOrigin && request.destination === 'font',
  ({ request }) => fontSlice(request, caches, fetch),
)

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('message', ({ data }) => {
  if (typeof data === 'object' && data !== null && 'type' in data && data.type === 'SKIP_WAITING') {
    void self.skipWaiting()
  }
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(pressedNotification(self.clients, event.notification.data))
})
