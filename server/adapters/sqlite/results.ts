import type Database from 'better-sqlite3'
import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import type { Lane } from '../../../relay/protocol/lanes.ts'
import type { OutboxSource } from '../../ports/submission.ts'
import { RowCache } from './row-cache.ts'

/** The ends of commands that their devices have not confirmed (W4). Synchronous; runs inside the open transaction. */
export class Results {
  readonly #sql: ReturnType<typeof prepareAll>
  /**
   * By device, how many it has at most, so that nobody counts rows for a command: others delete some without saying so here,
   * nobody adds any.
   */
  readonly #atMost = new RowCache<DeviceId, number>()

  constructor(db: Database.Database) {
    this.#sql = prepareAll(db)
  }

  /** What is held in memory may be behind the file. */
  rolledBack(): void {
    this.#atMost.clear()
  }

  find({ device, epoch, lane, seq }: OutboxSource): { readonly id: string; readonly outcome: string } | undefined {
    return this.#sql.find.get(device, epoch, lane, seq)
  }

  put({ device, epoch, lane, seq }: OutboxSource, id: CommandId, outcome: string): void {
    this.#sql.put.run(device, epoch, lane, seq, id, outcome)
    this.#atMost.set(device, this.#held(device) + 1)
  }

  /** Whether this device has so many, or more. */
  reaches(device: DeviceId, count: number): boolean {
    if (this.#held(device) < count) return false
    const held = this.#sql.count.get(device, count) ?? 0
    this.#atMost.set(device, held)
    return held === count
  }

  confirm({ device, epoch, lane, upTo }: { device: DeviceId; epoch: string; lane: Lane; upTo: number }): void {
    this.#deleted(device, this.#sql.confirm.run(device, epoch, lane, upTo))
  }

  /** Those of this outbox go. */
  removeEpoch(device: DeviceId, epoch: string): void {
    this.#deleted(device, this.#sql.removeEpoch.run(device, epoch))
  }

  /** Those of every other outbox go; whether there were any. */
  removeOthers(device: DeviceId, epoch: string): boolean {
    const removed = this.#sql.removeOthers.run(device, epoch)
    this.#deleted(device, removed)
    return removed.changes > 0
  }

  #held(device: DeviceId): number {
    return this.#atMost.get(device, () => undefined) ?? Infinity
  }

  #deleted(device: DeviceId, { changes }: Database.RunResult): void {
    this.#atMost.set(device, this.#held(device) - changes)
  }
}

function prepareAll(db: Database.Database) {
  return {
    find: db.prepare<[string, string, string, number], { id: string; outcome: string }>(
      'SELECT id, outcome FROM results WHERE device = ? AND epoch = ? AND lane = ? AND seq = ?',
    ),
    put: db.prepare<[string, string, string, number, string, string]>(
      'INSERT INTO results (device, epoch, lane, seq, id, outcome) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    count: db
      .prepare<[string, number], number>('SELECT COUNT(*) FROM (SELECT 1 FROM results WHERE device = ? LIMIT ?)')
      .pluck(),
    confirm: db.prepare<[string, string, string, number]>(
      'DELETE FROM results WHERE device = ? AND epoch = ? AND lane = ? AND seq <= ?',
    ),
    removeOthers: db.prepare<[string, string]>('DELETE FROM results WHERE device = ? AND epoch <> ?'),
    removeEpoch: db.prepare<[string, string]>('DELETE FROM results WHERE device = ? AND epoch = ?'),
  }
}
