import type Database from 'better-sqlite3'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import type { Timer, TimerChange } from '../../ports/timers.ts'

/** Commands that wait for their time (T20). Synchronous; runs inside the open transaction. */
export class Timers {
  readonly #sql: ReturnType<typeof prepareAll>
  #count = 0

  constructor(db: Database.Database) {
    this.#sql = prepareAll(db)
    this.reload()
  }

  get waiting(): number {
    return this.#count
  }

  /** After a rollback: what is held in memory may be ahead of the file. */
  reload(): void {
    this.#count = this.#sql.count.get() ?? 0
  }

  /** Those that are due at this time, the one due first first. */
  due(upTo: string, max: number): readonly Timer[] {
    return this.#sql.due.all(upTo, max).map(({ data, ...row }) => ({ ...row, data: JSON.parse(data) as unknown }))
  }

  /** Its command is given now; false when it is not there as it was read: given before, set again or taken back. */
  give({ id, due }: Pick<Timer, 'id' | 'due'>): boolean {
    const { changes } = this.#sql.give.run(id, due)
    this.#count -= changes
    return changes === 1
  }

  /** Whether there is room for these, whatever they take the place of. */
  fits(changes: readonly TimerChange[]): boolean {
    return this.#count + changes.filter(({ kind }) => kind === 'set').length <= LIMITS.maxTimers
  }

  change(changes: readonly TimerChange[]): void {
    for (const change of changes) {
      const id = change.kind === 'set' ? change.timer.id : change.id
      this.#count -= this.#sql.takeBack.run(id).changes
      if (change.kind === 'take-back') continue
      const { due, type, data } = change.timer
      this.#sql.set.run(id, due, type, JSON.stringify(data))
      this.#count += 1
    }
  }
}

function prepareAll(db: Database.Database) {
  return {
    // Once, when the database is opened, and after a rollback.
    count: db.prepare<[], number>('SELECT COUNT(*) FROM timers').pluck(),
    due: db.prepare<[string, number], Omit<Timer, 'data'> & { readonly data: string }>(
      'SELECT id, due, type, data FROM timers WHERE due <= ? ORDER BY due LIMIT ?',
    ),
    give: db.prepare<[string, string]>('DELETE FROM timers WHERE id = ? AND due = ?'),
    takeBack: db.prepare<[string]>('DELETE FROM timers WHERE id = ?'),
    set: db.prepare<[string, string, string, string]>('INSERT INTO timers (id, due, type, data) VALUES (?, ?, ?, ?)'),
  }
}
