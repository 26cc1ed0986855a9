import type Database from 'better-sqlite3'
import type { SearchKind } from '../../../relay/protocol/search.ts'

export interface ItemRow {
  readonly id: number
  readonly kind: SearchKind
  readonly key: string
  readonly scope: number
  readonly channel: string
  readonly area: string
  readonly offset: number
  readonly at: string
  readonly by: string
  readonly title: string
  readonly text: string
}

const ITEM = `SELECT items.id, kind, key, scope, channel, area, offset, at, by, title, text
  FROM items JOIN scopes ON scopes.id = items.scope`

/** What is read and written of the index. */
export type SearchSql = ReturnType<typeof prepareSearch>

export function prepareSearch(db: Database.Database) {
  return {
    meta: db.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck(),
    putMeta: db.prepare<[string, string]>('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)'),
    cursors: db.prepare<[]>('SELECT channel, epoch, offset FROM cursors'),
    putCursor: db.prepare<[string, string, number]>(
      'INSERT OR REPLACE INTO cursors (channel, epoch, offset) VALUES (?, ?, ?)',
    ),
    dropCursor: db.prepare<[string]>('DELETE FROM cursors WHERE channel = ?'),
    empty: [
      db.prepare<[]>('DELETE FROM meta'),
      db.prepare<[]>('DELETE FROM cursors'),
      db.prepare<[]>('DELETE FROM items'),
      db.prepare<[]>('DELETE FROM scopes'),
      db.prepare<[]>("INSERT INTO grams (grams) VALUES ('delete-all')"),
    ],

    scope: db
      .prepare<[string, string], number>(
        'INSERT INTO scopes (channel, area) VALUES (?, ?) ON CONFLICT DO UPDATE SET area = area RETURNING id',
      )
      .pluck(),
    scopes: db.prepare<[], { id: number; channel: string; area: string }>(
      'SELECT id, channel, area FROM scopes WHERE items > 0',
    ),
    count: db.prepare<[number, number, number]>('UPDATE scopes SET items = items + ?, bytes = bytes + ? WHERE id = ?'),
    sums: db.prepare<[], { items: number; bytes: number }>(
      'SELECT coalesce(sum(items), 0) AS items, coalesce(sum(bytes), 0) AS bytes FROM scopes',
    ),
    overfull: db.prepare<[number], { id: number; items: number }>('SELECT id, items FROM scopes WHERE items > ?'),
    mostItems: db.prepare<[], number>('SELECT id FROM scopes WHERE items > 0 ORDER BY items DESC LIMIT 1').pluck(),
    mostBytes: db.prepare<[], number>('SELECT id FROM scopes WHERE items > 0 ORDER BY bytes DESC LIMIT 1').pluck(),

    item: db.prepare<[string, string], ItemRow>(`${ITEM} WHERE kind = ? AND key = ?`),
    isTaken: db.prepare<[number], number>('SELECT 1 FROM items WHERE id = ?').pluck(),
    insert: db.prepare<[number, string, string, number, number, string, string, string, string, string | null, number]>(
      `INSERT INTO items (id, kind, key, scope, offset, at, by, title, text, number, standing)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    move: db.prepare<[number, number, number]>('UPDATE items SET offset = ?, standing = ? WHERE id = ?'),
    end: db.prepare<[number, number]>('UPDATE items SET offset = ?, standing = 0 WHERE id = ?'),
    delete: db.prepare<[number]>('DELETE FROM items WHERE id = ?'),
    ofChannel: db.prepare<[string], ItemRow>(`${ITEM} WHERE channel = ?`),
    oldest: db.prepare<[number, number], ItemRow>(`${ITEM} WHERE scope = ? ORDER BY items.id LIMIT ?`),
    expired: db.prepare<[string, number, number], ItemRow>(
      `${ITEM} WHERE items.id IN (
         SELECT items.id FROM items JOIN scopes ON scopes.id = items.scope
         WHERE channel = ? AND standing = 0 ORDER BY items.id LIMIT ?
       ) AND offset <= ?`,
    ),
    ofNumber: db.prepare<[string], ItemRow>(`${ITEM} WHERE number = ? ORDER BY items.id DESC`),

    index: db.prepare<[number, string]>('INSERT INTO grams (rowid, pieces) VALUES (?, ?)'),
    unindex: db.prepare<[number, string]>("INSERT INTO grams (grams, rowid, pieces) VALUES ('delete', ?, ?)"),
    // A bound number would be no whole one.
    secure: db.prepare<[]>("INSERT INTO grams (grams, rank) VALUES ('secure-delete', 1)"),
    insecure: db.prepare<[]>("INSERT INTO grams (grams, rank) VALUES ('secure-delete', 0)"),
    /** Whatever has all these pieces, from this id downwards. */
    withPieces: db.prepare<[string, number], ItemRow>(
      `SELECT items.id, kind, key, scope, channel, area, offset, at, by, title, text
       FROM grams CROSS JOIN items ON items.id = grams.rowid CROSS JOIN scopes ON scopes.id = items.scope
       WHERE grams MATCH ? AND grams.rowid < ? ORDER BY grams.rowid DESC`,
    ),
  }
}
