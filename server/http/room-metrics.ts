import { Gauge, type Registry } from 'prom-client'
import type { Presence } from '../core/presence.ts'
import type { Signals } from '../core/signals.ts'

/** Who is where, and what was left out of what was said there (P8). */
export function measureRooms(
  registry: Registry,
  { presence, signals }: { readonly presence: Presence; readonly signals: Signals },
): void {
  const numbers: readonly (readonly [string, string, () => number])[] = [
    ['andon_rooms', 'Rooms of areas, and those in which somebody is.', () => presence.counts().rooms],
    ['andon_members', 'Members of all rooms.', () => presence.counts().members],
    ['andon_members_absent', 'Members that are gone or asleep and still named.', () => presence.counts().absent],
    ['andon_members_evicted', 'Members that made room for others.', () => presence.counts().evicted],
    ['andon_members_refused', 'Devices that found no room.', () => presence.counts().refused],
    ['andon_signals_dropped', 'Signals that came too fast, or to a full room.', () => signals.dropped],
  ]
  for (const [name, help, value] of numbers) {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(value()) })
  }
}
