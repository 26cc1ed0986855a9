import { expect, it } from 'vitest'
import { LogWatch } from './log-watch.ts'

it('counts errors of either log by their event, with the first line of each', () => {
  const logs = new LogWatch()
  const [first, second] = ['1', '2'].map((n) => JSON.stringify({ level: 50, event: 'frame-failed', n }))
  logs.heard('server', first ?? '')
  logs.heard('server', second ?? '')
  logs.heard(0, JSON.stringify({ level: 'error', event: 'write-failed' }))
  expect(logs.errors).toEqual([
    { name: 'server frame-failed', count: 2, first },
    { name: 'relay write-failed', count: 1, first: '{"level":"error","event":"write-failed"}' },
  ])
})

it('leaves warnings alone, and takes words for an error', () => {
  const logs = new LogWatch()
  logs.heard('server', JSON.stringify({ level: 40, event: 'slow' }))
  logs.heard(1, JSON.stringify({ level: 'warn', event: 'slow' }))
  logs.heard(1, 'TypeError: x is not a function')
  expect(logs.errors.map(({ name }) => name)).toEqual(['relay words'])
})
