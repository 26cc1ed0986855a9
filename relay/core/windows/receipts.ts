/**
 * Evidence of what was shown (P4): durable, merged per alert and kind, sent in batches, removed when the server has it.
 * Unordered and idempotent, so a batch that may have been lost is simply sent again.
 */
import { isNew, newRecentIds } from '../../domain/recent.ts'
import { check } from '../../protocol/check.ts'
import { CommandId } from '../../protocol/ids.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { Row, Write } from '../../ports.ts'
import { save } from '../disk/ledger.ts'
import type { ReceiptRow } from '../disk/rows.ts'
import { sendFrame } from '../link/link.ts'
import { isUp } from '../link/slice.ts'
import type { Turn } from '../step/turn.ts'
import type { ReceiptsState } from './slice.ts'

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
export function recordReceipt(receipts: ReceiptsState, turn: Turn, alert: string, kind: ReceiptRow['kind']): void {
  const id = check(CommandId, alert, 'bad-frame')
  const key = `${alert} ${kind}`
  if (!id.ok || !isNew(receipts.reported, key)) return
  const row: ReceiptRow = { alert: id.value, kind, at: turn.wall }
  receipts.rows.set(key, row)
  const writes: Write[] = [{ op: 'put', table: 'receipts', key, value: row }]
  if (receipts.rows.size > LIMITS.maxStoredReceipts) writes.push(...dropOldest(receipts, turn))
  save(turn, writes, { kind: 'receiptStored', key })
}

export function receiptStored(receipts: ReceiptsState, key: string): void {
  if (receipts.rows.has(key)) receipts.durable.add(key)
}

/** Sends the next batch, one at a time. Called at the end of every step. */
export function pumpReceipts(receipts: ReceiptsState, turn: Turn): void {
  const { connection } = turn.link
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
  sendFrame(turn, { t: 'receipts', ref, items })
}

/** The server has the batch. */
export function receiptedReceived(receipts: ReceiptsState, turn: Turn, ref: number): void {
  if (receipts.sent?.ref !== ref) return
  const { keys } = receipts.sent
  receipts.sent = null
  save(
    turn,
    keys.map((key) => forget(receipts, key)),
  )
}

function dropOldest(receipts: ReceiptsState, turn: Turn): readonly Write[] {
  for (const key of receipts.rows.keys()) {
    turn.effects.push({ kind: 'log', level: 'warn', event: 'receipt-dropped', fields: { receipt: key } })
    return [forget(receipts, key)]
  }
  return []
}

function forget(receipts: ReceiptsState, key: string): Write {
  receipts.rows.delete(key)
  receipts.durable.delete(key)
  return { op: 'delete', table: 'receipts', key }
}
