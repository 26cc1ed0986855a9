import { hostname, networkInterfaces } from 'node:os'
import type { Config } from './config.ts'
import { parseIp, writeIp } from './core/ip-address.ts'
import { isSiteName, parseName, type SiteNames } from './core/site-names.ts'

type NameSettings = Pick<Config, 'host' | 'hosts' | 'origins' | 'publicUrl'>

/** How soon the addresses of this machine are read again when one is asked for that was not among them. */
const REREAD_MS = 5_000

/**
 * Whether a `Host` names this server: an address or name of this machine, its public address, the host of an allowed origin, a name of its
 * certificate, or one of `--hosts`. Addresses come and go (DHCP, a cable), so they are read again when one is missing.
 */
export function ownNames(
  config: NameSettings,
  isCertified: SiteNames['isCertified'],
  monotonic: () => number,
): (host: string | undefined) => boolean {
  let addresses = interfaceAddresses()
  let readAt = monotonic()
  const names: SiteNames = {
    named: namedHosts(config),
    hasAddress(address) {
      if (!addresses.has(address) && monotonic() - readAt >= REREAD_MS) {
        addresses = interfaceAddresses()
        readAt = monotonic()
      }
      return addresses.has(address)
    },
    isCertified,
  }
  return (host) => isSiteName(host, names)
}

/** The names without those of the certificate: what the site was told, and what this machine calls itself. */
export function namedHosts({ host, hosts, origins, publicUrl }: NameSettings): ReadonlySet<string> {
  const machine = hostname()
  const [short = ''] = machine.split('.')
  const ofOrigins = [...(publicUrl === null ? [] : [publicUrl.origin]), ...origins].map(
    (origin) => URL.parse(origin)?.hostname ?? '',
  )
  return new Set(
    [host, machine, short, `${short}.local`, ...ofOrigins, ...hosts].map(parseName).filter((name) => name !== null),
  )
}

/** Addresses of this machine's interfaces, as `writeIp` writes them. */
export function interfaceAddresses(): ReadonlySet<string> {
  const found = Object.values(networkInterfaces()).flatMap((entries) => entries ?? [])
  return new Set(found.flatMap(({ address }) => writtenIp(address)))
}

function writtenIp(address: string): string[] {
  const ip = parseIp(address)
  return ip === null ? [] : [writeIp(ip)]
}
