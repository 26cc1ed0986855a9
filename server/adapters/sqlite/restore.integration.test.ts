import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { channelName } from '../../../relay/protocol/channels.ts'
import { policyOfAll } from '../../testing/channel-policy.ts'
import { createRules } from '../../core/rules.ts'
import { domains } from '../../domains.ts'
import { SqliteDatabase } from './database.ts'
import { prepareRestore } from './restore.ts'

const KEPT = { maxEvents: 1e9, maxAgeMs: 1e12 }
const retention = {
  channels: policyOfAll(KEPT),
  maxPruned: 100,
  kept: { marks: 1e12, idempotency: 1e12, receipts: 1e12, sessions: 1e12, usedDevices: 1e12, strangers: 1e12 },
}

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-restore-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('[P2] a copy gets a new incarnation and new epochs, also where no mark beside it tells that it is old', async () => {
  const database = open(folder)
  const before = names(database)
  const backup = join(folder, 'site.backup')
  await database.backup(backup)
  database.close()
  const copy = open(prepareRestore(join(folder, 'elsewhere'), backup))
  const [incarnation, epoch] = names(copy)
  copy.close()
  expect([incarnation === before[0], epoch === before[1]]).toEqual([false, false])
})

/** The incarnation, and the epoch of the urgent channel. */
function names(database: SqliteDatabase): readonly unknown[] {
  const answers = database.run([
    { ref: 1, method: 'incarnation', args: [] },
    { ref: 2, method: 'snapshotStart', args: [channelName('alerts', 'urgent')] },
  ])
  return answers.map((answer) => {
    if (!answer.ok) throw new Error(answer.message)
    const { value } = answer
    return typeof value === 'object' && value !== null && 'epoch' in value ? value.epoch : value
  })
}

function open(at: string): SqliteDatabase {
  const now = (): string => '2026-11-20T03:00:00.000Z'
  return new SqliteDatabase({ folder: at, rules: createRules(domains), retention, now, failed: () => undefined })
}
