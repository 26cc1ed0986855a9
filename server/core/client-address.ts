import { isInNetwork, parseIp, parseNetwork, sourceOf, writeIp, type IpAddress, type Network } from './ip-address.ts'

/** Request headers as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** Where a request came from, as well as this server can know it. */
export interface Client {
  /** For logs and people. */
  readonly address: string
  /** For limits: the address, of IPv6 its /64. */
  readonly source: string
}

/** A socket that is gone before it was looked at; all of them share one limit. */
const GONE: Client = { address: 'unknown', source: 'unknown' }

/**
 * The one answer to "who is it?", which HTTP, the upgrade of `/sync` and every limit by address go by (X5).
 *
 * The socket's peer, unless that is a proxy the site named (`--trust-proxy`): then the last address of `X-Forwarded-For` that
 * is no such proxy. What stands further left was written by that client itself and says nothing. Where the header is missing
 * or cannot be read, it is the proxy.
 */
export function clientOf(peer: string | undefined, headers: Headers, proxies: readonly Network[]): Client {
  let client = parseIp(peer ?? '')
  if (client === null) return GONE
  const hops = forwardedFor(headers)
  while (isTrusted(client, proxies)) {
    const before = hops.pop()
    const ip = before === undefined ? null : parseIp(withoutPort(before))
    if (ip === null) break
    client = ip
  }
  return { address: writeIp(client), source: sourceOf(client) }
}

/** `--trust-proxy` as networks. What is no address was refused with the settings. */
export function proxiesOf(trustProxy: readonly string[]): readonly Network[] {
  return trustProxy.map(parseNetwork).filter((network) => network !== null)
}

/** Addresses of `X-Forwarded-For` as they stand there, the one nearest to us last. */
export function forwardedFor(headers: Headers): string[] {
  const lines = headers['x-forwarded-for'] ?? []
  return (typeof lines === 'string' ? [lines] : lines).flatMap((line) => line.split(',')).map((hop) => hop.trim())
}

/** `1.2.3.4:80`, `[::1]:80` and `[::1]` without port and brackets. */
export function withoutPort(address: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(address)
  if (bracketed?.[1] !== undefined) return bracketed[1]
  const withPort = /^([^:]+):\d+$/.exec(address)
  return withPort?.[1] ?? address
}

function isTrusted(ip: IpAddress, proxies: readonly Network[]): boolean {
  return proxies.some((network) => isInNetwork(ip, network))
}
