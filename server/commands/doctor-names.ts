import type { Config } from '../config.ts'
import { isLoopbackIp, parseIp, writeIp } from '../core/ip-address.ts'
import { interfaceAddresses, namedHosts } from '../own-names.ts'
import { fine, type Finding } from './doctor-checks.ts'

/** By what names screens may ask for this server: who uses another one is refused, and only the log says so. */
export function checkNames(config: Pick<Config, 'host' | 'hosts' | 'origins' | 'publicUrl' | 'tls'>): Finding {
  const names = new Set([...namedHosts(config)].filter((name) => !isEverywhere(name)))
  if (isEverywhere(config.host)) for (const address of reachable()) names.add(address)
  const certified = config.tls === null ? '' : ' and the names of the certificate'
  return fine('names', `Screens may ask for ${[...names].join(', ')}${certified}; any other name needs --hosts.`)
}

function isEverywhere(host: string): boolean {
  const ip = parseIp(host)
  return ip !== null && ['0.0.0.0', '0:0:0:0:0:0:0:0'].includes(writeIp(ip))
}

function reachable(): readonly string[] {
  return [...interfaceAddresses()].filter((address) => {
    const ip = parseIp(address)
    return ip !== null && !isLoopbackIp(ip)
  })
}
