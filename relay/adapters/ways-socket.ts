import type { SocketPort, WayPort } from '../ports.ts'
import { WAYS, type Way } from '../protocol/ways.ts'

/** The ways of a relay whose settings choose one, or none. */
export function waysOf(chosen: Way | null): readonly [Way, ...Way[]] {
  return chosen === null ? WAYS : [chosen]
}

/** The uplink over whichever way the relay's ladder asks for. */
export function waysSocket(ways: Readonly<Record<Way, WayPort>>): SocketPort {
  return { open: (url, way, events, near) => ways[way].open(url, events, near) }
}
