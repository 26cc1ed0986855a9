import { forwardedFor, withoutPort, type Headers } from '../core/client-address.ts'
import { forwardedStandard } from '../core/forwarded.ts'
import { isLoopbackIp, parseIp } from '../core/ip-address.ts'
import { isLocalName } from '../core/site-names.ts'

/** Headers in which proxies and tunnels say the same in words of their own: each one address. */
const OTHER_HEADERS = ['x-real-ip', 'x-client-ip', 'true-client-ip', 'cf-connecting-ip', 'fastly-client-ip'] as const

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
  const standard = forwardedStandard(headers)
  if (standard === null || ![...forwardedFor(headers), ...standard, ...forwardedOtherwise(headers)].every(isLoopback))
    return false
  const host = one(headers['host'])
  return host === undefined || isNearName(withoutPort(host.toLowerCase()))
}

/** With or without port or brackets. */
function isLoopback(address: string): boolean {
  const ip = parseIp(withoutPort(address.trim()))
  return ip !== null && isLoopbackIp(ip)
}

function forwardedOtherwise(headers: Headers): readonly string[] {
  return OTHER_HEADERS.flatMap((name) => all(headers[name]))
}

/** A local name, or one without a dot: only this network's own name server, or a proxy here, knows such a name. */
function isNearName(hostname: string): boolean {
  return isLocalName(hostname) || (!hostname.includes('.') && !hostname.includes(':'))
}

function all(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

function one(value: string | readonly string[] | undefined): string | undefined {
  return all(value)[0]
}
