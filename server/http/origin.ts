import type { PublicAddress } from '../core/public-address.ts'

/** Whose pages are this server's own. */
export interface OwnOrigins {
  /** Whether it speaks TLS itself. */
  readonly isTls: boolean
  /** Those the site named. */
  readonly origins: readonly string[]
  readonly publicUrl: PublicAddress | null
}

/** What a request says of where it comes from. */
export interface SaidOrigin {
  readonly origin?: string | undefined
  readonly host?: string | undefined
  /** Whose page a browser sends it for, as far as it tells (Fetch Metadata). */
  readonly 'sec-fetch-site'?: string | undefined
}

/**
 * Whether a page of this origin may use this server: the server's own pages, and those the site named. Pure; the HTTP half
 * and the upgrade of `/sync` both ask it (PROTOCOL G6).
 *
 * `origin` undefined is a client that is not a browser, a page of our own, or an image and the like of any page: browsers
 * send it with every upgrade, every request that is not a GET, and what scripts ask of others. `null` as text (sandboxed
 * frames, files) is nobody's own.
 */
export function originAllowed(said: SaidOrigin, { isTls, origins, publicUrl }: OwnOrigins): boolean {
  const { origin, host, 'sec-fetch-site': site } = said
  if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none'
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
