/**
 * The engine's state: one slice per part. A part writes its own slice only, and speaks to others by their functions: that is
 * why each is `Sealed` here, in the reach of every part that gets more than its own, and in `Turn`.
 *
 * The slices are changed in place: at 5,000 events a second a copy of the records per event would cost more than everything
 * else. `step` stays a function of (state, input): no clock, no chance, no hidden reference.
 */
import type { ChannelsState } from './channels/slice.ts'
import type { Ledger } from './disk/slice.ts'
import type { FilesState } from './files/slice.ts'
import type { OutboxState } from './outbox/slice.ts'
import type { RoomsState } from './rooms/slice.ts'
import type { Sealed } from './step/sealed.ts'
import type { Reader } from './step/turn.ts'
import type { BusState } from './tell/slice.ts'
import type { WindowsState } from './windows/slice.ts'

export interface EngineState extends Reader {
  readonly ledger: Sealed<Ledger>
  readonly files: Sealed<FilesState>
  readonly bus: Sealed<BusState>
  readonly outbox: Sealed<OutboxState>
  readonly channels: Sealed<ChannelsState>
  readonly rooms: Sealed<RoomsState>
  readonly windows: Sealed<WindowsState>
}
