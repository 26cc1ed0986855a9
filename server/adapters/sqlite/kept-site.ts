import type { StoreAdministration } from '../../ports/store-administration.ts'

type Site = Pick<StoreAdministration, 'areas' | 'addArea' | 'apiKeyByHash' | 'putApiKey'>

/** Keys that are kept: those of every program of a large site. */
const MAX_KEPT = 1_000

/**
 * What every request of a program asks of the site, kept in this thread: another one is dearer than the answer. The file has one
 * user, and all of its changes go through here, so what is kept is what is stored. No key, and no answer, is never kept.
 */
export function keepSite(site: Site): Site {
  const keys = new Map<string, ReturnType<Site['apiKeyByHash']>>()
  let areas: ReturnType<Site['areas']> | null = null
  return {
    areas() {
      if (areas !== null) return areas
      const asked = site.areas()
      areas = asked
      asked.catch(() => {
        if (areas === asked) areas = null
      })
      return asked
    },
    async addArea(area) {
      await site.addArea(area)
      areas = null
    },
    apiKeyByHash(hash) {
      const known = keys.get(hash)
      if (known !== undefined) return known
      const asked = site.apiKeyByHash(hash)
      keys.set(hash, asked)
      for (const oldest of keys.keys()) {
        if (keys.size <= MAX_KEPT) break
        keys.delete(oldest)
      }
      const forget = (): void => {
        if (keys.get(hash) === asked) keys.delete(hash)
      }
      asked.then((row) => (row === null ? forget() : undefined), forget)
      return asked
    },
    async putApiKey(row) {
      await site.putApiKey(row)
      keys.clear()
    },
  }
}
