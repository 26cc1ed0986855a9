import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CommandId } from '../../../relay/protocol/ids.ts'
import { createRules } from '../../core/rules.ts'
import { domains } from '../../domains.ts'
import type { CommandRules } from '../../ports/rules.ts'
import type { Submission, SubmitResult } from '../../ports/store.ts'
import { SqliteDatabase, type Call } from './database.ts'

let folder = ''
let failures: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-database-'))
  failures = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const rules = createRules(domains)

function open(over: Partial<CommandRules> = {}): SqliteDatabase {
  const database = new SqliteDatabase({
    folder,
    rules: { ...rules, ...over },
    now: () => '2026-11-20T03:00:00.000Z',
    failed: (what) => failures.push(what),
  })
  database.run([
    call('addArea', 'line-3'),
    call('putApiKey', { id: 'key-1', name: 'scada', hash: 'h', role: 'admin', areas: ['*'] }),
  ])
  return database
}

let nextRef = 1
function call(method: Call['method'], ...args: unknown[]): Call {
  return { ref: nextRef++, method, args }
}

function raise(id: number, title: string): Submission {
  return {
    source: { kind: 'api', keyId: 'key-1', idempotency: null },
    id: `00000000-0000-7000-8000-${id.toString(16).padStart(12, '0')}` as CommandId,
    type: 'alert.raise',
    data: { priority: 'P2', area: 'line-3', title },
    giveUp: false,
  }
}

function results(answers: ReturnType<SqliteDatabase['run']>): SubmitResult[] {
  return answers.map((answer) => {
    if (!answer.ok) throw new Error(answer.message)
    return answer.value as SubmitResult
  })
}

describe('a group of commands', () => {
  it('[T2] a handler that throws is rejected alone; the others of its group stand', () => {
    const database = open({
      decide(records, command, now) {
        const decision = rules.decide(records, command, now)
        if (command.type === 'alert.raise' && command.data.title === 'poison') throw new Error('boom')
        return decision
      },
    })
    const [first, poison, last] = results(
      database.run([1, 2, 3].map((id) => call('submit', raise(id, id === 2 ? 'poison' : 'good')))),
    )
    expect(first?.events[0]?.event.offset).toBe(1)
    expect(poison?.verdict).toMatchObject({ kind: 'done', outcome: { outcome: 'rejected', code: 'handler-failed' } })
    expect(last?.events[0]?.event.offset).toBe(2)
    expect(failures).toEqual(['alert.raise'])
    database.close()
  })

  it('[T3] a commit that the disk does not take has not happened, and everybody is asked to come back', () => {
    const trouble = new Database.SqliteError('database or disk is full', 'SQLITE_FULL')
    let isFull = false
    const database = open({
      decide(records, command, now) {
        if (isFull && command.type === 'alert.raise' && command.data.title === 'last straw') throw trouble
        return rules.decide(records, command, now)
      },
    })
    isFull = true
    const group = [call('submit', raise(1, 'first')), call('submit', raise(2, 'last straw'))]
    for (const { verdict, events } of results(database.run(group))) {
      expect(verdict).toMatchObject({ kind: 'retry-later', code: 'unavailable' })
      expect(events).toEqual([])
    }
    expect(failures).toEqual(['commit'])
    isFull = false
    const again = results(database.run([call('submit', raise(1, 'first')), call('submit', raise(2, 'last straw'))]))
    expect(again.map(({ events }) => events[0]?.event.offset)).toEqual([1, 2])
    database.close()
  })
})
