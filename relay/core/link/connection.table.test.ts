import { describe, expect, it } from 'vitest'
import type { ConnectionName } from '../../protocol/local.ts'
import { stepConnection, TABLE } from './connection.ts'
import type { ConnectionInput, ConnectionState } from './slice.ts'

const GENERATION = 7
const carried = {
  generation: GENERATION,
  failingSince: -1_000,
  trouble: { code: 'silent', says: 'It was silent.' },
  yields: true,
}
const link = {
  ...carried,
  name: 'n',
  retryAfterMs: null,
  beat: { everyMs: 10_000, isResting: true, nextAt: 1_000, unanswered: ['n:1'], count: 1, deadAt: null },
}
const STATES: { readonly [S in ConnectionName]: Extract<ConnectionState, { kind: S }> } = {
  idle: { kind: 'idle', generation: GENERATION },
  connecting: { ...carried, kind: 'connecting', deadline: 1_000 },
  greeting: { ...carried, kind: 'greeting', deadline: 1_000, name: 'n', version: 1, refusal: null, retryAfterMs: null },
  resuming: { ...link, kind: 'resuming' },
  live: { ...link, kind: 'live', trouble: null },
  waiting: { ...carried, kind: 'waiting', retryAt: 1_000 },
}

type InputKind = ConnectionInput['kind']
const next = { way: 'stream', patienceMs: 2_000, isAtOnce: false } as const
const at = { now: 1_000, chance: 0.5, next, mayRest: false }
const from = { ...at, generation: GENERATION }
const INPUTS: { readonly [I in InputKind]: Extract<ConnectionInput, { kind: I }> } = {
  start: { ...at, kind: 'start' },
  stop: { ...at, kind: 'stop' },
  socketOpened: { ...from, kind: 'socketOpened', name: 'n' },
  socketClosed: { ...from, kind: 'socketClosed', code: 1006 },
  challenged: { ...from, kind: 'challenged', nonce: 'c', version: 1 },
  proved: { ...from, kind: 'proved', proof: 'p' },
  proofFailed: { ...from, kind: 'proofFailed' },
  welcomed: { ...from, kind: 'welcomed', heartbeatMs: 10_000 },
  pongReceived: { ...from, kind: 'pongReceived', nonce: 'n:1' },
  byeReceived: { ...from, kind: 'byeReceived', retryAfterMs: 3_000 },
  refused: { ...from, kind: 'refused', trouble: { code: 'device-revoked', says: 'No.' } },
  caughtUp: { ...at, kind: 'caughtUp' },
  woke: { ...at, kind: 'woke' },
  wentOffline: { ...at, kind: 'wentOffline' },
  watched: { ...at, kind: 'watched' },
  retryPressed: { ...at, kind: 'retryPressed' },
  dropped: { ...at, kind: 'dropped', trouble: { code: 'stalled', says: 'Stalled.' }, retry: 'backoff' },
  timeReached: { ...at, kind: 'timeReached' },
}

/** `·`: nothing changes. Else the next state (`=`: the same kind with other data), and the effects in order. */
const EXPECTED: { readonly [S in ConnectionName]: { readonly [I in InputKind]: string } } = {
  idle: {
    start: 'connecting openSocket',
    stop: '·',
    socketOpened: '·',
    socketClosed: '·',
    challenged: '·',
    proved: '·',
    proofFailed: '·',
    welcomed: '·',
    pongReceived: '·',
    byeReceived: '·',
    refused: '·',
    caughtUp: '·',
    woke: '·',
    wentOffline: '·',
    watched: '·',
    retryPressed: '·',
    dropped: '·',
    timeReached: '·',
  },
  connecting: {
    start: '·',
    stop: 'idle closeSocket',
    socketOpened: 'greeting',
    socketClosed: 'waiting',
    challenged: '·',
    proved: '·',
    proofFailed: '·',
    welcomed: '·',
    pongReceived: '·',
    byeReceived: '·',
    refused: '·',
    caughtUp: '·',
    woke: '= closeSocket openSocket',
    wentOffline: '·',
    watched: '·',
    retryPressed: '= closeSocket openSocket',
    dropped: 'waiting closeSocket',
    timeReached: 'waiting closeSocket',
  },
  greeting: {
    start: '·',
    stop: 'idle closeSocket',
    socketOpened: '·',
    socketClosed: 'waiting',
    challenged: '= prove',
    proved: '· sendHello',
    proofFailed: 'waiting closeSocket',
    welcomed: 'resuming sendPing',
    pongReceived: '·',
    byeReceived: '=',
    refused: '=',
    caughtUp: '·',
    woke: 'connecting closeSocket openSocket',
    wentOffline: '·',
    watched: '·',
    retryPressed: 'connecting closeSocket openSocket',
    dropped: 'waiting closeSocket',
    timeReached: 'waiting closeSocket',
  },
  resuming: {
    start: '·',
    stop: 'idle sendBye closeSocket',
    socketOpened: '·',
    socketClosed: 'waiting',
    challenged: '·',
    proved: '·',
    proofFailed: '·',
    welcomed: '·',
    pongReceived: '=',
    byeReceived: '=',
    refused: '·',
    caughtUp: 'live',
    woke: 'connecting closeSocket openSocket',
    wentOffline: '= sendPing',
    watched: '= sendPing',
    retryPressed: 'connecting closeSocket openSocket',
    dropped: 'waiting closeSocket',
    timeReached: '= sendPing',
  },
  live: {
    start: '·',
    stop: 'idle sendBye closeSocket',
    socketOpened: '·',
    socketClosed: 'waiting',
    challenged: '·',
    proved: '·',
    proofFailed: '·',
    welcomed: '·',
    pongReceived: '=',
    byeReceived: '=',
    refused: '·',
    caughtUp: '·',
    woke: 'connecting closeSocket openSocket',
    wentOffline: '= sendPing',
    watched: '= sendPing',
    retryPressed: 'connecting closeSocket openSocket',
    dropped: 'waiting closeSocket',
    timeReached: '= sendPing',
  },
  waiting: {
    start: '·',
    stop: 'idle',
    socketOpened: '·',
    socketClosed: '·',
    challenged: '·',
    proved: '·',
    proofFailed: '·',
    welcomed: '·',
    pongReceived: '·',
    byeReceived: '·',
    refused: '·',
    caughtUp: '·',
    woke: 'connecting openSocket',
    wentOffline: '·',
    watched: '·',
    retryPressed: 'connecting openSocket',
    dropped: '·',
    timeReached: 'connecting openSocket',
  },
}

