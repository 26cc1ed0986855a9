import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { migrations } from './migrations.ts'

/** SHA-256 of each step as it landed. A failure here means: write the next step instead of changing this one. */
const LANDED: Readonly<Record<string, string>> = {
  '0001-initial': '228074a9020e7180b31941d627427ecac228eb410a694ca19ca03bb0de020e2b',
  '0002-last-command': '91f81d0a913910cbcfe3ccffc3c834ac29c1d6bc6afdee53f1eb2dafa57f98e8',
  '0003-raised-alerts': 'fdc187ea4c71ae8d64844bc6917f87571dd4e5f3181cf0cb3886377c199579b4',
}

it('[T9] a schema step that has landed never changes again; what is new is appended', () => {
  const hashes = migrations.map(({ name, sql }) => [name, createHash('sha256').update(sql).digest('hex')])
  expect(Object.fromEntries(hashes)).toEqual(LANDED)
})

it('[T9] the steps are numbered without a gap, and each file is one of them', () => {
  expect(migrations.map(({ name }) => Number(name.slice(0, 4)))).toEqual(migrations.map((_step, index) => index + 1))
  const files = readdirSync(import.meta.dirname).filter((name) => /^\d{4}-.*\.sql$/.test(name))
  expect(files.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(migrations.map(({ name }) => `${name}.sqlite.sql`))
})
