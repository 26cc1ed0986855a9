/** What belongs to the service worker of one floor, where its origin has others above, below and beside it. Pure. */

/** Whether this is the address of the floor's one page, whatever query or fragment is behind it. */
export function isPage({ origin, pathname }: URL, scope: string): boolean {
  const place = origin + pathname
  return place === scope || place === `${scope}index.html`
}

/**
 * Caches of this floor's pages that Workbox does not use any more. Its own `cleanupOutdatedCaches` looks for the scope anywhere
 * in the name, and so the floor at the root deletes what those below it keep. `current`: the name that it uses now.
 */
export function outdatedCaches(names: readonly string[], scope: string, current: string): string[] {
  return names.filter((name) => name.includes('-precache-') && name.endsWith(`-${scope}`) && name !== current)
}
