/**
 * The service worker: opens the pages without a network, from one build at a time, and shows what must be seen although no
 * page is looked at. It holds no data of the floor; that is the relay's.
 *
 * 1. It never takes over by itself. A new one waits until a page says `SKIP_WAITING` (`updates.ts` decides when) or until
 *    the last page of the old build is gone; so no page finds the files of another build under its own unasked. The very
 *    first one takes in the page that brought it, so that a screen that is never reloaded hears of updates, too; and a page
 *    that it missed, because it was still being loaded then, says `CLAIM`.
 * 2. Only its own list, the page itself and letters are answered here. The API, the uplink, the pages of other floors and
 *    everything else pass by untouched.
 */
import { cacheNames } from 'workbox-core'
import { createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { registerRoute } from 'workbox-routing'
import { nameAt } from '../../relay/protocol/local.ts'
import { FONT_CACHE, fontSlice } from './kept-fonts.ts'
import { pressedNotification } from './notification-click.ts'
import { isPage, outdatedCaches } from './own-scope.ts'
import type { ServiceWorkerScope } from './service-worker-scope.ts'

declare const self: ServiceWorkerScope

const { scope } = self.registration
const { pathname } = new URL(scope)

precacheAndRoute(self.andonPages)
// Whatever else somebody navigates to is the server's, or another floor's below this one.
registerRoute(
  ({ request, url }) => request.mode === 'navigate' && isPage(url, scope),
  createHandlerBoundToURL('index.html'),
)
registerRoute(
  ({ request, sameOrigin }) => sameOrigin && request.destination === 'font',
  ({ request }) => fontSlice(request, () => caches.open(nameAt(pathname, FONT_CACHE)), fetch),
)

self.addEventListener('activate', (event) => event.waitUntil(Promise.all([self.clients.claim(), dropOutdated()])))

/** What an older Workbox kept under another name. */
async function dropOutdated(): Promise<void> {
  for (const name of outdatedCaches(await caches.keys(), scope, cacheNames.precache)) await caches.delete(name)
}

self.addEventListener('message', (event) => {
  const { data } = event
  if (typeof data !== 'object' || data === null || !('type' in data)) return
  if (data.type === 'SKIP_WAITING') void self.skipWaiting()
  if (data.type === 'CLAIM') event.waitUntil(self.clients.claim())
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(pressedNotification(self.clients, { scope, data: event.notification.data }))
})
