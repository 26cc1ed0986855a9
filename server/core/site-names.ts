import { withoutPort } from './client-address.ts'
import { isLoopbackIp, parseIp, writeIp } from './ip-address.ts'

/** By what names screens and programs may ask for this server. */
export interface SiteNames {
  /** Lower case: what the site named, and what this machine calls itself. */
  readonly named: ReadonlySet<string>
  /** Whether an interface of this machine has this address now, as `writeIp` writes it. */
  readonly hasAddress: (address: string) => boolean
  /** Whether the server's certificate is for this name. */
  readonly isCertified: (name: string) => boolean
}

/**
 * Whether a request was meant for this server, by its `Host` (PROTOCOL G8). Everybody can point a name of their own at our
 * address; a browser then takes their page for one of ours, and its `Origin` agrees with its `Host` (DNS rebinding). A page of
 * theirs cannot bring the browser to say one of our names.
 *
 * Without `Host` it is no browser (RFC 9112 §3.2 demands it of everybody, HTTP/1.0 did not).
 */
export function isSiteName(host: string | undefined, { named, hasAddress, isCertified }: SiteNames): boolean {
  if (host === undefined) return true
  const name = nameIn(host)
  const ip = parseIp(name)
  if (ip !== null) return isLoopbackIp(ip) || hasAddress(writeIp(ip)) || named.has(writeIp(ip))
  return isLocalName(name) || named.has(name) || (name !== '' && isCertified(name))
}

/** A name of this machine itself, in every browser (RFC 6761 §6.3), or a loopback address. */
export function isLocalName(name: string): boolean {
  const ip = parseIp(name)
  return name === 'localhost' || name.endsWith('.localhost') || (ip !== null && isLoopbackIp(ip))
}

/** A name as `SiteNames.named` has it; null for what is neither a name nor an address. */
export function parseName(text: string): string | null {
  const name = withoutEnd(text.toLowerCase())
  const ip = parseIp(name.replace(/^\[(.*)\]$/, '$1'))
  if (ip !== null) return writeIp(ip)
  return /^[a-z\d_]([a-z\d_-]{0,62})(\.[a-z\d_][a-z\d_-]{0,62})*$/.test(name) && name.length <= 253 ? name : null
}

/** `Andon.Example.:7070` is asked for `andon.example`. */
function nameIn(host: string): string {
  return withoutEnd(withoutPort(host.toLowerCase()))
}

/** The dot that stands for the root of all names. */
function withoutEnd(name: string): string {
  return name.replace(/\.$/, '')
}
