import { expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'

const anySeed = () => 42

it('takes a minute, four relays, a mix of ways and any seed unless told otherwise', () => {
  const run = { kind: 'run', minutes: 1, nodes: false, relays: 4, seed: 42, transport: null, trace: null }
  expect(parseArguments([], anySeed)).toEqual(run)
})

it('takes what it is told', () => {
  const args = [
    '--minutes',
    '0.5',
    '--relays',
    '12',
    '--seed',
    '7',
    '--nodes',
    '--transport',
    'poll',
    '--trace',
    'out.jsonl',
  ]
  expect(parseArguments(args, anySeed)).toEqual({
    kind: 'run',
    minutes: 0.5,
    relays: 12,
    seed: 7,
    nodes: true,
    transport: 'poll',
    trace: 'out.jsonl',
  })
})

it.each([
  ['--minutes', '0'],
  ['--minutes', 'soon'],
  ['--relays', '1.5'],
  ['--relays', '65'],
  ['--seed', '-1'],
  ['--transport', 'pigeon'],
  ['--loops', '3'],
])('refuses %s %s with exit code 2', (...args) => {
  expect(parseArguments(args, anySeed)).toEqual({ kind: 'exit', code: 2 })
})

it('ends with 0 after help', () => {
  expect(parseArguments(['--help'], anySeed)).toEqual({ kind: 'exit', code: 0 })
})
