import { expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'
import type { Bench } from './bench.ts'

const bench = (name: string): Bench => ({ name, says: name, seconds: 1, run: () => Promise.resolve([]) })
const BENCHES = [bench('fan-out'), bench('resume'), bench('memory')]

it('takes every bench unless some are named', () => {
  expect(parseArguments([], BENCHES)).toEqual({ kind: 'run', benches: BENCHES, markdown: false })
})

it('takes the named ones, in the order of the list', () => {
  expect(parseArguments(['memory', 'fan-out', '--markdown'], BENCHES)).toEqual({
    kind: 'run',
    benches: [BENCHES[0], BENCHES[2]],
    markdown: true,
  })
})

it.each([['fan-in'], ['--loops'], ['resume', 'fan-in']])('refuses %s with exit code 2', (...args) => {
  expect(parseArguments(args, BENCHES)).toEqual({ kind: 'exit', code: 2 })
})

it('ends with 0 after help', () => {
  expect(parseArguments(['--help'], BENCHES)).toEqual({ kind: 'exit', code: 0 })
})
