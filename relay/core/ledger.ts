/**
 * What waits for the disk. Every save has a token; tokens grow; `written` says up to which one all is durable. What must
 * not happen before that (say "saved", send, confirm, return credit, observe) is written down here as a value.
 *
 * Invariants
 *   1. `waiting` is in token order; a consequence is taken out once, when its token is durable.
 *   2. A refused save leaves no consequence behind.
 */
import type { Observation, Write } from '../ports.ts'
import type { ChannelName } from '../protocol/channels.ts'
import type { ErrorCode } from '../protocol/errors.ts'
import type { CommandId, Epoch } from '../protocol/ids.ts'
import type { Lane } from '../protocol/lanes.ts'
import type { Origin } from './inputs.ts'
import type { Reviewed } from './outbox-restart.ts'
import type { Settled } from './rows.ts'
import type { Turn } from './turn.ts'

export type AfterWrite =
  /** The outbox row of a command. Refused saves are of this kind only. */
  | { readonly kind: 'commandSaved'; readonly id: CommandId }
  | { readonly kind: 'resultStored'; readonly id: CommandId; readonly settled: Settled }
  /** The name of this outbox is on disk: the first connection may be opened. */
  | { readonly kind: 'engineReady' }
  | { readonly kind: 'outboxReady'; readonly generation: number }
  | { readonly kind: 'outboxRestarted'; readonly code: ErrorCode; readonly says: string }
  | {
      readonly kind: 'reviewed'
      readonly volume: number
      readonly lane: Lane
      readonly reviewed: readonly Reviewed[]
    }
  /** `credit`: pages to ask for, on the connection of that generation. */
  | {
      readonly kind: 'channelStored'
      readonly channel: ChannelName
      readonly at: { readonly epoch: Epoch; readonly offset: number }
      readonly credit: { readonly generation: number; readonly pages: number } | null
      readonly observations: readonly Observation[]
    }
  | { readonly kind: 'receiptStored'; readonly key: string }
  | { readonly kind: 'answer'; readonly origin: Origin }

interface Waiting {
  readonly token: number
  readonly done: AfterWrite
  readonly refusable: boolean
}

export interface Ledger {
  nextToken: number
  durable: number
  waiting: Waiting[]
}

export function newLedger(): Ledger {
  return { nextToken: 1, durable: 0, waiting: [] }
}

/** Asks for one atomic write. Returns its token. */
export function save(ledger: Ledger, turn: Turn, writes: readonly Write[], done: AfterWrite | null = null): number {
  return add(ledger, turn, writes, done, 'retry')
}

/** A write whose failure is told to the person who waits, instead of being retried. */
export function saveOrRefuse(ledger: Ledger, turn: Turn, writes: readonly Write[], done: AfterWrite): number {
  return add(ledger, turn, writes, done, 'refuse')
}

/** Takes out what has become possible, in order. */
export function takeDurable(ledger: Ledger, upTo: number): readonly AfterWrite[] {
  ledger.durable = Math.max(ledger.durable, upTo)
  const end = ledger.waiting.findIndex((each) => each.token > upTo)
  const taken = ledger.waiting.splice(0, end < 0 ? ledger.waiting.length : end)
  return taken.map((each) => each.done)
}

/** Strikes out every refusable save that is not yet durable. */
export function dropRefused(ledger: Ledger): void {
  ledger.waiting = ledger.waiting.filter((each) => !each.refusable)
}

/** Strikes out what an observer was still to be told of this channel; false when there was nothing. */
export function dropObservations(ledger: Ledger, channel: ChannelName): boolean {
  let isDropped = false
  ledger.waiting = ledger.waiting.map((each) => {
    const { done } = each
    if (done.kind !== 'channelStored' || done.channel !== channel || done.observations.length === 0) return each
    isDropped = true
    return { ...each, done: { ...done, observations: [] } }
  })
  return isDropped
}

function add(
  ledger: Ledger,
  turn: Turn,
  writes: readonly Write[],
  done: AfterWrite | null,
  onFailure: 'retry' | 'refuse',
): number {
  const token = ledger.nextToken
  ledger.nextToken += 1
  if (done !== null) ledger.waiting.push({ token, done, refusable: onFailure === 'refuse' })
  turn.effects.push({ kind: 'save', token, writes, onFailure })
  return token
}
