import type { PublicAddress } from '../core/public-address.ts'

/** Whose pages are this server's own. */
export interface OwnOrigins {
  /** Whether it speaks TLS itself. */
  readonly isTls: boolean
  /** Those the site named. */
  readonly origins: readonly string[]
  readonly publicUrl: PublicAddress | null
}

/**
 * Whether a page of this origin may use this server: the server's own pages, and those the site named. Pure; the HTTP half
 * and the upgrade of `/sync` both ask it (PROTOCOL G6).
 *
 * `origin` undefined is a client that is not a browser: browsers send it with every upgrade and every request that is not a
 * GET. `null` as text (sandboxed frames, files) is nobody's own.
 */
export function originAllowed(
  { origin, host }: { readonly origin?: string | undefined; readonly host?: string | undefined },
  { isTls, origins, publicUrl }: OwnOrigins,
): boolean {
  if (origin === undefined) return true
  const asked = normalized(origin)
  if (asked === null) return false
  if (publicUrl !== null && asked === publicUrl.origin) return true
  return asked === ofHost(host, { isTls, publicUrl }) || origins.some((extra) => normalized(extra) === asked)
}

/**
 * The origin of a page that came by this `Host`; null by the public one, which is asked for in its own scheme only: on plain
 * HTTP whoever is on the way can make a page of that name.
 */
function ofHost(host: string | undefined, { isTls, publicUrl }: Omit<OwnOrigins, 'origins'>): string | null {
  if (host === undefined) return null
  if (publicUrl !== null && normalized(`${new URL(publicUrl.origin).protocol}//${host}`) === publicUrl.origin)
    return null
  return normalized(`${isTls ? 'https' : 'http'}://${host}`)
}

/** Lower case, without the scheme's default port; null for what is not scheme and host. */
function normalized(origin: string): string | null {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s@]+$/i.test(origin)) return null
  const url = URL.parse(origin)
  return url === null ? null : `${url.protocol}//${url.host}`.toLowerCase()
}
