import { readFileSync } from 'node:fs'

export interface Migration {
  readonly name: string
  readonly sql: string
}

/**
 * Every schema step in order; the number of the last is the database's `user_version`. Append only: a step that has landed never
 * changes again, because databases exist that were made by it (`migrations.test.ts` pins each by its hash).
 */
export const migrations: readonly Migration[] = [
  '0001-initial',
  '0002-last-command',
  '0003-raised-alerts',
  '0004-kept-sums',
  '0005-urgent-passages',
  '0006-sign-ins',
  '0007-strangers',
  '0008-timers',
  '0009-link-numbers',
  '0010-raisers',
  '0011-receipt-places',
  '0012-said-messages',
  '0013-last-heard',
  '0014-answers',
].map(migration)

/** The steps of the file that holds the past of signals, by the same rules. */
export const seriesMigrations: readonly Migration[] = ['series-0001'].map(migration)

/** The file of the search. It is made from the store, so one of another step is made anew instead of changed. */
export const searchSchema: Migration = migration('search-0001')

/** The steps of the file that says which messages name what is kept of photos and files; it can be made anew from the store and their folder. */
export const attachmentsMigrations: readonly Migration[] = ['attachments-0001', 'attachments-0002'].map(migration)

/** The steps of a store on PostgreSQL, by the same rules; how many are done stands in its `meta`. */
export const postgresMigrations: readonly Migration[] = [
  'postgres-0001',
  'postgres-0002',
  'postgres-0003',
  'postgres-0004',
  'postgres-0005',
  'postgres-0006',
  'postgres-0007',
].map((name) => step(name, `${name}.sql`))

function migration(name: string): Migration {
  return step(name, `${name}.sqlite.sql`)
}

function step(name: string, file: string): Migration {
  return { name, sql: readFileSync(new URL(`./${file}`, import.meta.url), 'utf8') }
}
