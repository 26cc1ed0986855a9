import type Database from 'better-sqlite3'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import { RowCache } from './row-cache.ts'

/** Numbers that one commit writes down: after a storm of greetings it holds up nobody. */
const MAX_WRITES = 500

/**
 * The number of each device's last link (PROTOCOL N11). It counts from the moment it is raised; its row follows with a commit
 * that others need, because a greeting of a device that is known writes nothing (T14). What is lost with the process is the
 * number of a link that was lost with it, and no link of before a restart brings anything any more.
 */
export class LinkNumbers {
  readonly #sql: ReturnType<typeof prepareAll>
  /** Raised since the last commit, at most one for each device that is known. */
  readonly #raised = new Map<DeviceId, number>()
  /** Written in the transaction that is open. */
  readonly #written = new Map<DeviceId, number>()
  readonly #rows = new RowCache<DeviceId, number>()

  constructor(db: Database.Database) {
    this.#sql = prepareAll(db)
  }

  /** The number of a new link, which is the device's last from now on. */
  raise(device: DeviceId): number {
    const number = this.#lastOf(device) + 1
    this.#raised.set(device, number)
    return number
  }

  /** Whether a later link of this device took the place of this one. One that names no link is not asked. */
  isStale(device: DeviceId, link: number | undefined): boolean {
    return link !== undefined && link < this.#lastOf(device)
  }

  /** Brings rows up to date, in a transaction that writes anyway. A device that is not known any more has none. */
  write(): void {
    for (const [device, number] of this.#raised) {
      if (this.#written.size >= MAX_WRITES) return
      this.#raised.delete(device)
      this.#written.set(device, number)
      this.#sql.write.run(number, device)
    }
  }

  committed(): void {
    for (const [device, number] of this.#written) this.#rows.set(device, number)
    this.#written.clear()
  }

  /** Nothing of it is in the file, and every number was given out. */
  rolledBack(): void {
    for (const [device, number] of this.#written) if (!this.#raised.has(device)) this.#raised.set(device, number)
    this.#written.clear()
    this.#rows.clear()
  }

  #lastOf(device: DeviceId): number {
    const raised = this.#raised.get(device) ?? this.#written.get(device)
    return raised ?? this.#rows.get(device, () => this.#sql.link.get(device)) ?? 0
  }
}

function prepareAll(db: Database.Database) {
  return {
    link: db.prepare<[string], number>('SELECT link FROM devices WHERE id = ?').pluck(),
    write: db.prepare<[number, string]>('UPDATE devices SET link = MAX(link, ?) WHERE id = ?'),
  }
}
