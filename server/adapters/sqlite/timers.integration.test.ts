import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandOf } from '../../core/timers.ts'
import { KEPT_MS, MAX_PRUNED, RETENTION } from '../../core/retention.ts'
import { evacuate, idOf, NOON, timersContract, toyRules, type TimerStore } from '../../ports/store-timers.contract.ts'
import type { CommandRules } from '../../ports/rules.ts'
import type { SubmitResult } from '../../ports/submission.ts'
import { SqliteDatabase, type Method } from './database.ts'

let failures: string[] = []

function open(folder: string, rules: CommandRules): TimerStore {
  const database = new SqliteDatabase({
    folder,
    rules,
    retention: { channels: RETENTION, maxPruned: MAX_PRUNED, kept: KEPT_MS },
    now: () => NOON,
    failed: (what) => failures.push(what),
  })
  const call = <T>(method: Method, ...args: readonly unknown[]): Promise<T> => {
    const [answer] = database.run([{ ref: 1, method, args }])
    return answer?.ok === true ? Promise.resolve(answer.value as T) : Promise.reject(new Error(answer?.message))
  }
  return {
    submit: (submission) => call('submit', submission),
    timers: (upTo, max) => call('timers', upTo, max),
    timersWaiting: () => call('timersWaiting'),
    addArea: (area) => call('addArea', area),
    close: () => Promise.resolve(database.close()),
  }
}

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'andon-timers-'))
}

timersContract('SQLite', () => {
  const folder = newFolder()
  return {
    open: (rules) => Promise.resolve(open(folder, rules)),
    reopen: (rules) => Promise.resolve(open(folder, rules)),
    dispose: () => Promise.resolve(rmSync(folder, { recursive: true })),
  }
})

describe('a timer whose command does not come to its end', () => {
  let folder = ''
  let store: TimerStore
  let trouble: Error | null = null
  const next = { changes: [{ kind: 'set', timer: evacuate() }] } as const
  const toy = toyRules(next)
  const rules: CommandRules = {
    ...toy,
    decide(records, command, now) {
      if (command.type === 'alert.raise' && trouble !== null) throw trouble
      return toy.decide(records, command, now)
    },
  }
  const give = (): Promise<SubmitResult> => store.submit(commandOf(evacuate(), idOf))

  beforeEach(async () => {
    failures = []
    trouble = null
    folder = newFolder()
    store = open(folder, rules)
    await store.addArea('line-3')
    const data = { line: 'line-3', text: 'x' }
    await store.submit({ source: { kind: 'system', timer: null }, id: idOf('set'), type: 'chat.post', data })
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })

  it('[T20] [T3] waits where the disk did not take it, and is given later', async () => {
    trouble = new Database.SqliteError('disk I/O error', 'SQLITE_IOERR')
    expect((await give()).verdict).toMatchObject({ kind: 'retry-later' })
    expect([await store.timers(NOON, 9), await store.timersWaiting()]).toEqual([[evacuate()], 1])
    trouble = null
    expect((await give()).verdict).toMatchObject({ outcome: { outcome: 'applied' } })
  })

  it('[T20] [T2] is not given again and again where carrying it out fails', async () => {
    trouble = new Error('a bug')
    expect((await give()).verdict).toMatchObject({ outcome: { code: 'handler-failed' } })
    expect(failures).toEqual(['alert.raise'])
    expect([await store.timers(NOON, 9), await store.timersWaiting()]).toEqual([[], 0])
  })
})
