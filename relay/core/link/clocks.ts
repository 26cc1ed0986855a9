/** The server's clock as far as it is known here, and this machine's where they show that it slept or was set. */
import { save } from '../disk/ledger.ts'
import type { ServerTime } from '../../protocol/local.ts'
import type { Turn } from '../step/turn.ts'
import type { LinkState } from './slice.ts'

/** A wall clock that moves this much between two ticks, or apart from the other clock: the machine slept, or was set. */
const JUMP_MS = 5_000
/** How much older the stored server time may be than the one in memory: it costs a write. */
const TIME_STORE_MS = 60_000
const HOUR_MS = 3_600_000

/** Compares both clocks with the last tick, a second ago. */
export function clocksTicked(
  link: LinkState,
  { now, wall }: Turn,
): { readonly hasJumped: boolean; readonly isNewHour: boolean } {
  const last = link.lastTick
  link.lastTick = { now, wall }
  if (last === null) return { hasJumped: false, isNewHour: false }
  const moved = wall - last.wall
  const elapsed = now - last.now
  return {
    // Asleep, both clocks may have stood still or gone on; set, only one of them moved.
    hasJumped: moved > JUMP_MS || Math.abs(moved - elapsed) > JUMP_MS,
    isNewHour: Math.floor(last.wall / HOUR_MS) !== Math.floor(wall / HOUR_MS),
  }
}

/** The highest server time ever seen only grows (P7). ISO 8601 in UTC sorts as text. */
export function serverTimeSeen(link: LinkState, turn: Turn, iso: string): void {
  link.serverSaid = { iso, at: turn.now }
  const { serverTime } = link
  if (serverTime !== null && iso <= serverTime.iso) return
  const isDue = serverTime === null || turn.now - serverTime.storedAt >= TIME_STORE_MS
  link.serverTime = { iso, at: turn.now, storedAt: isDue ? turn.now : serverTime.storedAt }
  if (isDue) save(turn, [{ op: 'put', table: 'meta', key: 'server-time', value: iso }])
}

/**
 * What time it is at the server: its last word and the monotonic time since, so late and never early (P7). Null until it has
 * said it in this life of the relay: how long ago an earlier life ended only this device's clock tells.
 */
export function serverTimeNow({ serverSaid }: Pick<LinkState, 'serverSaid'>, now: number): ServerTime | null {
  return serverSaid === null ? null : { at: serverSaid.iso, ageMs: now - serverSaid.at }
}
