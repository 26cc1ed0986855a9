/** What this device holds of its commands: those that come, the lanes, what became of them, what the disk is asked. */
import type { ErrorCode, Refusal } from '../../protocol/errors.ts'
import type { CommandId, Incarnation, OutboxEpoch } from '../../protocol/ids.ts'
import type { Lane } from '../../protocol/lanes.ts'
import type { OutboxView, PendingCommand } from '../../protocol/local.ts'
import type { Write } from '../../ports.ts'
import type { Paging } from '../disk/paging.ts'
import type { OutboxRow, RefRow, RetiredVolume, Settled } from '../disk/rows.ts'
import type { Origin } from '../tell/slice.ts'

export interface OutboxState {
  readonly paging: Paging
  epoch: OutboxEpoch
  incarnation: Incarnation | null
  /** The save that makes durable what the last `welcome` changed: nothing is sent before it. */
  agreedBy: number
  /** Where the rows of this epoch are. */
  volume: number
  retired: readonly RetiredVolume[]
  lanes: Record<Lane, LaneState>
  /** Every command in memory that is not durably ended, also those of an epoch that was given up. */
  readonly byId: Map<CommandId, Entry>
  /** Commands without a number yet, by reference, in the order in which they came. */
  readonly arriving: Readonly<Record<Lane, Map<string, Arrival>>>
  readonly refs: RefsState
  /** Commands that ended since none was waiting: how far a long queue has come. */
  ended: number
  /** `open`: commands flow. `closed`: no connection is ready for them. `restarting`: a new epoch is being written. */
  gate: 'closed' | 'open' | 'restarting'
  /** A page of a retired volume is being read or ended. */
  isReviewing: boolean
  /** What observers and windows were last told of the numbers, and when. */
  told: { readonly view: OutboxView; readonly at: number } | null
}

// ---------------------------------------------------------------------------------------------------- arriving

/** A command on its way to its number (`arrivals.ts`). */
export interface Arrival {
  readonly ref: string
  readonly lane: Lane
  readonly from: RefRow['from']
  /** The command as it was when it came, author included; or why it cannot be taken, unless the reference is known. */
  readonly made: Omit<OutboxRow, 'seq'> | Refusal
  /** Its author was gone when it came. */
  readonly isLate: boolean
  /** Who waits. A repeat of the reference joins. */
  origins: readonly Origin[]
  /** Written together with the command. */
  readonly also: readonly Write[]
  /** As windows were told of it; null when they were not. */
  readonly early: PendingCommand | null
  /** What the disk says of the reference: not yet, nothing, its row, or that it cannot be read. */
  answer: 'awaited' | 'unknown' | 'unreadable' | RefRow
  /** The last save that was durable when it was asked. */
  readonly asOf: number
}

// ------------------------------------------------------------------------------------------------------- lanes

/** A command on its way. `settling`: its result is known and being written. */
export interface Entry {
  row: OutboxRow
  /** Where its row is; not that of the lane any more after the outbox was restarted. */
  readonly volume: number
  status: 'saving' | 'saved' | 'settling'
  settled: Settled | null
  /** The last `retry-later` in words. */
  notice: string | null
  readonly from: RefRow['from']
  /** Who hears that it is saved. */
  origins: readonly Origin[]
}

/** `lane.ts` draws how its numbers stand to each other. */
export interface LaneState {
  readonly lane: Lane
  /** The number the next new command gets. */
  next: number
  /** By sequence. Walked from `first` by number: a map that lost its front is slow to find its front. */
  readonly entries: Map<number, Entry>
  first: number
  loadedUpTo: number
  savedUpTo: number
  /** A page is being read. */
  isLoading: boolean
  /** Commands that have a number and are not durably ended, on disk or in memory. */
  held: number
  /** What windows are shown, by sequence: the newest, and those the server had a word for. */
  readonly shown: Map<number, PendingCommand>
  cursor: number
  unanswered: number
  /** Up to where the server has taken this lane, by the last it said of it on this connection. */
  mark: number
  /** The `expect` already obeyed; the same one again is the answer to what was sent before. */
  rewoundTo: number | null
  /** After `retry-later`. */
  waitUntil: number | null
  /**
   * The command that is told `retry-later`, and how long it was connected since the first one that counts. `since`: it counts now;
   * null while it is not connected, or waits for something that passes by itself.
   */
  trying: { readonly seq: number; connectedMs: number; since: number | null; storedMs: number } | null
  /** Last sign of life while something was in flight. */
  movedAt: number
  /** Results up to here were confirmed on this connection. */
  confirmed: number
}

// -------------------------------------------------------------------------------------------------- references

/** By reference; null: gone. `token` is the last save that had been asked for when it changed. */
export interface Generation {
  readonly rows: Map<string, RefRow | null>
  token: number
}

/** The bits of a filter (`known-refs.ts`). */
export interface KnownRefs {
  readonly words: Uint32Array
}

export interface RefsState {
  young: Generation
  old: Generation
  /** The newest rejections that nobody has seen, by command; bounded, and `hasMoreRejected` says that the disk has more. */
  readonly rejected: Map<CommandId, { readonly ref: string; readonly row: RefRow }>
  hasMoreRejected: boolean
  /** Those that the disk may have; null until the first walk has seen them all. */
  known: KnownRefs | null
  /** Ended ones on disk, as of the last walk. */
  ended: number
  walk: RefsWalk | null
}

export interface RefsWalk {
  /** Why it goes: `start` tells the host, `prune` does not, `trim` is the second half of one that found too many. */
  readonly kind: 'start' | 'prune' | 'trim'
  /** What ended before this goes. */
  readonly cutoff: number
  /** Key the next page begins with. */
  from: string
  /** Ends of what stays. */
  readonly ends: number[]
  /** What it came upon, and what was changed since it began. */
  readonly known: KnownRefs
}

// ---------------------------------------------------------------------------------------------------- the disk

/** A reviewed command and its end. */
export interface Reviewed {
  readonly row: OutboxRow
  readonly settled: Settled
}

export type OutboxAfter =
  /** The name of this outbox is on disk: the first connection may be opened. */
  | { readonly kind: 'engineReady' }
  /** The outbox row of a command. Refused saves are of this kind only. */
  | { readonly kind: 'commandSaved'; readonly id: CommandId }
  | { readonly kind: 'resultStored'; readonly id: CommandId; readonly settled: Settled }
  | { readonly kind: 'outboxReady'; readonly generation: number }
  | { readonly kind: 'outboxRestarted'; readonly code: ErrorCode; readonly says: string }
  | {
      readonly kind: 'reviewed'
      readonly volume: number
      readonly lane: Lane
      readonly reviewed: readonly Reviewed[]
    }

export type OutboxQuery =
  /** The next page of a lane of this volume; `through` is the last sequence that was durable when it was asked. */
  | { readonly kind: 'lane'; readonly lane: Lane; readonly volume: number; readonly through: number }
  /** Whether the reference of a command that arrived is known. */
  | { readonly kind: 'arrival'; readonly lane: Lane; readonly ref: string }
  /** A result was taken note of, but its reference is not in memory. */
  | { readonly kind: 'seen'; readonly ref: string; readonly origin: Origin }
  | { readonly kind: 'dismissed'; readonly ref: string; readonly id: CommandId }
  /** The next page of a volume that was given up. */
  | { readonly kind: 'review'; readonly volume: number; readonly lane: Lane }
  /** The next page of the walk through all references. */
  | { readonly kind: 'refs' }
