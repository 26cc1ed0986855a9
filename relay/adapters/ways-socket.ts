import type { Way, WAYS } from '../protocol/ways.ts'
import type { SocketPort, WayPort } from '../ports.ts'

/** Every way there is, best first. By itself, because the schemas beside `WAYS` are not for the first load of a page. */
export const EVERY_WAY = ['ws', 'stream', 'poll'] as const satisfies typeof WAYS

/** The ways of a relay whose settings choose one, or none. */
export function waysOf(chosen: Way | null): readonly [Way, ...Way[]] {
  return chosen === null ? EVERY_WAY : [chosen]
}

/** The uplink over whichever way the relay's ladder asks for. */
export function waysSocket(ways: Readonly<Record<Way, WayPort>>): SocketPort {
  return { open: (url, way, events) => ways[way].open(url, events) }
}
