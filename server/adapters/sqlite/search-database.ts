import { join } from 'node:path'
import type Database from 'better-sqlite3'
import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { Incarnation } from '../../../relay/protocol/ids.ts'
import { unreachable } from '../../../relay/protocol/rights.ts'
import { searchSchema } from '../../migrations/migrations.ts'
import type {
  SearchBatch,
  SearchChange,
  SearchCursor,
  SearchFound,
  SearchItem,
  SearchQuestion,
  SearchRules,
  SearchState,
} from '../../ports/search.ts'
import type { Position } from '../../ports/store-reader.ts'
import { makeFolder } from './open-database.ts'
import { findIn } from './search-find.ts'
import { prepareSearch, type ItemRow, type SearchSql } from './search-sql.ts'
import { openOrMakeAnew, throwAway } from './side-file.ts'

export const SEARCH_FILE = 'search.sqlite'

/** 'ANDF': what is found again, as `andon.sqlite` is 'ANDN'. */
const APPLICATION_ID = 0x414e4446
/** Ids that one millisecond has, before its things take those of the next one. */
const IDS_OF_MS = 4
/** Things looked over in one step of cleaning up. */
const MAX_EXPIRED = 500

export interface SearchDatabaseOptions {
  readonly folder: string
  readonly rules: SearchRules
  /** Told what was thrown away or went wrong without failing a call. */
  readonly failed: (what: string, cause: unknown) => void
}

/** The index on SQLite; synchronous, its thread's only user. */
export class SearchDatabase {
  readonly #db: Database.Database
  readonly #rules: SearchRules
  readonly #sql: SearchSql
  /** Ids in a row that are taken, where one was taken last: a burst has more things than milliseconds. */
  #run = { first: 0, last: 0 }

  /** @throws {Error} when the folder does not take the file */
  constructor(options: SearchDatabaseOptions) {
    const { db, sql } = openSearch(options)
    this.#db = db
    this.#sql = sql
    this.#rules = options.rules
  }

