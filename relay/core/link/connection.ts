/**
 * The uplink as a value. `step` is pure and synchronous; time and chance come in with every input.
 *
 *           start             socketOpened         welcomed            caughtUp
 *    idle ─────────▶ connecting ─────────▶ greeting ─────────▶ resuming ─────────▶ live
 *     ▲               ▲  ▲   │                │                   │                 │
 *     │ stop          │  │   │ socketClosed, timeReached (too long, two pings missed), dropped
 *     └── from any    │  │   ▼                ▼                   ▼                 ▼
 *                     │  └──────────────── waiting ◀────────────────────────────────┘
 *                     │ timeReached, woke, retryPressed
 *                     └── woke, retryPressed from connecting, greeting, resuming, live: a new socket at once
 *
 * Invariants
 *   1. `generation` grows with every socket; what comes from an older socket is ignored before the table is asked.
 *   2. Only `stop` leads to `idle`: no close code, error or sleep ends reconnecting (P6).
 *   3. At most one socket is open: every way out of a state that has one closes it.
 *   4. Which way a socket takes, and whether one follows a failure at once, is the ladder's to say (`ladder.ts`).
 *   5. `failingSince` ends when our own pong proves a link, not when a socket opens.
 */
import { CLOSE, closeRow, type CloseRow } from '../../protocol/close-codes.ts'
import { ERRORS } from '../../protocol/errors.ts'
import { restingMs } from '../../protocol/heartbeats.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { ConnectionName } from '../../protocol/local.ts'
import { backoffMs, backoffStep } from './backoff.ts'
import {
  isSilent,
  isUp,
  type Carried,
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionState,
  type InputKind,
  type InputOf,
  type StateOf,
  type Timed,
  type Trouble,
} from './slice.ts'

export interface ConnectionStep {
  readonly state: ConnectionState
  readonly effects: readonly ConnectionEffect[]
}

/** One transition. Inputs of an older socket change nothing. */
export function stepConnection(state: ConnectionState, input: ConnectionInput): ConnectionStep {
  if ('generation' in input && input.generation !== state.generation) return stay(state)
  // The cell of a state takes that state, and the cell of an input that input: the pair fits by construction.
  const cell = TABLE[state.kind][input.kind] as (state: ConnectionState, input: ConnectionInput) => ConnectionStep
  return cell(state, input)
}

// -------------------------------------------------------------------------------------------------- the table

type Cell<S extends ConnectionName, I extends InputKind> = (state: StateOf<S>, input: InputOf<I>) => ConnectionStep
type Table = { readonly [S in ConnectionName]: { readonly [I in InputKind]: Cell<S, I> } }

/** Every (state × input) cell. `stay` is a decision: this input means nothing in this state. */
export const TABLE: Table = {
  idle: {
    start: (state, input) => connect(state.generation, input, { failingSince: null, trouble: null, yields: false }),
    stop: stay,
    socketOpened: stay,
    socketClosed: stay,
    challenged: stay,
    proved: stay,
    proofFailed: stay,
    welcomed: stay,
    pongReceived: stay,
    byeReceived: stay,
    refused: stay,
    caughtUp: stay,
    woke: stay,
    wentOffline: stay,
    watched: stay,
    retryPressed: stay,
    dropped: stay,
    timeReached: stay,
  },
  connecting: {
    start: stay,
    stop: hangUp,
    socketOpened: (state, { name }) =>
      to({
        ...carried(state),
        kind: 'greeting',
        deadline: state.deadline,
        name,
        version: null,
        refusal: null,
        retryAfterMs: null,
      }),
    socketClosed: (state, input) => closed(state, input, notLetIn(input), null),
    challenged: stay,
    proved: stay,
    proofFailed: stay,
    welcomed: stay,
    pongReceived: stay,
    byeReceived: stay,
    refused: stay,
    caughtUp: stay,
    woke: replace,
    wentOffline: stay,
    watched: stay,
    retryPressed: replaceForPerson,
    dropped: drop,
    timeReached: tooLong,
  },
  greeting: {
    start: stay,
    stop: hangUp,
    socketOpened: stay,
    socketClosed: (state, input) => closed(state, input, state.refusal, state.retryAfterMs),
    challenged: (state, { now, nonce, version }) =>
      to(
        { ...state, version, deadline: now + LIMITS.greetingMs },
        { kind: 'prove', generation: state.generation, nonce },
      ),
    proved: (state, { proof }) => {
      const { generation, version, yields } = state
      return version === null ? stay(state) : to(state, { kind: 'sendHello', generation, version, proof, yields })
    },
    proofFailed: (state, input) =>
      drop(state, { ...input, kind: 'dropped', trouble: UNPROVABLE, retry: CLOSE.unauthenticated.retry }),
    welcomed: welcome,
    pongReceived: stay,
    byeReceived: (state, { retryAfterMs }) => to({ ...state, retryAfterMs }),
    refused: (state, { trouble }) => to({ ...state, refusal: trouble }),
    caughtUp: stay,
    woke: replace,
    wentOffline: stay,
    watched: stay,
    retryPressed: replaceForPerson,
    dropped: drop,
    timeReached: tooLong,
  },
  resuming: {
    start: stay,
    stop: hangUpPolitely,
    socketOpened: stay,
    socketClosed: (state, input) => closed(state, input, null, state.retryAfterMs),
    challenged: stay,
    proved: stay,
    proofFailed: stay,
    welcomed: stay,
    pongReceived: pong,
    byeReceived: (state, { retryAfterMs }) => to({ ...state, retryAfterMs }),
    refused: stay,
    caughtUp: (state) => to({ ...state, kind: 'live', trouble: null }),
    woke: replace,
    wentOffline: probe,
    watched: pickUp,
    retryPressed: replaceForPerson,
    dropped: drop,
    timeReached: beat,
  },
  live: {
    start: stay,
    stop: hangUpPolitely,
    socketOpened: stay,
    socketClosed: (state, input) => closed(state, input, null, state.retryAfterMs),
    challenged: stay,
    proved: stay,
    proofFailed: stay,
    welcomed: stay,
    pongReceived: pong,
    byeReceived: (state, { retryAfterMs }) => to({ ...state, retryAfterMs }),
    refused: stay,
    caughtUp: stay,
    woke: replace,
    wentOffline: probe,
    watched: pickUp,
    retryPressed: replaceForPerson,
    dropped: drop,
    timeReached: beat,
  },
  waiting: {
    start: stay,
    stop: (state) => to({ kind: 'idle', generation: state.generation }),
    socketOpened: stay,
    socketClosed: stay,
    challenged: stay,
    proved: stay,
    proofFailed: stay,
    welcomed: stay,
    pongReceived: stay,
    byeReceived: stay,
    refused: stay,
    caughtUp: stay,
    woke: (state, input) => connect(state.generation, input, { ...carried(state), failingSince: null }),
    wentOffline: stay,
    watched: stay,
    retryPressed: (state, input) =>
      connect(state.generation, input, { ...carried(state), failingSince: null, yields: false }),
    dropped: stay,
    timeReached: (state, input) =>
      input.now < state.retryAt ? stay(state) : connect(state.generation, input, carried(state)),
  },
}

