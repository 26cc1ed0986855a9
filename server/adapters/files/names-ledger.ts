import { join } from 'node:path'
import type Database from 'better-sqlite3'
import type { ContentHash } from '../../../relay/protocol/attachments.ts'
import type { CommandId, Incarnation } from '../../../relay/protocol/ids.ts'
import type { NamingMessage } from '../../ports/attachments.ts'
import { attachmentsMigrations } from '../../migrations/migrations.ts'
import { openOrMakeAnew } from '../sqlite/side-file.ts'

export const LEDGER_FILE = 'names.sqlite'

/** 'ANDA': as `andon.sqlite` is 'ANDN'. */
const APPLICATION_ID = 0x414e4441

/** What is kept, and which messages name it. Synchronous; its thread's only user. What it says is durable when a call returns. */
export class NamesLedger {
  readonly #db: Database.Database
  readonly #sql: ReturnType<typeof prepareAll>

  /** A file that is damaged or of another Andon is made anew. */
  constructor(folder: string, failed: (what: string, cause: unknown) => void) {
    const file = join(folder, LEDGER_FILE)
    // A name that a power cut takes back would let go of what a message says is stored.
    const side = { file, applicationId: APPLICATION_ID, steps: attachmentsMigrations, synchronous: 'FULL' } as const
    const { db, sql } = openOrMakeAnew(side, prepareAll, (cause) => failed('names-anew', cause))
    this.#db = db
    this.#sql = sql
  }

  /** Whether it is of this store, and knows of every content who names it. */
  stateFor(incarnation: Incarnation): 'whole' | 'begun' | 'other' {
    if (this.#sql.meta.get('made') !== incarnation) return 'other'
    return this.#sql.meta.get('whole') === incarnation ? 'whole' : 'begun'
  }

  /** Of this store from now on, with these contents and no names. */
  beginAnew(incarnation: Incarnation, contents: Iterable<readonly [hash: string, bytes: number]>, at: number): void {
    this.#db.transaction(() => {
      for (const statement of this.#sql.empty) statement.run()
      for (const [hash, bytes] of contents) this.#sql.putContent.run(hash, bytes, at)
      this.#sql.putMeta.run('made', incarnation)
    })()
  }

  get isWhole(): boolean {
    const made = this.#sql.meta.get('made')
    return made !== undefined && this.#sql.meta.get('whole') === made
  }

  whole(): void {
    this.#sql.putMeta.run('whole', this.#sql.meta.get('made') ?? '')
  }

  /** Answers how many bytes more are kept now. */
  add(
    { id, by }: NamingMessage,
    hash: ContentHash,
    { bytes, at }: { readonly bytes: number; readonly at: number },
  ): number {
    return this.#db.transaction(() => {
      const before = this.#sql.bytesOf.get(hash) ?? 0
      this.#sql.putContent.run(hash, bytes, at)
      this.#sql.putName.run(id, by, hash)
      return bytes - before
    })()
  }

  /** What this message names. Answers what nobody names any more, which may go at once. */
  setNames({ id, by }: NamingMessage, hashes: readonly ContentHash[]): readonly ContentHash[] {
    return this.#db.transaction(() => {
      const before = this.#sql.namesOf.all(id)
      const wanted = new Set<string>(hashes)
      for (const hash of hashes) this.#sql.putName.run(id, by, hash)
      const gone = before.filter((hash) => !wanted.has(hash))
      for (const hash of gone) this.#sql.dropName.run(id, hash)
      const free = gone.filter((hash) => this.#sql.isNamed.get(hash) === undefined)
      for (const hash of free) this.#sql.free.run(hash)
      return free
    })()
  }

  names(id: CommandId, hash: ContentHash): boolean {
    return this.#sql.names.get(id, hash) !== undefined
  }

  /** What is kept for messages of this person, counted for each of them. */
  bytesOf(by: string): number {
    return this.#sql.bytesBy.get(by) ?? 0
  }

  namers(after: CommandId | null, max: number): readonly CommandId[] {
    return this.#sql.namers.all(after ?? '', max)
  }

  /** What nobody has named since before then. */
  unnamed(untilMs: number, max: number): readonly ContentHash[] {
    return this.#sql.unnamed.all(untilMs, max)
  }

  /** Answers how many bytes fewer are kept now. */
  forget(hash: ContentHash): number {
    const bytes = this.#sql.bytesOf.get(hash) ?? 0
    this.#sql.forget.run(hash)
    return bytes
  }

  sums(): { readonly stored: number; readonly bytes: number } {
    return this.#sql.sums.get() ?? { stored: 0, bytes: 0 }
  }

  close(): void {
    this.#db.close()
  }
}

function prepareAll(db: Database.Database) {
  return {
    meta: db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck(),
    putMeta: db.prepare<[string, string]>('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)'),
    empty: ['meta', 'contents', 'names', 'people'].map((table) => db.prepare<[]>(`DELETE FROM ${table}`)),
    putContent: db.prepare<[string, number, number]>(
      'INSERT OR REPLACE INTO contents (hash, bytes, at) VALUES (?, ?, ?)',
    ),
    bytesOf: db.prepare<[string], number>('SELECT bytes FROM contents WHERE hash = ?').pluck(),
    forget: db.prepare<[string]>('DELETE FROM contents WHERE hash = ?'),
    free: db.prepare<[string]>('UPDATE contents SET at = 0 WHERE hash = ?'),
    putName: db.prepare<[id: string, by: string, hash: string]>(
      `INSERT OR IGNORE INTO names (id, by, hash, bytes)
       SELECT ?, ?, given.hash, coalesce(contents.bytes, 0) FROM (SELECT ? AS hash) AS given LEFT JOIN contents USING (hash)`,
    ),
    names: db.prepare<[string, string], number>('SELECT 1 FROM names WHERE id = ? AND hash = ?').pluck(),
    bytesBy: db.prepare<[string], number>('SELECT bytes FROM people WHERE by = ?').pluck(),
    dropName: db.prepare<[string, string]>('DELETE FROM names WHERE id = ? AND hash = ?'),
    namesOf: db.prepare<[string], ContentHash>('SELECT hash FROM names WHERE id = ?').pluck(),
    isNamed: db.prepare<[string], number>('SELECT 1 FROM names WHERE hash = ? LIMIT 1').pluck(),
    namers: db
      .prepare<[string, number], CommandId>('SELECT DISTINCT id FROM names WHERE id > ? ORDER BY id LIMIT ?')
      .pluck(),
    unnamed: db
      .prepare<[number, number], ContentHash>(
        `SELECT hash FROM contents WHERE at < ? AND NOT EXISTS (SELECT 1 FROM names WHERE names.hash = contents.hash)
         ORDER BY at LIMIT ?`,
      )
      .pluck(),
    sums: db.prepare<[], { stored: number; bytes: number }>(
      'SELECT count(*) AS stored, coalesce(sum(bytes), 0) AS bytes FROM contents',
    ),
  }
}
