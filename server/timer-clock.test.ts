import pino from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { URGENT_CHANNEL } from '../relay/protocol/channels.ts'
import { evacuate, idOf, toyRules } from './ports/store-timers.contract.ts'
import type { SubmitResult } from './ports/submission.ts'
import type { TimerChange } from './ports/timers.ts'
import { MemoryDatabase } from './testing/memory-database.ts'
import { MemoryStore } from './testing/memory-store.ts'
import { TimerClock } from './timer-clock.ts'

const next: { changes: readonly TimerChange[] } = { changes: [] }
let nowMs = 0
let database: MemoryDatabase
let store: MemoryStore

function openStore(): MemoryStore {
  return new MemoryStore(database, { later: (run) => void setImmediate(run) })
}

/** A process with its clock, and what its commands brought about. */
function process(on: MemoryStore = store) {
  const given: SubmitResult[] = []
  const warned: unknown[] = []
  const clock = new TimerClock({
    store: on,
    submit: async (submission) => {
      const result = await on.submit(submission)
      given.push(result)
      return result
    },
    now: () => new Date(nowMs).toISOString(),
    idOf,
    log: Object.assign(pino({ level: 'silent' }), { warn: (said: unknown) => void warned.push(said) }),
  })
  return { clock, given, warned }
}

/** Sets alerts to be raised after so many milliseconds, each under its own name. */
async function set(...afterMs: readonly number[]): Promise<void> {
  next.changes = afterMs.map((ms, index) => {
    const timer = { ...evacuate(new Date(ms).toISOString()), id: `drill/${index}` }
    return { kind: 'set', timer }
  })
  const data = { line: 'line-3', text: 'x' }
  await store.submit({ source: { kind: 'system', timer: null }, id: idOf(uuidv7()), type: 'chat.post', data })
}

async function raised(): Promise<number> {
  return (await openStore().records(URGENT_CHANNEL, null, { maxItems: 1_000, maxBytes: 1e9 })).records.length
}

beforeEach(async () => {
  nowMs = 0
  database = new MemoryDatabase({ rules: toyRules(next), now: () => new Date(nowMs).toISOString(), uuid: uuidv7 })
  store = openStore()
  await store.addArea('line-3')
})

describe('the clock of what is due', () => {
  it('[T20] gives each command at its time and once', async () => {
    await set(1_000, 2_000)
    const { clock } = process()
    const seen: number[] = []
    for (nowMs = 0; nowMs <= 3_000; nowMs += 500) {
      await clock.tick()
      seen.push(await raised())
    }
    expect(seen).toEqual([0, 0, 1, 1, 2, 2, 2])
  })

  it('[T20] gives after a restart what came due while nobody was there', async () => {
    await set(1_000, 2_000)
    store.crash()
    nowMs = 3_600_000
    const { clock } = process(openStore())
    await clock.tick()
    expect(await raised()).toBe(2)
  })

  it('[T20] gives it once, however many processes have one store', async () => {
    await set(1_000)
    nowMs = 1_000
    const processes = [process(openStore()), process(openStore()), process(openStore())]
    await Promise.all(processes.map(({ clock }) => clock.tick()))
    expect(processes.flatMap(({ given }) => given.map(({ verdict }) => verdict.kind)).toSorted()).toEqual([
      'done',
      'spent',
      'spent',
    ])
    expect(await raised()).toBe(1)
  })

  it('[T20] [P8] gives a great many one piece after the other, all of them', async () => {
    await set(...Array.from({ length: 200 }, () => 1_000))
    nowMs = 1_000
    await process().clock.tick()
    expect(await raised()).toBe(200)
  })

  it('[T20] gives again what the disk did not take', async () => {
    await set(1_000)
    nowMs = 1_000
    const { clock } = process()
    store.failing = true
    await clock.tick()
    expect(await raised()).toBe(0)
    store.failing = false
    await clock.tick()
    expect(await raised()).toBe(1)
  })

  it('[T20] says which command was rejected, and goes on', async () => {
    await set(1_000, 1_000)
    database.tables.timers.set('drill/0', { ...evacuate(new Date(500).toISOString()), id: 'drill/0', data: {} })
    nowMs = 1_000
    const { clock, warned } = process()
    await clock.tick()
    expect(warned).toMatchObject([{ event: 'timer-rejected', timer: 'drill/0', code: 'bad-command' }])
    expect(await raised()).toBe(1)
  })
})
