/**
 * The engine's state: one slice per part. A part writes its own slice only, and speaks to others by their functions.
 * The slices are owned by the engine and changed in place: at 5,000 events a second a copy of the records per event would
 * cost more than everything else. `step` stays a function of (state, input): no clock, no chance, no hidden reference.
 */
import type { ClientFrame } from '../protocol/frames.ts'
import type { OutboxView, StatusView } from '../protocol/local.ts'
import type { BusState } from './bus.ts'
import type { ChannelsState } from './channels.ts'
import { isUp, type ConnectionState } from './connection-state.ts'
import type { Ledger } from './ledger.ts'
import type { LiveState } from './live.ts'
import type { OutboxState } from './outbox.ts'
import type { Paging } from './paging.ts'
import type { ReceiptsState } from './receipts.ts'
import type { SiteRow } from './rows.ts'
import type { SessionsState } from './sessions.ts'
import type { Turn } from './turn.ts'
import type { WindowsState } from './windows.ts'

/** What does not change in the life of a relay. */
export interface Identity {
  readonly name: string
  readonly build: string
  readonly kind: 'kiosk' | 'web' | 'headless'
  /** What this device cannot promise, in words, from its host. */
  readonly warnings: readonly string[]
}

export interface EngineState {
  readonly identity: Identity
  readonly paging: Paging
  connection: ConnectionState
  readonly ledger: Ledger
  readonly bus: BusState
  readonly outbox: OutboxState
  readonly channels: ChannelsState
  readonly sessions: SessionsState
  readonly receipts: ReceiptsState
  readonly windows: WindowsState
  readonly live: LiveState
  /** Pages of history asked for and not answered. */
  seriesReads: number
  site: SiteRow
  /** Bearer for HTTP, from the last `welcome`; only in memory. */
  deviceToken: string | null
  /** Random name of the open socket; also the next outbox epoch, should this one turn out to be a copy. */
  fresh: string
  /** Highest server time ever seen, and when (monotonic) it was seen. */
  serverTime: { readonly iso: string; readonly at: number; readonly storedAt: number } | null
  storage: 'working' | 'failing'
  /** A page of a retired volume is being read or ended. */
  isReviewing: boolean
  /** Clocks at the last tick, to notice a jump. */
  lastTick: { readonly now: number; readonly wall: number } | null
  /** Since when the link is not live, device clock; null while live. */
  notLiveSince: number | null
  /** What observers and windows were last told, so that only changes are. */
  readonly told: {
    status: StatusView | null
    outbox: { readonly view: OutboxView; readonly at: number } | null
    connection: ConnectionState | null
    storage: 'working' | 'failing'
  }
}

/** Sends on the greeted connection; without one the frame is not due: whoever needs it asks again at the next `welcome`. */
export function sendFrame(state: EngineState, turn: Turn, frame: ClientFrame): void {
  if (!isUp(state.connection)) return
  turn.effects.push({ kind: 'send', generation: state.connection.generation, frame })
}
