import type { DeviceId } from '../protocol/ids.ts'

/** How long a loss is told, milliseconds: until everybody who works here has come by once. */
const TOLD_MS = 7 * 24 * 3_600_000
/** A request that nobody makes; the answer to it is the mark. */
const MARK = 'https://andon.invalid/device'

interface Mark {
  readonly device: DeviceId
  /** When the databases were found empty, this device's clock; null while they never were. */
  readonly lostAt: number | null
}

/**
 * Whether this browser has thrown away what was stored here, within the last week. Chromium does so with all databases of a
 * site when it cannot open one, as on a disk that is full; the key of this device goes with the rest, and nothing in what is
 * new tells that there was anything before. So who this device is stands in the caches as well, which are kept apart. Who
 * clears the site's data by hand clears both, and knows.
 *
 * Never rejects: where there is no room for the mark, the loss is not noticed.
 */
export async function wasEmptied(
  device: DeviceId,
  { caches, name, now }: { readonly caches: CacheStorage; readonly name: string; readonly now: number },
): Promise<boolean> {
  try {
    const cache = await caches.open(name)
    const kept = readMark(await (await cache.match(MARK))?.json())
    const isOther = kept !== null && kept.device !== device
    const lostAt = isOther ? now : (kept?.lostAt ?? null)
    if (kept === null || isOther) await cache.put(MARK, Response.json({ device, lostAt } satisfies Mark))
    return lostAt !== null && Math.abs(now - lostAt) < TOLD_MS
  } catch {
    return false
  }
}

function readMark(value: unknown): Mark | null {
  return typeof value === 'object' && value !== null && 'device' in value && 'lostAt' in value ? (value as Mark) : null
}
