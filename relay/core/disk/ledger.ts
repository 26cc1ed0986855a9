/**
 * What waits for the disk. Every save has a token; tokens grow; `written` says up to which one all is durable. What must
 * not happen before that (say "saved", send, confirm, return credit, observe) is written down here as a value.
 *
 * Invariants
 *   1. `waiting` is in token order; a consequence is taken out once, when its token is durable.
 *   2. A refused save leaves no consequence behind.
 */
import type { Write } from '../../ports.ts'
import type { AfterWrite } from '../step/from-disk.ts'
import type { Turn } from '../step/turn.ts'
import type { Ledger, Waiting } from './slice.ts'

export function newLedger(): Ledger {
  return { nextToken: 1, durable: 0, waiting: [], storage: 'working' }
}

/** Asks for one atomic write. Returns its token. */
export function save(turn: Turn, writes: readonly Write[], done: AfterWrite | null = null): number {
  const token = nextToken(turn.ledger)
  if (done !== null) wait(turn.ledger, { token, done, refusable: false })
  turn.effects.push({ kind: 'save', token, writes, onFailure: 'retry' })
  return token
}

/** A write whose failure is told to the person who waits, instead of being retried. */
export function saveOrRefuse(turn: Turn, writes: readonly Write[], done: AfterWrite): number {
  const token = nextToken(turn.ledger)
  wait(turn.ledger, { token, done, refusable: true })
  turn.effects.push({ kind: 'save', token, writes, onFailure: 'refuse' })
  return token
}

/** Everything up to this token is durable. Takes out what has become possible, in order. */
export function takeDurable(ledger: Ledger, upTo: number): readonly AfterWrite[] {
  ledger.storage = 'working'
  ledger.durable = Math.max(ledger.durable, upTo)
  const end = ledger.waiting.findIndex((each) => each.token > upTo)
  const taken = ledger.waiting.splice(0, end < 0 ? ledger.waiting.length : end)
  return taken.map((each) => each.done)
}

/** The disk failed: strikes out every refusable save that is not yet durable. */
export function dropRefused(ledger: Ledger): void {
  ledger.storage = 'failing'
  ledger.waiting = ledger.waiting.filter((each) => !each.refusable)
}

/** Changes consequences that still wait; `change` returns the very same one where nothing changes. False if it always did. */
export function amendWaiting(ledger: Ledger, change: (done: AfterWrite) => AfterWrite): boolean {
  let isAmended = false
  ledger.waiting = ledger.waiting.map((each) => {
    const done = change(each.done)
    if (done === each.done) return each
    isAmended = true
    return { ...each, done }
  })
  return isAmended
}

function nextToken(ledger: Ledger): number {
  const token = ledger.nextToken
  ledger.nextToken += 1
  return token
}

function wait(ledger: Ledger, waiting: Waiting): void {
  ledger.waiting.push(waiting)
}