// ------------------------------------------------------------------------------------------------------ cells

type Open = StateOf<'connecting'> | StateOf<'greeting'> | StateOf<'resuming'> | StateOf<'live'>
type Up = StateOf<'resuming'> | StateOf<'live'>

const UNPROVABLE: Trouble = { code: 'bad-proof', says: 'This device could not use its key.' }
const TOO_LONG: Trouble = { code: 'timeout', says: 'The server does not answer.' }
const SILENT: Trouble = { code: codeName(CLOSE.silent.code), says: CLOSE.silent.says }

function stay(state: ConnectionState): ConnectionStep {
  return { state, effects: [] }
}

function to(state: ConnectionState, ...effects: ConnectionEffect[]): ConnectionStep {
  return { state, effects }
}

function carried(state: Carried): Carried {
  return {
    generation: state.generation,
    failingSince: state.failingSince,
    trouble: state.trouble,
    yields: state.yields,
  }
}

function connect(last: number, { now, next }: Timed, rest: Omit<Carried, 'generation'>): ConnectionStep {
  const generation = last + 1
  return to(
    { ...rest, kind: 'connecting', generation, deadline: now + next.patienceMs },
    { kind: 'openSocket', generation, way: next.way },
  )
}

function closeSocket(state: Open, row: CloseRow, reason: string): ConnectionEffect {
  return { kind: 'closeSocket', generation: state.generation, code: row.code, reason }
}

function hangUp(state: Open): ConnectionStep {
  return to({ kind: 'idle', generation: state.generation }, closeSocket(state, CLOSE.normal, 'stopping'))
}

function hangUpPolitely(state: Up): ConnectionStep {
  const bye: ConnectionEffect = { kind: 'sendBye', generation: state.generation }
  return to({ kind: 'idle', generation: state.generation }, bye, closeSocket(state, CLOSE.normal, 'stopping'))
}

/** A socket that lived through a sleep may be half-open for minutes: never ask it, replace it. */
function replace(state: Open, input: Timed): ConnectionStep {
  const next = connect(state.generation, input, { ...carried(state), failingSince: null })
  return to(next.state, closeSocket(state, CLOSE.normal, 'replaced after waking'), ...next.effects)
}

function replaceForPerson(state: Open, input: Timed): ConnectionStep {
  const next = connect(state.generation, input, { ...carried(state), failingSince: null, yields: false })
  return to(next.state, closeSocket(state, CLOSE.normal, 'asked by a person'), ...next.effects)
}

function welcome(state: StateOf<'greeting'>, input: InputOf<'welcomed'>): ConnectionStep {
  // Not below 20 ms: a server that names zero must not make this device spin.
  const everyMs = Math.min(Math.max(input.heartbeatMs, 20), LIMITS.maxHeartbeatMs)
  return ping(
    {
      ...carried(state),
      kind: 'resuming',
      yields: false,
      name: state.name,
      retryAfterMs: state.retryAfterMs,
      beat: { everyMs, isResting: false, nextAt: input.now, unanswered: [], count: 0, deadAt: null },
    },
    input,
  )
}

