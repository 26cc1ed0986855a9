import { expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'

const SERVER = ['--server', 'http://127.0.0.1:7070/']

it('takes the demonstration floor unless told otherwise', () => {
  expect(parseArguments(SERVER)).toMatchObject({
    kind: 'run',
    choice: {
      rules: [],
      target: {
        url: 'http://127.0.0.1:7070',
        way: 'ws',
        key: 'demo-key',
        user: { name: 'kim', pin: '1111' },
        supervisor: { name: 'park', pin: '3333' },
        area: 'line-3',
        otherArea: 'line-1',
        revoke: null,
        drain: null,
        hasNodes: false,
        timeoutMs: 5_000,
      },
    },
  })
})

it('takes what it is told', () => {
  const args = [
    '--key',
    'k',
    '--user',
    'u',
    '--pin',
    '9',
    '--supervisor',
    's:8',
    '--rules',
    'w1, S3',
    '--drain',
    'true',
    '--way',
    'poll',
  ]
  expect(parseArguments([...SERVER, ...args])).toMatchObject({
    choice: {
      rules: ['W1', 'S3'],
      target: {
        key: 'k',
        way: 'poll',
        user: { name: 'u', pin: '9' },
        supervisor: { name: 's', pin: '8' },
        drain: expect.any(Function),
      },
    },
  })
})

it.each([
  [[]],
  [['--server', 'ftp://host']],
  [[...SERVER, '--supervisor', 'park']],
  [[...SERVER, '--timeout', '0']],
  [[...SERVER, '--speed', '3']],
  [[...SERVER, '--way', 'pigeon']],
])('refuses %j with exit code 2', (args) => {
  expect(parseArguments(args)).toEqual({ kind: 'exit', code: 2 })
})
