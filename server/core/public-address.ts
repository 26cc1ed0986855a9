/** Where people and pages find this server: `--public-url`. Pure. */

/** `https://plant.example/andon`, taken apart. */
export interface PublicAddress {
  /** As a page of it says in `Origin`: scheme, host, and a port that is not the scheme's own. */
  readonly origin: string
  /** Name, port, and brackets as a browser writes them into `Host`. */
  readonly host: string
  /** `/andon`, or nothing where Andon has the whole address. */
  readonly basePath: string
}

/**
 * What the server itself has below its base. A base that begins with one of these could not be told from it, because programs
 * may leave the base out.
 */
const OWN_ROOTS = ['api', 'sync', 'assets', 'icons', '.well-known', 'healthz', 'readyz', 'metrics']

/** Why this is no public address, as the end of a sentence that begins with the setting's name; or the address. */
export function parsePublicUrl(text: string): PublicAddress | string {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || !/^https?:\/\/[^/\\]/i.test(text))
    return 'must be an address like https://plant.example/andon'
  // The password is not repeated: a sentence about it stands in a log.
  if (
    text
      .slice(text.indexOf('//') + 2)
      .split('/', 1)[0]
      ?.includes('@') === true
  )
    return 'must have no name or password in it'
  if (text.includes('?')) return 'must have no query (what follows "?")'
  if (text.includes('#')) return 'must have no fragment (what follows "#")'
  const basePath = text.replace(/^\w+:\/\/[^/]*/, '').replace(/\/$/, '')
  // What a browser would write otherwise (`..`, `%61`, `//`, a blank) is two addresses for one floor, or another one.
  if (!/^(\/[\w.~-]+)*$/.test(basePath) || url.pathname.replace(/\/$/, '') !== basePath)
    return 'must have a path of letters, digits, "-", ".", "_" and "~" only, like /andon'
  const [, first = ''] = basePath.split('/')
  if (OWN_ROOTS.includes(first)) return `must not have a path that begins with /${first}, which the server has itself`
  return { origin: url.origin, host: url.host, basePath }
}

/** The address below the base: `/andon/api/x?y` is `/api/x?y`. Null for what is not below it. */
export function belowBase(url: string, basePath: string): string | null {
  if (basePath === '') return url
  return url.startsWith(`${basePath}/`) ? url.slice(basePath.length) : null
}
