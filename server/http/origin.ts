/**
 * Whether a page of this origin may use this server: the server's own pages, and those the site named. Pure; the HTTP half
 * and the upgrade of `/sync` both ask it (PROTOCOL G6).
 *
 * `origin` undefined is a client that is not a browser: browsers send it with every upgrade and every request that is not a
 * GET. `null` as text (sandboxed frames, files) is nobody's own.
 */
export function originAllowed(
  origin: string | undefined,
  hostHeader: string | undefined,
  isTls: boolean,
  extraOrigins: readonly string[],
): boolean {
  if (origin === undefined) return true
  const asked = normalized(origin)
  if (asked === null) return false
  if (hostHeader !== undefined && asked === normalized(`${isTls ? 'https' : 'http'}://${hostHeader}`)) return true
  return extraOrigins.some((extra) => normalized(extra) === asked)
}

/** Lower case, without the scheme's default port; null for what is not scheme and host. */
function normalized(origin: string): string | null {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s@]+$/i.test(origin)) return null
  const url = URL.parse(origin)
  return url === null ? null : `${url.protocol}//${url.host}`.toLowerCase()
}