function ping(state: Up, { now, mayRest: isResting }: Timed): ConnectionStep {
  const count = state.beat.count + 1
  const nonce = `${state.name}:${count}`
  const unanswered = [...state.beat.unanswered, nonce]
  const { everyMs } = state.beat
  const atRestMs = restingMs(everyMs)
  const nextAt = now + (isResting ? atRestMs : everyMs)
  return to(
    { ...state, beat: { ...state.beat, isResting, count, unanswered, nextAt } },
    { kind: 'sendPing', generation: state.generation, nonce, everyMs: isResting ? atRestMs : null },
  )
}

/** Whoever looks again learns within a heartbeat of the site whether the link is dead. */
function pickUp(state: Up, input: Timed): ConnectionStep {
  return state.beat.isResting ? ping(state, input) : stay(state)
}

function beat(state: Up, input: Timed): ConnectionStep {
  const { nextAt, deadAt } = state.beat
  const probeFailed = deadAt !== null && input.now >= deadAt
  if (!probeFailed && input.now < nextAt) return stay(state)
  if (!probeFailed && !isSilent(state.beat, input.now)) return ping(state, input)
  const next = goOn(state, input, { trouble: SILENT, retry: CLOSE.silent.retry, afterMs: null })
  return to(next.state, closeSocket(state, CLOSE.silent, 'no pong'), ...next.effects)
}

/** A hint that the network is gone is not proof either: two seconds for a pong. */
function probe(state: Up, input: Timed): ConnectionStep {
  if (state.beat.deadAt !== null) return stay(state)
  const asked = ping(state, input)
  if (!isUp(asked.state)) return asked
  return { ...asked, state: { ...asked.state, beat: { ...asked.state.beat, deadAt: input.now + LIMITS.probeMs } } }
}

function pong(state: Up, { nonce }: InputOf<'pongReceived'>): ConnectionStep {
  const index = state.beat.unanswered.indexOf(nonce)
  if (index < 0) return stay(state)
  const unanswered = state.beat.unanswered.slice(index + 1)
  return to({ ...state, failingSince: null, beat: { ...state.beat, unanswered, deadAt: null } })
}

function tooLong(state: StateOf<'connecting'> | StateOf<'greeting'>, input: Timed): ConnectionStep {
  if (input.now < state.deadline) return stay(state)
  const next = goOn(state, input, { trouble: TOO_LONG, retry: 'backoff', afterMs: null })
  return to(next.state, closeSocket(state, CLOSE.silent, 'too long'), ...next.effects)
}

function drop(state: Open, input: InputOf<'dropped'>): ConnectionStep {
  const waiting = wait(state, input, { trouble: input.trouble, retry: input.retry, afterMs: null })
  return to(waiting, closeSocket(state, CLOSE.normal, input.trouble.code))
}

function closed(
  state: Open,
  input: InputOf<'socketClosed'>,
  refusal: Trouble | null,
  afterMs: number | null,
): ConnectionStep {
  const row = closeRow(input.code)
  const trouble = refusal ?? { code: codeName(input.code), says: row.says }
  return goOn(state, input, { trouble, retry: row.retry, afterMs })
}

/** What kept a socket from opening: a proxy, the server's own answer. */
function notLetIn({ refusal }: InputOf<'socketClosed'>): Trouble | null {
  return refusal === undefined ? null : { code: refusal, says: ERRORS[refusal].says }
}

interface Pause {
  readonly trouble: Trouble
  readonly retry: CloseRow['retry']
  readonly afterMs: number | null
}

/** After a failure: the ladder's next way at once, else the same after a pause. */
function goOn(state: Open, input: Timed, pause: Pause): ConnectionStep {
  const waiting = wait(state, input, pause)
  if (!input.next.isAtOnce || pause.retry === 'slow' || pause.afterMs !== null) return to(waiting)
  return connect(state.generation, input, carried(waiting))
}

function wait(state: Open, { now, chance }: Timed, { trouble, retry, afterMs }: Pause): StateOf<'waiting'> {
  const base = { kind: 'waiting', generation: state.generation, trouble } as const
  if (retry === 'slow') return { ...base, failingSince: null, yields: true, retryAt: now + LIMITS.slowRetryMs }
  const failingSince = retry === 'soon' ? now : (state.failingSince ?? now)
  // A delay that the other end names is obeyed, and cannot end reconnecting (P6).
  const named = afterMs === null ? null : Math.min(afterMs, LIMITS.slowRetryMs)
  const delay = named ?? backoffMs(backoffStep(now - failingSince), chance)
  return { ...base, failingSince, yields: state.yields, retryAt: now + delay }
}

/** The name of a close code as programs read it: `goingAway` becomes `going-away`; an unknown one is `connection-lost`. */
function codeName(code: number): string {
  const row = Object.entries(CLOSE).find(([, each]) => each.code === code)
  return row === undefined ? 'connection-lost' : row[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
