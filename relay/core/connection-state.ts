/** What the connection machine is made of: its states, what happens to it, what it asks for. `connection.ts` moves it. */
import type { CloseRow } from '../protocol/close-codes.ts'
import type { ConnectionName } from '../protocol/local.ts'
import { unreachable } from '../protocol/rights.ts'

/** Why the link is not live: a stable code for programs, a sentence for people. */
export interface Trouble {
  readonly code: string
  readonly says: string
}

export interface Way {
  readonly generation: number
  /** When the first of the failures in a row was (monotonic milliseconds); null when there was none since the last proof. */
  readonly failingSince: number | null
  /** Carried until live; null on the way there for the first time. */
  readonly trouble: Trouble | null
  /** A slow retry lets a living connection of this device be (`hello.yields`). */
  readonly yields: boolean
}

/** `unanswered`: nonces sent and not yet echoed, oldest first. `deadAt`: the deadline of a probe. */
export interface Heartbeat {
  readonly everyMs: number
  readonly nextAt: number
  readonly unanswered: readonly string[]
  readonly count: number
  readonly deadAt: number | null
}

interface Linked extends Way {
  readonly beat: Heartbeat
  /** Random name of this connection; nonces are built from it. */
  readonly name: string
  /** From `bye`: used instead of the back-off at the next close. */
  readonly retryAfterMs: number | null
}

export type ConnectionState =
  | { readonly kind: 'idle'; readonly generation: number }
  | (Way & { readonly kind: 'connecting'; readonly deadline: number })
  | (Way & {
      readonly kind: 'greeting'
      readonly deadline: number
      readonly name: string
      readonly refusal: Trouble | null
      readonly retryAfterMs: number | null
    })
  | (Linked & { readonly kind: 'resuming' })
  | (Linked & { readonly kind: 'live' })
  | (Way & { readonly kind: 'waiting'; readonly retryAt: number })

export type StateOf<S extends ConnectionName> = Extract<ConnectionState, { kind: S }>

export interface Timed {
  /** Monotonic milliseconds. */
  readonly now: number
  /** Uniform in [0, 1). */
  readonly chance: number
}
interface FromSocket {
  readonly generation: number
}

export type ConnectionInput = Timed &
  (
    | { readonly kind: 'start' }
    | { readonly kind: 'stop' }
    /** `name`: random, unique to this socket. */
    | (FromSocket & { readonly kind: 'socketOpened'; readonly name: string })
    | (FromSocket & { readonly kind: 'socketClosed'; readonly code: number })
    | (FromSocket & { readonly kind: 'challenged'; readonly nonce: string })
    | (FromSocket & { readonly kind: 'proved'; readonly proof: string })
    | (FromSocket & { readonly kind: 'proofFailed' })
    | (FromSocket & { readonly kind: 'welcomed'; readonly heartbeatMs: number })
    | (FromSocket & { readonly kind: 'pongReceived'; readonly nonce: string })
    | (FromSocket & { readonly kind: 'byeReceived'; readonly retryAfterMs: number })
    | (FromSocket & { readonly kind: 'refused'; readonly trouble: Trouble })
    /** The urgent channel is complete. */
    | { readonly kind: 'caughtUp' }
    /** The machine woke, the network came back, or the wall clock jumped. */
    | { readonly kind: 'woke' }
    | { readonly kind: 'wentOffline' }
    | { readonly kind: 'retryPressed' }
    /** The engine itself cannot go on with this link. */
    | { readonly kind: 'dropped'; readonly trouble: Trouble; readonly retry: CloseRow['retry'] }
    | { readonly kind: 'timeReached' }
  )
export type InputKind = ConnectionInput['kind']
export type InputOf<I extends InputKind> = Extract<ConnectionInput, { kind: I }>

export type ConnectionEffect =
  | { readonly kind: 'openSocket'; readonly generation: number }
  | { readonly kind: 'closeSocket'; readonly generation: number; readonly code: number; readonly reason: string }
  | { readonly kind: 'prove'; readonly generation: number; readonly nonce: string }
  | { readonly kind: 'sendHello'; readonly generation: number; readonly proof: string; readonly yields: boolean }
  | { readonly kind: 'sendPing'; readonly generation: number; readonly nonce: string }
  | { readonly kind: 'sendBye'; readonly generation: number }

export const INITIAL_CONNECTION: ConnectionState = { kind: 'idle', generation: 0 }

/** When `timeReached` is due; null when this state waits for no time. */
export function connectionDeadline(state: ConnectionState): number | null {
  switch (state.kind) {
    case 'idle':
      return null
    case 'connecting':
    case 'greeting':
      return state.deadline
    case 'waiting':
      return state.retryAt
    case 'resuming':
    case 'live':
      return state.beat.deadAt === null ? state.beat.nextAt : Math.min(state.beat.deadAt, state.beat.nextAt)
    default:
      return unreachable(state)
  }
}

/** Whether `welcome` was received on a socket that is not known to be dead. */
export function isUp(state: ConnectionState): state is StateOf<'resuming'> | StateOf<'live'> {
  return state.kind === 'resuming' || state.kind === 'live'
}
