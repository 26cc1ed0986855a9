import { computed, type ReadonlySignal } from '@preact/signals'
import type { ServerTime } from '../../relay/protocol/local.ts'
import { clockOrDay } from '../text/format.ts'

/** When something was: by the server (ISO 8601, or a `Date`), or by the clock of this device (epoch milliseconds). */
export type Moment = string | Date | number

/** The two clocks of a window, epoch milliseconds: of this device, and of the server as far as it is known. */
export interface Clocks {
  readonly now: ReadonlySignal<number>
  readonly serverNow: ReadonlySignal<number>
}

const MINUTE_MS = 60_000

/** `14:03`, with the day when it is not today's. */
export function timeWords(clocks: Clocks, at: Moment): string {
  return clockOrDay(momentOf(clocks, at), new Date(clocks.serverNow.value))
}

/**
 * When it was by the clock of the server, beside which every time stands on a screen: a moment of this device is moved by as
 * many minutes as its clock is wrong. Not by seconds: the minute that is read would change with every answer of the server.
 */
export function momentOf({ now, serverNow }: Clocks, at: Moment): Date {
  if (typeof at !== 'number') return new Date(at)
  return new Date(at + Math.round((serverNow.value - now.value) / MINUTE_MS) * MINUTE_MS)
}

/** What time it is at the server, moved with this device's clock; that clock itself while nobody has heard (P7). */
export function serverClock(
  relay: { serverTime(): ServerTime | null },
  now: ReadonlySignal<number>,
): ReadonlySignal<number> {
  return computed(() => {
    const device = now.value
    const said = relay.serverTime()
    return said === null ? device : Date.parse(said.at) + Math.floor(said.ageMs)
  })
}
