import { Gauge, type Registry } from 'prom-client'
import type { Presence } from '../core/presence.ts'
import type { Signals } from '../core/signals.ts'

interface Measured {
  readonly presence: Presence
  readonly signals: Signals
  /** Written down since the start of when devices were heard, and not taken by the store yet. */
  readonly lastHeard: () => { readonly kept: number; readonly untaken: number }
}

/** Who is where, and what was left out of what was said there (P8). */
export function measureRooms(registry: Registry, { presence, signals, lastHeard }: Measured): void {
  const numbers: readonly (readonly [string, string, () => number])[] = [
    ['andon_rooms', 'Rooms of areas, and those in which somebody is.', () => presence.counts().rooms],
    ['andon_members', 'Members of all rooms.', () => presence.counts().members],
    ['andon_members_absent', 'Members that are gone or asleep and still named.', () => presence.counts().absent],
    ['andon_members_evicted', 'Members that made room for others.', () => presence.counts().evicted],
    ['andon_members_refused', 'Devices that found no room.', () => presence.counts().refused],
    ['andon_last_heard_kept', 'Times that it was written down when a device was heard.', () => lastHeard().kept],
    ['andon_last_heard_untaken', 'Of those, the ones that wait for the store.', () => lastHeard().untaken],
    ['andon_signals_dropped', 'Signals that came too fast, or to a full room.', () => signals.dropped],
  ]
  for (const [name, help, value] of numbers) {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(value()) })
  }
}
