/**
 * Evidence of what was shown (P4): durable, merged per alert and kind, sent in batches, removed when the server has it.
 * Unordered and idempotent, so a batch that may have been lost is simply sent again.
 */
import { check } from '../protocol/check.ts'
import { CommandId } from '../protocol/ids.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { Row, Write } from '../ports.ts'
import { isUp } from './connection-state.ts'
import { save } from './ledger.ts'
import { isNew, newRecentIds, type RecentIds } from './recent-ids.ts'
import type { ReceiptRow } from './rows.ts'
import { sendFrame, type EngineState } from './state.ts'
import type { Turn } from './turn.ts'

export interface ReceiptsState {
  /** Waiting, oldest first, by store key. */
  readonly rows: Map<string, ReceiptRow>
  /** Keys that are on disk. */
  readonly durable: Set<string>
  /** What was already reported in this life of the relay: a window that opens again shows the same alert again. */
  readonly reported: RecentIds
  /** The batch without an answer, and the connection it went out on. */
  sent: { readonly ref: number; readonly generation: number; readonly keys: readonly string[] } | null
  nextRef: number
}

export function newReceipts(rows: readonly Row[]): ReceiptsState {
  const sorted = rows.map((row): [string, ReceiptRow] => [row.key, row.value as ReceiptRow])
  sorted.sort(([, a], [, b]) => a.at - b.at)
  const receipts: ReceiptsState = {
    rows: new Map(sorted),
    durable: new Set(sorted.map(([key]) => key)),
    reported: newRecentIds(),
    sent: null,
    nextRef: 1,
  }
  for (const [key] of sorted) isNew(receipts.reported, key)
  return receipts
}

/** A window showed an alert. The first time counts. */
export function recordReceipt(state: EngineState, turn: Turn, alert: string, kind: ReceiptRow['kind']): void {
  const { receipts } = state
  const id = check(CommandId, alert, 'bad-frame')
  const key = `${alert} ${kind}`
  if (!id.ok || !isNew(receipts.reported, key)) return
  const row: ReceiptRow = { alert: id.value, kind, at: turn.wall }
  receipts.rows.set(key, row)
  const writes: Write[] = [{ op: 'put', table: 'receipts', key, value: row }]
  if (receipts.rows.size > LIMITS.maxStoredReceipts) writes.push(...dropOldest(state, turn))
  save(state.ledger, turn, writes, { kind: 'receiptStored', key })
}

export function receiptStored(state: EngineState, key: string): void {
  if (state.receipts.rows.has(key)) state.receipts.durable.add(key)
}

/** Sends the next batch, one at a time. Called at the end of every step. */
export function pumpReceipts(state: EngineState, turn: Turn): void {
  const { receipts, connection } = state
  if (!isUp(connection) || receipts.durable.size === 0) return
  if (receipts.sent !== null && receipts.sent.generation === connection.generation) return
  const keys = [...receipts.durable].slice(0, LIMITS.maxReceipts)
  const items = keys.flatMap((key) => {
    const row = receipts.rows.get(key)
    if (row === undefined) return []
    const { alert, kind, at } = row
    return [{ alert, kind, agoMs: Math.max(Math.round(turn.wall - at), 0) }]
  })
  const ref = receipts.nextRef
  receipts.nextRef += 1
  receipts.sent = { ref, generation: connection.generation, keys }
  sendFrame(state, turn, { t: 'receipts', ref, items })
}

/** The server has the batch. */
export function receiptedReceived(state: EngineState, turn: Turn, ref: number): void {
  const { receipts } = state
  if (receipts.sent?.ref !== ref) return
  const { keys } = receipts.sent
  receipts.sent = null
  save(
    state.ledger,
    turn,
    keys.map((key) => forget(receipts, key)),
  )
}

function dropOldest(state: EngineState, turn: Turn): readonly Write[] {
  for (const key of state.receipts.rows.keys()) {
    turn.effects.push({ kind: 'log', level: 'warn', event: 'receipt-dropped', fields: { receipt: key } })
    return [forget(state.receipts, key)]
  }
  return []
}

function forget(receipts: ReceiptsState, key: string): Write {
  receipts.rows.delete(key)
  receipts.durable.delete(key)
  return { op: 'delete', table: 'receipts', key }
}