  begin(incarnation: Incarnation): SearchState {
    const sql = this.#sql
    const made = `${this.#rules.version} ${incarnation}`
    if (sql.meta.get('made') !== made) {
      this.#db.transaction(() => {
        for (const statement of sql.empty) statement.run()
        sql.putMeta.run('made', made)
      })()
    }
    const position = sql.meta.get('position') ?? null
    // Only `write` puts these in.
    return { position: position as Position | null, cursors: sql.cursors.all() as readonly SearchCursor[] }
  }

  write({ changes, cursor, position }: SearchBatch): void {
    this.#db.transaction(() => {
      for (const change of changes) this.#change(change)
      if (cursor !== undefined) this.#sql.putCursor.run(cursor.channel, cursor.epoch, cursor.offset)
      if (position !== undefined) this.#sql.putMeta.run('position', position)
      this.#keepBounds()
    })()
  }

  find(question: SearchQuestion): SearchFound {
    return findIn({ sql: this.#sql, rules: this.#rules, question })
  }

  counts(): { readonly items: number; readonly bytes: number } {
    return this.#sql.sums.get() ?? { items: 0, bytes: 0 }
  }

  close(): void {
    this.#db.close()
  }

  /** Closes it and throws the file away: it is made anew. */
  discard(): void {
    const { name } = this.#db
    this.#db.close()
    throwAway(name)
  }

  #change(change: SearchChange): void {
    switch (change.kind) {
      case 'put':
        return this.#put(change.item)
      case 'drop':
        return this.#drop(change.of, change.id)
      case 'ended': {
        const row = this.#sql.item.get(change.of, change.id)
        if (row?.channel === change.channel && row.offset < change.offset) this.#sql.end.run(change.offset, row.id)
        return
      }
      case 'forget':
        return this.#forget(change.channel)
      case 'expire':
        for (const row of this.#sql.expired.all(change.channel, MAX_EXPIRED, change.offset)) this.#delete(row)
        return
      default:
        return unreachable(change)
    }
  }

  #put(given: SearchItem): void {
    const sql = this.#sql
    const item = this.#cut(given)
    const before = sql.item.get(item.kind, item.id)
    if (before?.channel === item.channel && before.offset > item.offset) return
    const number = item.number === null ? null : this.#rules.fold(item.number)
    if (before !== undefined) {
      const isSame =
        before.channel === item.channel &&
        before.area === item.area &&
        before.at === item.at &&
        before.title === item.title &&
        before.text === item.text
      if (isSame) {
        sql.move.run(item.offset, item.isStanding ? 1 : 0, before.id)
        return
      }
      this.#delete(before)
    }
    const scope = sql.scope.get(item.channel, item.area) ?? 0
    const id = this.#idOf(item.at)
    const { kind, at, by, title, text, offset } = item
    sql.insert.run(id, kind, item.id, scope, offset, at, by, title, text, number, item.isStanding ? 1 : 0)
    sql.index.run(id, this.#piecesOf(item, scope))
    sql.count.run(1, bytesOf(item), scope)
  }

  /** Composed, so that a character is compared by itself. */
  #cut(item: SearchItem): SearchItem {
    const max = this.#rules.maxTextLength
    const whole = (text: string): string => text.slice(0, max).toWellFormed().normalize('NFC')
    return { ...item, title: whole(item.title), text: whole(item.text) }
  }

  #piecesOf({ title, text }: Pick<ItemRow, 'title' | 'text'>, scope: number): string {
    // A piece of a word has three characters at most, so no word is the name of a scope.
    return [`scope${scope}`, ...this.#rules.gramsOf(`${title}\n${text}`)].join(' ')
  }

  /** By time, so that the newest is found first; of one millisecond in the order of their coming. */
  #idOf(at: string): number {
    const first = Date.parse(at) * IDS_OF_MS
    const run = this.#run
    let id = first >= run.first && first <= run.last ? run.last + 1 : first
    while (this.#sql.isTaken.get(id) !== undefined) id += 1
    this.#run = id === run.last + 1 ? { first: run.first, last: id } : { first: id, last: id }
    return id
  }

  /** What was taken back is taken out of the pages of the index, too, and not only marked there; that costs milliseconds. */
  #drop(kind: string, key: string): void {
    const row = this.#sql.item.get(kind, key)
    if (row === undefined) return
    this.#sql.secure.run()
    this.#delete(row)
    this.#sql.insecure.run()
  }

  #delete(row: ItemRow): void {
    this.#sql.unindex.run(row.id, this.#piecesOf(row, row.scope))
    this.#sql.delete.run(row.id)
    this.#sql.count.run(-1, -bytesOf(row), row.scope)
  }

  #forget(channel: ChannelName): void {
    for (const row of this.#sql.ofChannel.all(channel)) this.#delete(row)
    this.#sql.dropCursor.run(channel)
  }

  /** What is oldest goes: of a scope that has too much, then of the one that has most. */
  #keepBounds(): void {
    const { maxItems, maxItemsPerScope, maxBytes } = this.#rules
    for (const { id, items } of this.#sql.overfull.all(maxItemsPerScope))
      this.#deleteOldest(id, items - maxItemsPerScope)
    for (let { items, bytes } = this.counts(); items > maxItems || bytes > maxBytes; { items, bytes } = this.counts()) {
      const largest = items > maxItems ? this.#sql.mostItems.get() : this.#sql.mostBytes.get()
      if (largest === undefined) return
      this.#deleteOldest(largest, Math.max(1, items - maxItems))
    }
  }

  #deleteOldest(scope: number, count: number): void {
    for (const row of this.#sql.oldest.all(scope, count)) this.#delete(row)
  }
}

function bytesOf({ title, text }: Pick<ItemRow, 'title' | 'text'>): number {
  return Buffer.byteLength(title) + Buffer.byteLength(text)
}

/** Whatever is wrong with a file is thrown away with it: the store has what it was made of. */
function openSearch({ folder, failed }: SearchDatabaseOptions): {
  readonly db: Database.Database
  readonly sql: SearchSql
} {
  makeFolder(folder)
  return openOrMakeAnew(
    // A power cut may cost the last batches, and the cursors with them: they are written again.
    { file: join(folder, SEARCH_FILE), applicationId: APPLICATION_ID, steps: [searchSchema], synchronous: 'NORMAL' },
    (db) => {
      // What was taken back is not left in a free page.
      db.pragma('secure_delete = ON')
      return prepareSearch(db)
    },
    (cause) => failed('search-anew', cause),
  )
}
