/** Name of the cache of a floor at the root. */
export const FONT_CACHE = 'andon-fonts'
/** More slices than the Korean font has, so that those of a build before are pushed out and nothing grows. */
const MAX_SLICES = 160

/**
 * A slice of the bundled font: too many to fetch beforehand, so each is kept from the first time it is needed, and a person
 * reads the same letters without a network. Names of slices carry their hash: what is kept is never old.
 */
export async function fontSlice(
  request: Request,
  open: () => Promise<Cache>,
  fetched: (request: Request) => Promise<Response>,
): Promise<Response> {
  const cache = await open()
  const kept = await cache.match(request)
  if (kept !== undefined) return kept
  const response = await fetched(request)
  if (response.ok) await keep(cache, request, response.clone())
  return response
}

async function keep(cache: Cache, request: Request, response: Response): Promise<void> {
  try {
    const [oldest, ...others] = await cache.keys()
    if (oldest !== undefined && others.length + 1 >= MAX_SLICES) await cache.delete(oldest)
    await cache.put(request, response)
  } catch {
    // A full disk: the letters are shown all the same, and asked for again the next time.
  }
}