const names = Object.keys(STATES) as ConnectionName[]
const kinds = Object.keys(INPUTS) as InputKind[]

describe.each(names)('[R2] %s', (name) => {
  it.each(kinds)('on %s', (kind) => {
    const state = STATES[name]
    const { state: after, effects } = stepConnection(state, INPUTS[kind])
    const word = after === state ? '·' : after.kind === state.kind ? '=' : after.kind
    expect([word, ...effects.map((effect) => effect.kind)].join(' ')).toBe(EXPECTED[name][kind])
  })
})

it('[R56] opens the way that the ladder names, and gives it as long as that says', () => {
  const { state, effects } = stepConnection(STATES.waiting, INPUTS.timeReached)
  expect(effects).toEqual([{ kind: 'openSocket', generation: GENERATION + 1, way: 'stream' }])
  expect(state).toMatchObject({ kind: 'connecting', deadline: 3_000 })
})

it.each<[ConnectionName, InputKind, string]>([
  ['connecting', 'socketClosed', 'connecting openSocket'],
  ['connecting', 'timeReached', 'connecting closeSocket openSocket'],
  ['connecting', 'dropped', 'waiting closeSocket'],
  ['greeting', 'socketClosed', 'connecting openSocket'],
  ['greeting', 'timeReached', 'connecting closeSocket openSocket'],
  ['greeting', 'proofFailed', 'waiting closeSocket'],
  ['resuming', 'socketClosed', 'connecting openSocket'],
  ['live', 'socketClosed', 'connecting openSocket'],
  ['live', 'dropped', 'waiting closeSocket'],
])(
  '[R56] goes on at once where the ladder says so, if it was the way that failed: %s on %s',
  (name, kind, expected) => {
    const input = { ...INPUTS[kind], next: { ...next, isAtOnce: true } } as ConnectionInput
    const { state, effects } = stepConnection(STATES[name], input)
    expect([state.kind, ...effects.map((effect) => effect.kind)].join(' ')).toBe(expected)
    expect(state.generation).toBe(state.kind === 'connecting' ? GENERATION + 1 : GENERATION)
  },
)

it('[R2] has a cell for every state and input, and no other', () => {
  expect(Object.keys(TABLE)).toEqual(names)
  for (const name of names) expect(Object.keys(TABLE[name]).toSorted(byText)).toEqual(kinds.toSorted(byText))
})

it('[R2] ignores whatever an older socket says, in every state', () => {
  for (const name of names) {
    for (const kind of kinds) {
      const input = INPUTS[kind]
      if (!('generation' in input)) continue
      const { state, effects } = stepConnection(STATES[name], { ...input, generation: GENERATION - 1 })
      expect([state, effects]).toEqual([STATES[name], []])
    }
  }
})

it('[R3] leads to idle by stop only', () => {
  for (const name of names) {
    for (const kind of kinds) {
      if (kind === 'stop' || name === 'idle') continue
      expect(stepConnection(STATES[name], INPUTS[kind]).state.kind, `${name} on ${kind}`).not.toBe('idle')
    }
  }
})

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}
