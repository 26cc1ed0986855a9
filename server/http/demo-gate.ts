import { BlockList, isIP } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** Request headers as Node gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Whether a request comes from this very machine, which is all the demonstration floor answers to: its PINs and its API
 * key are printed in the manual. Pure; the HTTP half and the upgrade of `/sync` both ask it.
 *
 * 1. The socket's peer is a loopback address.
 * 2. Every address that a proxy says it forwards for is one, too. What cannot be read is not.
 * 3. The name it was asked by is this machine's. A stranger's page whose name was pointed at this machine (DNS rebinding)
 *    asks by that name, and its reads carry no `Origin`.
 */
export function isLocalRequest(peerAddress: string | undefined, headers: Headers): boolean {
  if (peerAddress === undefined || !isLoopback(peerAddress)) return false
  if (!forwardedFor(headers).every(isLoopback)) return false
  const host = one(headers['host'])
  return host === undefined || isNearName(withoutPort(host.toLowerCase()))
}

/** `127.0.0.0/8`, `::1`, and either as the other family writes it; with or without port or brackets. */
function isLoopback(address: string): boolean {
  const bare = withoutPort(address.trim())
  const family = isIP(bare)
  return family !== 0 && LOOPBACK.check(bare, family === 4 ? 'ipv4' : 'ipv6')
}

/** Addresses of `X-Forwarded-For` and of RFC 7239 `Forwarded` (`for=` of each hop). */
function forwardedFor(headers: Headers): string[] {
  const plain = all(headers['x-forwarded-for']).flatMap((line) => line.split(','))
  const standard = all(headers['forwarded'])
    .flatMap((line) => line.split(/[,;]/))
    .map((pair) => /^\s*for\s*=\s*"?([^"]*)"?\s*$/i.exec(pair)?.[1])
    .filter((address) => address !== undefined)
  return [...plain, ...standard]
}

/** A local name, or one without a dot: only this network's own name server, or a proxy here, knows such a name. */
function isNearName(hostname: string): boolean {
  return isLocalName(hostname) || (!hostname.includes('.') && !hostname.includes(':'))
}

/** A name or address of this machine itself. */
export function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || isLoopback(hostname)
}

/** `1.2.3.4:80`, `[::1]:80` and `[::1]` without port and brackets. */
function withoutPort(address: string): string {
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(address)
  if (bracketed?.[1] !== undefined) return bracketed[1]
  const withPort = /^([^:]+):\d+$/.exec(address)
  return withPort?.[1] ?? address
}

function all(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

function one(value: string | readonly string[] | undefined): string | undefined {
  return all(value)[0]
}
