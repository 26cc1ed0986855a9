import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ROOT } from './console.mjs'
import { playwrightCounts, slowest, vitestCounts } from './reports.mjs'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'andon-reports-'))
  folders.push(folder)
  return folder
}

function reportOf(content: unknown): string {
  const file = join(newFolder(), 'report.json')
  writeFileSync(file, JSON.stringify(content))
  return file
}

const vitestReport = (testResults: unknown[], failed: number) =>
  reportOf({ numPassedTests: 1, numFailedTests: failed, numPendingTests: 0, numTodoTests: 0, testResults })

describe('a run of vitest', () => {
  it('names what failed, with the first line of why and without colours', () => {
    const file = vitestReport(
      [
        {
          name: join(ROOT, 'relay/a.test.ts'),
          status: 'failed',
          message: '',
          assertionResults: [
            { status: 'passed', fullName: 'stands', duration: 20 },
            { status: 'failed', fullName: 'falls', failureMessages: ['\u001B[31mexpected 1\u001B[39m\n  at x'] },
          ],
        },
      ],
      1,
    )
    expect(vitestCounts(file, 1)).toMatchObject({
      passed: 1,
      failed: 1,
      failures: ['falls: expected 1'],
      again: ['relay/a.test.ts'],
    })
  })

  it('names a file that does not load', () => {
    const result = {
      name: join(ROOT, 'relay/a.test.ts'),
      status: 'failed',
      message: 'no such module',
      assertionResults: [],
    }
    expect(vitestCounts(vitestReport([result], 0), 1)).toMatchObject({
      failed: 1,
      failures: ['relay/a.test.ts: no such module'],
      again: ['relay/a.test.ts'],
    })
  })

  it('counts as failed when its runner ended badly and no test of it did', () => {
    expect(vitestCounts(vitestReport([], 0), 1)).toMatchObject({ failed: 1, failures: [] })
    expect(vitestCounts(join(newFolder(), 'not-there.json'), 1)).toMatchObject({ failed: 1 })
  })
})

describe('a run of Playwright', () => {
  it('names a test of an inner suite that failed once and went well when it was tried again', () => {
    const results = [
      { status: 'timedOut', duration: 3000, errors: [{ message: 'too long\nmore' }] },
      { status: 'passed', duration: 1000 },
    ]
    const inner = { specs: [{ title: 'signs in', file: 'people.e2e.ts', line: 7, tests: [{ results }] }] }
    const file = reportOf({
      stats: { expected: 0, unexpected: 0, flaky: 1, skipped: 0 },
      suites: [{ specs: [], suites: [inner] }],
    })
    const outcome = playwrightCounts(file, 0)
    expect(outcome).toMatchObject({ failed: 1, failures: ['signs in: too long'], again: ['people.e2e.ts:7'] })
    expect(slowest(outcome.durations ?? [], 1)).toEqual(['     4.0 s  signs in'])
  })
})
