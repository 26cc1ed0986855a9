import { createHash, randomBytes } from 'node:crypto'
import type Database from 'better-sqlite3'
import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { Epoch, EventId } from '../../../relay/protocol/ids.ts'

/** A row of `channels`, cached: the worker is the database's only user, so memory and file agree between transactions. */
export interface ChannelRow {
  readonly id: number
  readonly name: ChannelName
  readonly epoch: Epoch
  top: number
  topId: EventId | null
  floor: number
  floorId: EventId | null
}

/** SQLite counts rows from 1: no event and no record is in this channel. */
const NO_ROW = 0

/**
 * The channels of the site by name. `reload` after a rollback, because the cache may then be ahead of the file.
 * Bounded by the names the gateway lets through: domains × areas, people, and documents.
 */
export class ChannelTable {
  readonly #rows = new Map<string, ChannelRow>()
  readonly #select: Database.Statement<[], ChannelRow>
  readonly #insert: Database.Statement<[string, string]>
  readonly #raise: Database.Statement<[number, string | null, number]>
  readonly #rename: Database.Statement<[string, number]>
  readonly #move: Database.Statement<[number, string, number]>
  readonly #incarnation: Database.Statement<[], string>

  constructor(db: Database.Database) {
    this.#select = db.prepare('SELECT id, name, epoch, top, top_id AS topId, floor, floor_id AS floorId FROM channels')
    this.#insert = db.prepare('INSERT INTO channels (name, epoch) VALUES (?, ?)')
    this.#move = db.prepare('UPDATE channels SET top = ?, top_id = ? WHERE id = ?')
    this.#raise = db.prepare('UPDATE channels SET floor = ?, floor_id = ? WHERE id = ?')
    this.#rename = db.prepare('UPDATE channels SET epoch = ? WHERE id = ?')
    this.#incarnation = db.prepare<[], string>(`SELECT value FROM meta WHERE key = 'incarnation'`).pluck()
    this.reload()
  }

  reload(): void {
    this.#rows.clear()
    for (const row of this.#select.all()) this.#rows.set(row.name, row)
  }

  all(): readonly ChannelRow[] {
    return [...this.#rows.values()]
  }

  /** The channel to read from; one that nobody has written to is as it will begin, and is not written for that. */
  find(name: ChannelName): Readonly<ChannelRow> {
    return this.#rows.get(name) ?? this.#unwritten(name)
  }

  /** The channel to write to, made when nobody has before. */
  open(name: ChannelName): ChannelRow {
    const known = this.#rows.get(name)
    if (known !== undefined) return known
    const begun = this.#unwritten(name)
    const row = { ...begun, id: Number(this.#insert.run(name, begun.epoch).lastInsertRowid) }
    this.#rows.set(name, row)
    return row
  }

  /**
   * Its first epoch follows from the incarnation and the name: a cursor that was taken before the first event stays good, and
   * after a restore, which begins an incarnation, it does not.
   */
  #unwritten(name: ChannelName): ChannelRow {
    const hash = createHash('sha256').update(`${String(this.#incarnation.get())} ${name}`)
    const epoch = hash.digest('hex').slice(0, 16) as Epoch
    return { id: NO_ROW, name, epoch, top: 0, topId: null, floor: 0, floorId: null }
  }

  /** Takes the next offset for this event. */
  advance(row: ChannelRow, id: EventId): number {
    row.top += 1
    row.topId = id
    this.#move.run(row.top, id, row.id)
    return row.top
  }

  /** Everything up to and including this event is no longer retained. */
  raiseFloor(row: ChannelRow, offset: number, id: EventId | null): void {
    row.floor = offset
    row.floorId = id
    this.#raise.run(offset, id, row.id)
  }

  /** Gives every channel a new life: offsets of before can no longer be compared. */
  rotateEpochs(): void {
    for (const { id } of this.#rows.values()) this.#rename.run(newEpoch(), id)
    this.reload()
  }
}

function newEpoch(): Epoch {
  return randomBytes(8).toString('hex') as Epoch
}
