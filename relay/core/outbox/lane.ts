/**
 * One lane of the outbox: which command is sent next, and which is sent again. In memory are its head and what is being
 * saved; what is between the two is on disk only, and read in pages.
 *
 *      unanswered          cursor         loadedUpTo      savedUpTo     next
 *          │  in flight      │  sendable      │  on disk only │ being saved │
 *   ───────┴─────────────────┴────────────────┴───────────────┴─────────────┴──▶ seq
 *
 * Invariants
 *   1. unanswered ≤ cursor ≤ loadedUpTo + 1 ≤ savedUpTo + 1 ≤ next: nothing is sent before it is durable.
 *   2. cursor − unanswered ≤ LIMITS.maxInFlight.
 *   3. Sequences of one epoch have no hole: a number is given back only if it was never durable.
 *   4. At or below `loadedUpTo`, a sequence without an entry is durably ended; above it, it is not.
 *   5. oldest ≤ mark + 1, or the server's store was set back behind what has ended here: then it greets again.
 */
import { passesByItself } from '../../protocol/errors.ts'
import type { CommandId } from '../../protocol/ids.ts'
import type { Lane } from '../../protocol/lanes.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { Entry, LaneState } from './slice.ts'

/** Time without any answer after which a lane with commands in flight sends them again (a stored answer costs nothing). */
export const STALL_MS = 30_000

/** What a `retry-later` says, and when it came. */
export interface Told {
  readonly now: number
  readonly afterMs: number
  readonly code: string
}

export function newLane(lane: Lane, next: number): LaneState {
  return {
    lane,
    next,
    entries: new Map(),
    first: next,
    loadedUpTo: next - 1,
    savedUpTo: next - 1,
    isLoading: false,
    held: 0,
    shown: new Map(),
    cursor: next,
    unanswered: next,
    mark: next - 1,
    rewoundTo: null,
    waitUntil: null,
    trying: null,
    movedAt: 0,
    confirmed: 0,
  }
}

/** The lowest sequence this lane may still send; `next` when it is empty. */
export function oldest(lane: LaneState): number {
  while (lane.first <= lane.loadedUpTo && !lane.entries.has(lane.first)) lane.first += 1
  return lane.first
}

/**
 * Whether something has durably ended here that the server does not know: it was restored. Where that stands behind a command
 * without an answer, it shows only when that one has ended too, because `hello` names no more than the oldest.
 */
export function isAhead(lane: LaneState): boolean {
  return oldest(lane) > lane.mark + 1
}

/** Commands that are durable and not durably settled. */
export function pendingCount(lane: LaneState): number {
  return lane.held - (lane.next - 1 - lane.savedUpTo)
}

/** Unanswered commands in memory that are on disk. */
export function headSize(lane: LaneState): number {
  return Math.max(lane.loadedUpTo - lane.unanswered + 1, 0)
}

/** A page came into memory: what it lacks has ended. */
export function laneFilled(lane: LaneState): void {
  skipSettling(lane)
  lane.cursor = Math.max(lane.cursor, lane.unanswered)
}

/** Everything without an answer goes out again; the server answers a repeat with the stored result (W3). */
export function rewind(lane: LaneState, now: number): void {
  skipSettling(lane)
  lane.cursor = lane.unanswered
  lane.movedAt = now
}

/**
 * A new connection: nothing is in flight on it. Who was told "later" waits out that time all the same (R8), or a server that is
 * too busy would be asked as often as its connections break; the next answer says whether the time counts.
 */
export function laneConnected(lane: LaneState, now: number): void {
  lane.rewoundTo = null
  lane.confirmed = 0
  rewind(lane, now)
}

export function laneDisconnected({ trying }: LaneState, now: number): void {
  if (trying !== null) stopCounting(trying, now)
}

function stopCounting(trying: NonNullable<LaneState['trying']>, now: number): void {
  if (trying.since === null) return
  trying.connectedMs += now - trying.since
  trying.since = null
}

