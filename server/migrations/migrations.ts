import { readFileSync } from 'node:fs'

export interface Migration {
  readonly name: string
  readonly sql: string
}

/** Every schema step in order; the number of the last is the database's `user_version`. Never edited after a release. */
export const migrations: readonly Migration[] = ['0001-initial'].map((name) => ({
  name,
  sql: readFileSync(new URL(`./${name}.sqlite.sql`, import.meta.url), 'utf8'),
}))
