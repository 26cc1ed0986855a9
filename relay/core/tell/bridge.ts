/**
 * Which way bus messages go on a kiosk, whose relay lives where no BroadcastChannel of a window is heard:
 * over the bridge window while it answers, over every window's port while it does not.
 *
 *            bridgeOpened (hands what is unconfirmed to the newcomer)
 *          ┌───────────────────────────────┐
 *          ▼                               │
 *      carrying ── no receipt for 1 s ──▶ absent ── 1 s without a bridge: steal, and again each second
 *          └────── its port closed ─────────┘
 *
 * Invariants
 *   1. Every message leaves in the order of its number, by the bridge or by every port; what the bridge has not confirmed
 *      when it is given up goes by every port as well. Windows drop what they have heard (`domain/feed.ts`).
 *   2. At most `MAX_UNCONFIRMED` messages are remembered; a bridge that is further behind counts as silent.
 *   3. A bridge that was given up is never heard again: receipts name their bridge.
 */
import type { BusMessage, BusPosition } from '../../protocol/local.ts'
import { unreachable } from '../../protocol/rights.ts'

/** How long the bridge may owe a receipt, and how long windows may be without a bridge. */
export const RECEIPT_MS = 1_000
/** Room for four pages of catch-up at once (`LIMITS.maxCredit` × `maxPageItems`), twice over. */
export const MAX_UNCONFIRMED = 4_096

interface Handed {
  readonly message: BusMessage
  readonly at: number
}

/** Changed in place. `windows` in the order in which they came. */
export interface BridgeState {
  readonly windows: number[]
  way:
    | { readonly kind: 'carrying'; readonly bridge: number; readonly window: number; readonly unconfirmed: Handed[] }
    | {
        readonly kind: 'absent'
        /** The window whose bridge was last given up as silent: asked to steal only if it is alone. */
        readonly silent: number | null
        /** The window that was last asked to steal. */
        readonly asked: number | null
        /** When the next one is asked; null while there is no window. */
        readonly stealAt: number | null
      }
}

/** A window is known by the number its host gave it, a bridge by a number of its own: a window may hold several in turn. */
export type BridgeInput =
  | { readonly kind: 'windowJoined'; readonly window: number }
  | { readonly kind: 'windowLeft'; readonly window: number }
  | { readonly kind: 'bridgeOpened'; readonly bridge: number; readonly window: number }
  | { readonly kind: 'bridgeClosed'; readonly bridge: number }
  | { readonly kind: 'receiptHeard'; readonly bridge: number; readonly bus: BusPosition }
  | { readonly kind: 'posted'; readonly message: BusMessage }
  | { readonly kind: 'timeReached' }

export type BridgeEffect =
  | { readonly kind: 'handOver'; readonly bridge: number; readonly message: BusMessage }
  | { readonly kind: 'copyToEveryPort'; readonly message: BusMessage }
  | { readonly kind: 'giveUp'; readonly bridge: number; readonly why: 'silent' | 'behind' | 'succeeded' }
  | { readonly kind: 'askToSteal'; readonly window: number }

export function newBridge(): BridgeState {
  return { windows: [], way: { kind: 'absent', silent: null, asked: null, stealAt: null } }
}

/** When `timeReached` is next needed (monotonic milliseconds); null when nothing waits for time. */
export function bridgeDeadline({ way }: BridgeState): number | null {
  if (way.kind === 'absent') return way.stealAt
  const oldest = way.unconfirmed[0]
  return oldest === undefined ? null : oldest.at + RECEIPT_MS
}

/** One input at monotonic time `now`, milliseconds. The effects are to be carried out in their order. */
export function stepBridge(state: BridgeState, input: BridgeInput, now: number): BridgeEffect[] {
  const { way, windows } = state
  switch (input.kind) {
    case 'windowJoined':
      windows.push(input.window)
      if (way.kind === 'absent' && way.stealAt === null) state.way = { ...way, stealAt: now + RECEIPT_MS }
      return []
    case 'windowLeft': {
      const index = windows.indexOf(input.window)
      if (index >= 0) windows.splice(index, 1)
      if (way.kind === 'carrying') return way.window === input.window ? leave(state, now) : []
      if (windows.length === 0) state.way = { ...way, stealAt: null }
      return []
    }
    case 'bridgeOpened':
      return succeed(state, input, now)
    case 'bridgeClosed':
      return way.kind === 'carrying' && way.bridge === input.bridge ? leave(state, now) : []
    case 'receiptHeard':
      if (way.kind === 'carrying' && way.bridge === input.bridge) confirm(way.unconfirmed, input.bus)
      return []
    case 'posted':
      return post(state, input.message, now)
    case 'timeReached':
      return timeReached(state, now)
    default:
      return unreachable(input)
  }
}

