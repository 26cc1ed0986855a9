import { expect, it } from 'vitest'
import type { Case } from './case.ts'
import { CannotSee, Mismatch } from './expecting.ts'
import { runCase, runCases } from './run.ts'
import type { Target } from './target.ts'

const TARGET: Target = {
  url: 'http://127.0.0.1:9',
  way: 'ws',
  key: '',
  user: { name: 'kim', pin: '' },
  supervisor: { name: 'park', pin: '' },
  stranger: 'lee',
  area: 'line-3',
  otherArea: 'line-1',
  revoke: null,
  drain: null,
  hasNodes: false,
  timeoutMs: 100,
}

function caseOf(says: string, run: Case['run'], more: Partial<Case> = {}): Case {
  return { rules: ['G1'], says, run, ...more }
}

it('reports a mismatch with both sides', async () => {
  const each = caseOf('fails', () => Promise.reject(new Mismatch('a pong', { t: 'error' })))
  expect(await runCase(each, TARGET)).toEqual({ kind: 'failed', expected: 'a pong', came: '{"t":"error"}' })
})

it('reports what a case could not see, and why', async () => {
  const each = caseOf('cannot', () => Promise.reject(new CannotSee('no --drain command was given')))
  expect(await runCase(each, TARGET)).toEqual({ kind: 'unseen', why: 'no --drain command was given' })
})

it('leaves out what is of another way, and says so', async () => {
  const each = caseOf('is asked of nobody', () => Promise.reject(new Error('asked')), { ways: ['stream', 'poll'] })
  expect(await runCase(each, TARGET)).toEqual({ kind: 'unseen', why: 'is of stream and poll' })
})

it('fails a case against a server that is not there, within its patience', async () => {
  const each = caseOf('asks', async (visitor) => void (await visitor.connect().next('challenge')))
  expect(await runCase(each, TARGET)).toMatchObject({
    kind: 'failed',
    came: expect.stringContaining('closed with 1006'),
  })
})

it('runs waiting cases beside the others, and the last ones when nothing else runs', async () => {
  const order: string[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const cases = [
    caseOf('last', async () => void order.push('last'), { isLast: true }),
    caseOf('waits', async () => promise.then(() => void order.push('waits')), { waitsMs: 1 }),
    caseOf('one', async () => void order.push('one')),
    caseOf('two', async () => {
      order.push('two')
      resolve()
    }),
  ]
  const reports = await runCases(cases, TARGET, () => {})
  expect(order).toEqual(['one', 'two', 'waits', 'last'])
  expect(reports.map(({ case: { says } }) => says)).toHaveLength(4)
})
