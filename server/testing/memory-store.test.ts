import { v7 as uuidv7 } from 'uuid'
import { describe, expect, it } from 'vitest'
import { channelName } from '../../relay/protocol/channels.ts'
import type { CommandId, DeviceId, OutboxEpoch } from '../../relay/protocol/ids.ts'
import { createRules } from '../core/rules.ts'
import { domains } from '../domains.ts'
import { storeContract } from '../ports/store.contract.ts'
import { NOON, timersContract } from '../ports/store-timers.contract.ts'
import type { Submission } from '../ports/submission.ts'
import { MemoryDatabase } from './memory-database.ts'
import { MemoryStore } from './memory-store.ts'

const DEVICE = 'd'.repeat(43) as DeviceId
const EPOCH = '00000000-0000-4000-8000-000000000001' as OutboxEpoch
const URGENT = channelName('alerts', 'urgent')

function newDatabase(): MemoryDatabase {
  return new MemoryDatabase({ rules: createRules(domains), now: () => '2026-11-20T06:00:00.000Z', uuid: uuidv7 })
}

function openStore(database: MemoryDatabase): MemoryStore {
  return new MemoryStore(database, { later: (run) => void setImmediate(run) })
}

storeContract('memory', () => {
  const database = newDatabase()
  return {
    open: () => Promise.resolve(openStore(database)),
    reopen: (store) => {
      ;(store as MemoryStore).crash()
      return Promise.resolve(openStore(database))
    },
    dispose: () => Promise.resolve(),
  }
})

timersContract('memory', () => {
  let database: MemoryDatabase
  return {
    open: (rules) => {
      database = new MemoryDatabase({ rules, now: () => NOON, uuid: uuidv7 })
      return Promise.resolve(openStore(database))
    },
    reopen: () => Promise.resolve(openStore(database)),
    dispose: () => Promise.resolve(),
  }
})

function raise(seq: number): Submission {
  return {
    source: { kind: 'outbox', device: DEVICE, epoch: EPOCH, lane: 'urgent', seq, session: null },
    id: `00000000-0000-7000-8000-${String(seq).padStart(12, '0')}` as CommandId,
    type: 'alert.raise',
    data: { priority: 'P0', area: 'line-3', title: `alert ${seq}` },
  }
}

async function newFloor(): Promise<{ readonly database: MemoryDatabase; readonly store: MemoryStore }> {
  const database = newDatabase()
  const store = openStore(database)
  await store.addArea('line-3')
  await store.greet({
    device: DEVICE,
    publicKey: '{}',
    source: '127.0.0.1',
    name: 'Press 2',
    defaultAreas: ['*'],
    epoch: EPOCH,
    incarnation: null,
    oldest: { urgent: 1, normal: 1 },
  })
  return { database, store }
}

describe('a store in memory', () => {
  it('loses at a crash what was not committed, and keeps what was, answered or not', async () => {
    const runs: (() => void)[] = []
    const { database } = await newFloor()
    const first = new MemoryStore(database, { later: (run) => runs.push(run) })
    let answers = 0
    const count = (): void => void (answers += 1)
    void first.submit(raise(1)).then(count)
    runs.shift()?.() // committed
    void first.submit(raise(2)).then(count)
    first.crash()
    for (const run of runs) run()
    const second = openStore(database)
    const { verdict } = await second.submit(raise(1))
    expect(verdict).toMatchObject({ kind: 'done', repeated: true })
    expect((await second.records(URGENT, null, { maxItems: 9, maxBytes: 1e9 })).records).toHaveLength(1)
    expect(answers).toBe(0)
  })

  it('answers a whole group with retry-later when the disk does not take it', async () => {
    const { store } = await newFloor()
    store.failing = true
    const reading = store.tail(null)
    const [submitted] = await Promise.all([store.submit(raise(1)), expect(reading).rejects.toThrow('did not take')])
    expect(submitted.verdict).toMatchObject({ kind: 'retry-later', code: 'unavailable' })
    store.failing = false
    expect((await store.submit(raise(1))).verdict).toMatchObject({ kind: 'done', repeated: false })
  })

  it('[P2] restores a copy under a new incarnation and new epochs', async () => {
    const { database, store } = await newFloor()
    await store.submit(raise(1))
    const copy = database.copy()
    await store.submit(raise(2))
    const before = { incarnation: await store.incarnation(), start: await store.snapshotStart(URGENT) }
    database.restore(copy)
    expect(await store.incarnation()).not.toBe(before.incarnation)
    const start = await store.snapshotStart(URGENT)
    expect(start.offset).toBe(1)
    expect(start.epoch).not.toBe(before.start.epoch)
    await store.submit(raise(2))
    database.restore(copy)
    expect((await store.snapshotStart(URGENT)).offset, 'a copy can be restored twice').toBe(1)
  })

  it('[S3] resets a cursor that retention has overtaken, and names what was lost', async () => {
    const { database, store } = await newFloor()
    for (let seq = 1; seq <= 4; seq += 1) await store.submit(raise(seq))
    database.prune(URGENT, 3)
    const { epoch } = await store.snapshotStart(URGENT)
    expect(await store.resume(URGENT, { epoch, offset: 0, id: null })).toEqual({
      kind: 'reset',
      reason: 'expired',
      lost: { from: 1, to: 3 },
    })
    const page = await store.events(URGENT, { epoch, offset: 3 }, { maxItems: 9, maxBytes: 1e9 })
    expect(page.events.map(({ offset }) => offset)).toEqual([4])
  })
})
