import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { migrations, postgresMigrations } from './migrations.ts'

/** SHA-256 of each step as it landed. A failure here means: write the next step instead of changing this one. */
const LANDED: Readonly<Record<string, string>> = {
  '0001-initial': '228074a9020e7180b31941d627427ecac228eb410a694ca19ca03bb0de020e2b',
  '0002-last-command': '91f81d0a913910cbcfe3ccffc3c834ac29c1d6bc6afdee53f1eb2dafa57f98e8',
  '0003-raised-alerts': 'fdc187ea4c71ae8d64844bc6917f87571dd4e5f3181cf0cb3886377c199579b4',
  '0004-kept-sums': 'f6aa48031c0f93e70820361139856e43550ae46a6ecfe321141a82de74f8c600',
  '0005-urgent-passages': '34b99f9360da13b192015cd5b6a6846f7cd1f0a609ad7074ba8e84d9f42466e6',
  '0006-sign-ins': '516825a153bd8b299d56bfece85b5c20748f40733c59230cf62870a12f497041',
  '0007-strangers': 'f6eeb4263f32793e724a46d520148e98f1d7008eb6ac6355071dec5dffda8914',
  '0008-timers': '4688d0dc843e18043ba750d89c5bdf391be98ad26722b5446b6c1491cceaaada',
  '0009-link-numbers': 'b4309f95d76d3f8605f7182d3c04c5588e6e50f9be7b5ce6e0dc7c40e68f5fcd',
  '0010-raisers': 'b528b061804c09539dd0afa763b96fb69cd0a36d8c0bb83fe98c5cb09e3050f4',
  '0011-receipt-places': 'b497c67523cec35f1758caca48e4a1d7581cc3c1671c8671bc6bb715e6330b13',
  '0012-said-messages': '7caf8ca179b59331c8be908c5646ccc6eacecd5521b8d214db3b6b8c14759f4c',
  '0013-last-heard': '52b83541d21ceea3bccc1a5c14389bb5e4b1b14da5fbcdf49ad23c40fe75cf95',
  '0014-answers': '46641c4761fa2106428c4bd2aea77421dbf336748eb0021d91a47fc44b459711',
}

it('[T9] a schema step that has landed never changes again; what is new is appended', () => {
  const hashes = migrations.map(({ name, sql }) => [name, createHash('sha256').update(sql).digest('hex')])
  expect(Object.fromEntries(hashes)).toEqual(LANDED)
})

it('[T9] nor does one of a store on PostgreSQL', () => {
  const hashes = postgresMigrations.map(({ name, sql }) => [name, createHash('sha256').update(sql).digest('hex')])
  expect(Object.fromEntries(hashes)).toEqual({
    'postgres-0001': '1f43456176ca2ddc120daa4600e13dbfb9aa4cccecdb19b7e1d5af50079a5804',
    'postgres-0002': '34158e5443f31eec5170921259033f6031219fc21a99ef1b3b07a4114f5a55f8',
    'postgres-0003': '3569eea7fd1fe7a9e77645885cfc646de44745e3382a68f7d6831a192b291b27',
    'postgres-0004': '4c0fc03f26c2d53cafaa3539a1de6ea5897c892e57fc064e4eeb9c27c7a3ea4d',
    'postgres-0005': '3f1d4a2ae82c3a0c45890f46c664257187b5528c0f93abcf125ddb725b8f345c',
    'postgres-0006': 'be65d18fd5bad4955f858806b608e0e83b410be7b192e7915509ca6468ab1312',
    'postgres-0007': 'e58b1ae705f78d2a311ca6440af09537d9b731c84f0c018d7d3b93c3f1269bec',
  })
})

it('[T9] the steps are numbered without a gap, and each file is one of them', () => {
  expect(migrations.map(({ name }) => Number(name.slice(0, 4)))).toEqual(migrations.map((_step, index) => index + 1))
  const files = readdirSync(import.meta.dirname).filter((name) => /^\d{4}-.*\.sql$/.test(name))
  expect(files.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(migrations.map(({ name }) => `${name}.sqlite.sql`))
})