/** The next command to hand to the socket, if the window, the disk and a `retry-later` let one go; moves the cursor. */
export function takeSendable(lane: LaneState, now: number): { readonly entry: Entry; readonly giveUp: boolean } | null {
  if (lane.waitUntil !== null) {
    if (now < lane.waitUntil) return null
    lane.waitUntil = null
  }
  // Behind a command that is told "later", everything would be answered "expect": send it alone.
  const window = lane.trying === null ? LIMITS.maxInFlight : 1
  // What has durably ended in the middle (invariant 4) is passed over: those behind it must not wait for an answer.
  while (lane.cursor - lane.unanswered < window && lane.cursor <= lane.loadedUpTo && !lane.entries.has(lane.cursor))
    lane.cursor += 1
  const entry = lane.entries.get(lane.cursor)
  if (entry === undefined || lane.cursor > lane.loadedUpTo || lane.cursor - lane.unanswered >= window) return null
  if (lane.cursor === lane.unanswered) lane.movedAt = now
  lane.cursor += 1
  return { entry, giveUp: lane.trying?.seq === entry.row.seq && connectedMs(lane, now) >= LIMITS.giveUpMs }
}

/** The entry of an answer; null for a repeat of one already settled, or an answer to something else. */
export function findSent(lane: LaneState, seq: number, id: CommandId): Entry | null {
  const entry = lane.entries.get(seq)
  return entry !== undefined && entry.row.id === id && entry.status === 'saved' ? entry : null
}

/** Moves past an answered command. */
export function answered(lane: LaneState, seq: number, now: number): void {
  lane.movedAt = now
  if (lane.rewoundTo !== null && seq >= lane.rewoundTo) lane.rewoundTo = null
  // What the lane waited for has happened: its answer overtook the wait, which was for an earlier copy of it.
  if (lane.trying?.seq === seq) {
    lane.trying = null
    lane.waitUntil = null
  }
  skipSettling(lane)
  lane.cursor = Math.max(lane.cursor, lane.unanswered)
}

/**
 * Results above the mark that the server names, and not yet durable here, are of a time that a restore took back: these
 * commands have not ended after all, and are sent again. Returns them, for the disk may have been told that they ended.
 */
export function revive(lane: LaneState, mark: number): readonly Entry[] {
  const revived = [...lane.entries.values()].filter(({ row, status }) => row.seq > mark && status === 'settling')
  for (const entry of revived) {
    entry.status = 'saved'
    entry.settled = null
    lane.unanswered = Math.min(lane.unanswered, entry.row.seq)
  }
  return revived
}

/** `retry-later`: the lane waits, but never past the moment at which it may give up. What passes by itself is waited for. */
export function waitLater(lane: LaneState, seq: number, told: Told): void {
  const { now, afterMs, code } = told
  const trying = lane.trying?.seq === seq ? lane.trying : { seq, connectedMs: 0, since: null, storedMs: 0 }
  lane.trying = trying
  if (passesByItself(code)) stopCounting(trying, now)
  else trying.since ??= now
  const untilGiveUp = trying.since === null ? Infinity : Math.max(LIMITS.giveUpMs - connectedMs(lane, now), 0)
  // Without the floor, a server that keeps saying "later" after the time is up would be asked in a loop.
  lane.waitUntil = now + Math.max(Math.min(afterMs, untilGiveUp), Math.min(afterMs, LIMITS.backoffMs), 20)
  lane.rewoundTo = seq
  rewind(lane, now)
}

/**
 * What an `expect` asks for. `ended`: what has ended here, so that nothing can be sent (`isAhead`). `impossible`: the server knows
 * what this lane never sent.
 */
export function obeyExpect(lane: LaneState, seq: number, now: number): 'rewound' | 'known' | 'ended' | 'impossible' {
  if (seq > lane.next) return 'impossible'
  lane.movedAt = now
  lane.mark = seq - 1
  if (seq < lane.unanswered) return 'ended'
  if (lane.rewoundTo === seq) return 'known'
  lane.rewoundTo = seq
  rewind(lane, now)
  return 'rewound'
}

/** When this lane has to be looked at, whatever else happens. */
export function laneDeadline(lane: LaneState): number | null {
  if (lane.waitUntil !== null) return lane.waitUntil
  return lane.cursor > lane.unanswered ? lane.movedAt + STALL_MS : null
}

/** How long the command at the head has been told `retry-later` for a reason that counts, while connected. */
export function connectedMs(lane: LaneState, now: number): number {
  const { trying } = lane
  return trying === null ? 0 : trying.connectedMs + (trying.since === null ? 0 : now - trying.since)
}

function skipSettling(lane: LaneState): void {
  while (lane.unanswered < lane.next) {
    const entry = lane.entries.get(lane.unanswered)
    if (entry === undefined ? lane.unanswered > lane.loadedUpTo : entry.status !== 'settling') return
    lane.unanswered += 1
  }
}
