import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CommandId, DeviceId } from '../../../relay/protocol/ids.ts'
import { createRules } from '../../core/rules.ts'
import { domains } from '../../domains.ts'
import type { Receipt } from '../../ports/store-writer.ts'
import type { Submission } from '../../ports/submission.ts'
import { policyOfAll } from '../../testing/channel-policy.ts'
import { SqliteDatabase, type Call } from './database.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-evidence-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Keeps no events: after the next clean-up nothing but records and evidence tells of an alert. */
function open(): SqliteDatabase {
  const none = { maxEvents: 0, maxAgeMs: 1e12 }
  return new SqliteDatabase({
    folder,
    rules: createRules(domains),
    retention: {
      channels: policyOfAll(none),
      maxPruned: 100,
      kept: { marks: 1e12, idempotency: 1e12, receipts: 1e12, sessions: 1e12, usedDevices: 1e12, strangers: 1e12 },
    },
    now: () => '2026-11-20T03:00:00.000Z',
    failed: () => undefined,
  })
}

it('[E3] takes receipts of an alert whose history is gone while somebody else has proved it, or while it is there', () => {
  const database = open()
  value(database, 'addArea', 'line-3')
  value(database, 'putApiKey', { id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] })
  const [proved, unproved, living] = [id(1), id(2), id(3)]
  for (const alert of [proved, unproved, living])
    submit(database, alert, 'alert.raise', { priority: 'P2', area: 'line-3', title: 'Press 2 hot' })
  for (const [index, alert] of [proved, unproved].entries()) {
    submit(database, id(10 + index), 'alert.ack', { id: alert })
    submit(database, id(20 + index), 'alert.resolve', { id: alert })
  }
  value(database, 'recordReceipts', [receipt(proved, 'a')])
  database.prune()
  const late = [proved, unproved, living].map((alert) => receipt(alert, 'b'))
  expect(value(database, 'recordReceipts', late)).toBe(1)
  const counts = [proved, unproved, living].map((alert) => (value(database, 'receipts', alert) as unknown[]).length)
  expect(counts).toEqual([2, 0, 1])
  database.close()
})

function receipt(alert: CommandId, device: string): Receipt {
  return { alert, device: device.repeat(43) as DeviceId, kind: 'displayed', at: '2026-11-20T03:00:00.000Z' }
}

function submit(database: SqliteDatabase, command: CommandId, type: string, data: unknown): void {
  const submission: Submission = {
    source: { kind: 'api', keyId: 'key-1', idempotency: null },
    id: command,
    type,
    data,
  }
  expect(value(database, 'submit', submission)).toMatchObject({ verdict: { outcome: { outcome: 'applied' } } })
}

function value(database: SqliteDatabase, method: Call['method'], ...args: unknown[]): unknown {
  const [answer] = database.run([{ ref: 1, method, args }])
  if (answer?.ok !== true) throw new Error(JSON.stringify(answer))
  return answer.value
}

function id(number: number): CommandId {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}` as CommandId
}