function post(state: BridgeState, message: BusMessage, now: number): BridgeEffect[] {
  const { way } = state
  if (way.kind === 'absent') return [{ kind: 'copyToEveryPort', message }]
  way.unconfirmed.push({ message, at: now })
  if (way.unconfirmed.length > MAX_UNCONFIRMED) return giveUp(state, 'behind', now)
  return [{ kind: 'handOver', bridge: way.bridge, message }]
}

/** The newest holder of the lock is the bridge; what its predecessor may not have carried it carries again. */
function succeed(
  state: BridgeState,
  { bridge, window }: { readonly bridge: number; readonly window: number },
  now: number,
): BridgeEffect[] {
  const { way } = state
  const unconfirmed = way.kind === 'carrying' ? way.unconfirmed.map(({ message }) => ({ message, at: now })) : []
  state.way = { kind: 'carrying', bridge, window, unconfirmed }
  return [
    ...(way.kind === 'carrying' ? [{ kind: 'giveUp', bridge: way.bridge, why: 'succeeded' } as const] : []),
    ...unconfirmed.map(({ message }) => ({ kind: 'handOver', bridge, message }) as const),
  ]
}

/** Receipts confirm everything up to them. An epoch that is not that of the message is of a relay that is gone. */
function confirm(unconfirmed: Handed[], bus: BusPosition): void {
  const carried = unconfirmed.findLastIndex(
    ({ message }) => message.bus.epoch === bus.epoch && message.bus.seq <= bus.seq,
  )
  unconfirmed.splice(0, carried + 1)
}

function timeReached(state: BridgeState, now: number): BridgeEffect[] {
  const due = bridgeDeadline(state)
  if (due === null || now < due) return []
  const { way, windows } = state
  if (way.kind === 'carrying') return giveUp(state, 'silent', now)
  const window = nextToAsk(windows, way.asked, way.silent)
  state.way = { ...way, asked: window, stealAt: now + RECEIPT_MS }
  return window === null ? [] : [{ kind: 'askToSteal', window }]
}

/** The bridge hangs: its messages go by the ports, and another window is asked to take the lock at once. */
function giveUp(state: BridgeState, why: 'silent' | 'behind', now: number): BridgeEffect[] {
  const { way, windows } = state
  if (way.kind !== 'carrying') return []
  const { bridge, window: silent, unconfirmed } = way
  const asked = nextToAsk(windows, null, silent)
  state.way = { kind: 'absent', silent, asked, stealAt: now + RECEIPT_MS }
  return [
    { kind: 'giveUp', bridge, why },
    ...copies(unconfirmed),
    ...(asked === null ? [] : [{ kind: 'askToSteal', window: asked } as const]),
  ]
}

/** The bridge is gone, and with it its lock: whoever waits for the lock has it by now and will say so. */
function leave(state: BridgeState, now: number): BridgeEffect[] {
  const { way, windows } = state
  if (way.kind !== 'carrying') return []
  const stealAt = windows.length === 0 ? null : now + RECEIPT_MS
  state.way = { kind: 'absent', silent: null, asked: null, stealAt }
  return copies(way.unconfirmed)
}

function copies(unconfirmed: readonly Handed[]): BridgeEffect[] {
  return unconfirmed.map(({ message }) => ({ kind: 'copyToEveryPort', message }))
}

/** In turn, so that one window that hangs does not keep the others from it; the silent one only when it is alone. */
function nextToAsk(windows: readonly number[], asked: number | null, silent: number | null): number | null {
  const others = windows.filter((window) => window !== silent)
  const candidates = others.length > 0 ? others : windows
  const after = asked === null ? 0 : candidates.indexOf(asked) + 1
  return candidates[after % candidates.length] ?? null
}
