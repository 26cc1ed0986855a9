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
  /** How many records it holds, and their bytes. */
  records: number
  recordBytes: number
  /** Bytes of `data` of the events that are retained. */
  eventBytes: number
  /** The commit that brought its last event, as far as this process knows: it may be an earlier one. Not in the file. */
  lastCommit: number
}

/** SQLite counts rows from 1: no event and no record is in this channel. */
const NO_ROW = 0

/**
 * The channels of the site by name. `reload` after a rollback, because the cache may then be ahead of the file.
 * Bounded by the names the gateway lets through: domains × areas, people, and documents.
 */
export class ChannelTable {
  readonly #rows = new Map<string, ChannelRow>()
  readonly #byId = new Map<number, ChannelRow>()
  readonly #select: Database.Statement<[], Omit<ChannelRow, 'lastCommit'>>
  readonly #insert: Database.Statement<[string, string]>
  readonly #rename: Database.Statement<[string, number]>
  readonly #write: Database.Statement<[ChannelRow]>
  readonly #incarnation: Database.Statement<[], string>
  /** Changed since they were last put into the file. */
  readonly #changed = new Set<ChannelRow>()
  #commits = 0

  constructor(db: Database.Database) {
    this.#select = db.prepare(
      `SELECT id, name, epoch, top, top_id AS topId, floor, floor_id AS floorId, records, record_bytes AS recordBytes,
       event_bytes AS eventBytes FROM channels`,
    )
    this.#insert = db.prepare('INSERT INTO channels (name, epoch) VALUES (?, ?)')
    this.#write = db.prepare(
      `UPDATE channels SET top = @top, top_id = @topId, floor = @floor, floor_id = @floorId, records = @records,
       record_bytes = @recordBytes, event_bytes = @eventBytes WHERE id = @id`,
    )
    this.#rename = db.prepare('UPDATE channels SET epoch = ? WHERE id = ?')
    this.#incarnation = db.prepare<[], string>(`SELECT value FROM meta WHERE key = 'incarnation'`).pluck()
    this.reload()
  }

  reload(): void {
    this.#rows.clear()
    this.#byId.clear()
    this.#changed.clear()
    // What was rolled back nobody knows; told of once too often, a channel is looked at in vain.
    for (const row of this.#select.all()) this.#remember({ ...row, lastCommit: this.nextCommit })
  }

  /** So many commits the file has had when it was opened: every channel may have been written to in the last of them. */
  opened(commits: number): void {
    this.#commits = commits
    for (const row of this.#rows.values()) row.lastCommit = commits
  }

  /** The transaction that was open is in the file. */
  committed(): void {
    this.#commits += 1
  }

  /** How many commits are in the file. */
  get commits(): number {
    return this.#commits
  }

  /** The number of the commit that the open transaction will be. */
  get nextCommit(): number {
    return this.#commits + 1
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
    return this.#remember({ ...begun, id: Number(this.#insert.run(name, begun.epoch).lastInsertRowid) })
  }

  /** The channel with this number. @throws when there is none: a record without its channel is a bug. */
  byId(id: number): ChannelRow {
    const row = this.#byId.get(id)
    if (row === undefined) throw new Error(`no channel ${id}`)
    return row
  }

  /**
   * Its first epoch follows from the incarnation and the name: a cursor that was taken before the first event stays good, and
   * after a restore, which begins an incarnation, it does not.
   */
  #unwritten(name: ChannelName): ChannelRow {
    const hash = createHash('sha256').update(`${String(this.#incarnation.get())} ${name}`)
    const epoch = hash.digest('hex').slice(0, 16) as Epoch
    const nothing = {
      top: 0,
      topId: null,
      floor: 0,
      floorId: null,
      records: 0,
      recordBytes: 0,
      eventBytes: 0,
      lastCommit: 0,
    }
    return { id: NO_ROW, name, epoch, ...nothing }
  }

  #remember(row: ChannelRow): ChannelRow {
    this.#rows.set(row.name, row)
    this.#byId.set(row.id, row)
    return row
  }

  /** This row was changed; `flush` puts it into the file, once for all that a transaction changes in it. */
  changed(row: ChannelRow): void {
    this.#changed.add(row)
  }

  flush(): void {
    for (const row of this.#changed) this.#write.run(row)
    this.#changed.clear()
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
