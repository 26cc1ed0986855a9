/**
 * How this device is linked: the connection machine (its states, what happens to it, what it asks for; `connection.ts` moves
 * it), and what the link brought.
 */
import type { CloseRow } from '../../protocol/close-codes.ts'
import type { ErrorCode } from '../../protocol/errors.ts'
import type { ClientFrame, ServerFrame } from '../../protocol/frames.ts'
import { LIMITS } from '../../protocol/limits.ts'
import type { ConnectionName, StatusView } from '../../protocol/local.ts'
import { unreachable } from '../../protocol/rights.ts'
import type { Versions } from '../../protocol/version.ts'
import type { Way } from '../../protocol/ways.ts'
import type { WayReason } from '../../protocol/way-reasons.ts'

/** Why the link is not live: a stable code for programs, a sentence for people. */
export interface Trouble {
  readonly code: string
  readonly says: string
}

/** What is carried from state to state. */
export interface Carried {
  readonly generation: number
  /** When the first of the failures in a row was (monotonic milliseconds); null when there was none since the last proof. */
  readonly failingSince: number | null
  /** Carried until live; null on the way there for the first time. */
  readonly trouble: Trouble | null
  /** A slow retry lets a living connection of this device be (`hello.yields`). */
  readonly yields: boolean
}

/**
 * `everyMs`: the site's. `isResting`: the last ping said that the next one comes later than that. `unanswered`: nonces sent
 * and not yet echoed, oldest first. `deadAt`: the deadline of a probe.
 */
export interface Heartbeat {
  readonly everyMs: number
  readonly isResting: boolean
  readonly nextAt: number
  readonly unanswered: readonly string[]
  readonly count: number
  readonly deadAt: number | null
}

interface Linked extends Carried {
  readonly beat: Heartbeat
  /** Random name of this connection; nonces are built from it. */
  readonly name: string
  /** From `bye`: used instead of the back-off at the next close. */
  readonly retryAfterMs: number | null
}

export type ConnectionState =
  | { readonly kind: 'idle'; readonly generation: number }
  | (Carried & { readonly kind: 'connecting'; readonly deadline: number })
  | (Carried & {
      readonly kind: 'greeting'
      readonly deadline: number
      readonly name: string
      /** What `hello` will say; null until the challenge. */
      readonly version: number | null
      readonly refusal: Trouble | null
      readonly retryAfterMs: number | null
    })
  | (Linked & { readonly kind: 'resuming' })
  | (Linked & { readonly kind: 'live' })
  | (Carried & { readonly kind: 'waiting'; readonly retryAt: number })

export type StateOf<S extends ConnectionName> = Extract<ConnectionState, { kind: S }>

export interface Timed {
  /** Monotonic milliseconds. */
  readonly now: number
  /** Uniform in [0, 1). */
  readonly chance: number
  /** What the ladder says after this input. */
  readonly next: Next
  /** Pings may come later, because nobody looks at this device. */
  readonly mayRest: boolean
}
/** The next socket: its way, how long until something comes through it, and whether it follows a failure at once. */
export interface Next {
  readonly way: Way
  readonly patienceMs: number
  readonly isAtOnce: boolean
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
    /** `refusal`: why the socket was not let in, where that is known. */
    | (FromSocket & { readonly kind: 'socketClosed'; readonly code: number; readonly refusal?: ErrorCode })
    | (FromSocket & { readonly kind: 'challenged'; readonly nonce: string; readonly version: number })
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
    /** Somebody looks at this device again. */
    | { readonly kind: 'watched' }
    | { readonly kind: 'retryPressed' }
    /** The engine itself cannot go on with this link. */
    | { readonly kind: 'dropped'; readonly trouble: Trouble; readonly retry: CloseRow['retry'] }
    | { readonly kind: 'timeReached' }
  )
export type InputKind = ConnectionInput['kind']
export type InputOf<I extends InputKind> = Extract<ConnectionInput, { kind: I }>

export type ConnectionEffect =
  | { readonly kind: 'openSocket'; readonly generation: number; readonly way: Way }
  | { readonly kind: 'closeSocket'; readonly generation: number; readonly code: number; readonly reason: string }
  | { readonly kind: 'prove'; readonly generation: number; readonly nonce: string }
  | {
      readonly kind: 'sendHello'
      readonly generation: number
      readonly version: number
      readonly proof: string
      readonly yields: boolean
    }
  /** `everyMs`: when the next one comes, where that is not the site's heartbeat. */
  | {
      readonly kind: 'sendPing'
      readonly generation: number
      readonly nonce: string
      readonly everyMs: number | null
    }
  | { readonly kind: 'sendBye'; readonly generation: number }

/** Which way worked in a network, the newest last. */
export type NetworkMemory = readonly { readonly network: string; readonly way: Way }[]

/** Which way the next link takes (`ladder.ts` moves it). */
export interface Ladder {
  /** Ways that this device has, best first. One is chosen by its settings. */
  readonly ways: readonly [Way, ...Way[]]
  /** Of the link that is there, or that is opened next. */
  readonly way: Way
  /** Name of the network as far as it is known; equal names are the same network. */
  readonly network: string
  readonly memory: NetworkMemory
  /** Why ways were left. */
  readonly reasons: Readonly<Partial<Record<Way, WayReason>>>
  /** Ways that failed since something came through one, in this round. */
  readonly failed: readonly Way[]
  /** Rounds in a row in which nothing came through any way. */
  readonly rounds: number
  /** How often in a row the way was found blocked, and how often nobody answered. */
  readonly blocked: number
  readonly unanswered: number
  /** Of each way the life of the last link that was cut, and how many in a row lived as long. */
  readonly cuts: Readonly<Partial<Record<Way, Cuts>>>
  readonly trial: {
    /** When a better way is tried (monotonic); null while there is none to try. */
    readonly at: number | null
    /** The way to be tried then. */
    readonly way: Way | null
    readonly step: number
    /** The best way was left in doubt. */
    readonly isSoon: boolean
  }
}
export interface Cuts {
  readonly lifeMs: number
  readonly times: number
}

/** A second link beside the living one (`trial.ts` moves it). `socket`: its number, which is below zero. */
export type Trial =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'opening'
      readonly socket: number
      readonly way: Way
      /** How long it has to live before it is taken, milliseconds. */
      readonly lifeMs: number
      readonly takesBytes: boolean
      readonly deadline: number
      readonly name: string | null
      /** What its `hello` says; null until the challenge. */
      readonly version: number | null
    }
  | {
      readonly kind: 'proving'
      readonly socket: number
      readonly way: Way
      /** Its nonces are built from it. */
      readonly name: string
      /** What the server calls it. */
      readonly link: string
      readonly sent: number
      readonly unanswered: string | null
      readonly takesBytes: boolean
      /** What came through it, characters or bytes. */
      readonly carried: number
      readonly welcomedAt: number
      /** Of the next ping; while one has no answer, its deadline. */
      readonly nextAt: number
      readonly takeFrom: number
      readonly overAt: number
    }
  /** `held`: came by it before `taken` came by the old link. */
  | {
      readonly kind: 'taking'
      readonly socket: number
      readonly way: Way
      readonly held: readonly ServerFrame[]
      /** What cuts it, or spares it, counts its life from here. */
      readonly welcomedAt: number
    }

export type TrialInput = {
  readonly now: number
  /** The living link is one that may be left. */
  readonly mayTake: boolean
} & (
  | {
      readonly kind: 'start'
      readonly socket: number
      readonly way: Way
      readonly lifeMs: number
      /** The server takes binary messages (PROTOCOL B2). */
      readonly takesBytes: boolean
    }
  | { readonly kind: 'opened'; readonly name: string }
  | {
      readonly kind: 'challenged'
      readonly nonce: string
      readonly version: number
      readonly takesTrials: boolean
    }
  | { readonly kind: 'proved'; readonly proof: string }
  | { readonly kind: 'proofFailed' }
  | { readonly kind: 'welcomed'; readonly link: string | undefined }
  | { readonly kind: 'pongReceived'; readonly nonce: string; readonly carried: number }
  | { readonly kind: 'frameHeld'; readonly frame: ServerFrame }
  /** `reason`: what its way did, where it was that. */
  | { readonly kind: 'closed'; readonly reason: WayReason | null }
  /** The living link is over, or this one says that it ends. */
  | { readonly kind: 'dropped' }
  | { readonly kind: 'timeReached' }
)

export type TrialEffect =
  | Extract<ConnectionEffect, { kind: 'openSocket' | 'closeSocket' | 'prove' }>
  | { readonly kind: 'sendTrialHello'; readonly generation: number; readonly version: number; readonly proof: string }
  | { readonly kind: 'send'; readonly generation: number; readonly frame: ClientFrame }
  /** By the living link, as its last frame. */
  | { readonly kind: 'sendTake'; readonly link: string }

/** What does not change in the life of a relay. */
export interface Identity {
  readonly name: string
  readonly build: string
  readonly kind: 'kiosk' | 'web' | 'headless'
  /** What this device cannot promise, in words, from its host. */
  readonly warnings: readonly string[]
  /** Of the wire. */
  readonly versions: Versions
  /** By which this device may connect, best first; one alone is chosen by its settings. */
  readonly ways: Ladder['ways']
}

export interface LinkState {
  readonly identity: Identity
  connection: ConnectionState
  ladder: Ladder
  trial: Trial
  /** How many there were; names their sockets. */
  trials: number
  /** The socket that took the place of the one of this generation. */
  adopted: { readonly socket: number; readonly generation: number } | null
  /** Of this run of the relay, and its greetings so far (PROTOCOL N12). */
  readonly life: string
  attempts: number
  /** When the link was welcomed (monotonic); null while there is none. */
  linkedAt: number | null
  /** What the server of the open socket takes besides what every server does (PROTOCOL C8). */
  takes: readonly string[]
  /**
   * Whether somebody looks at this device, as far as its host says. `wakeful`: nobody does, but a link that pinged less often
   * was cut in this network.
   */
  attention: 'watched' | 'unwatched' | 'wakeful'
  /** Bearer for HTTP, from the last `welcome`; only in memory. */
  deviceToken: string | null
  /** Highest server time ever seen, and when (monotonic) it was seen. */
  serverTime: { readonly iso: string; readonly at: number; readonly storedAt: number } | null
  /** The one it said last in this life, and when (monotonic) it did. */
  serverSaid: { readonly iso: string; readonly at: number } | null
  /** Clocks at the last tick, to notice a jump. */
  lastTick: { readonly now: number; readonly wall: number } | null
  /** Since when the link is not live, device clock; null while live. */
  notLiveSince: number | null
  /** What observers and windows were last told, so that only changes are. */
  told: {
    readonly status: StatusView | null
    readonly connection: ConnectionState | null
    readonly ladder: Ladder | null
    readonly storage: 'working' | 'failing'
  }
}

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

/** Whether too many pings of a link have no answer, now that another one is due. */
export function isSilent({ nextAt, unanswered }: Heartbeat, now: number): boolean {
  return now >= nextAt && unanswered.length >= LIMITS.missedHeartbeats
}

/** Whether `welcome` was received on a socket that is not known to be dead. */
export function isUp(state: ConnectionState): state is StateOf<'resuming'> | StateOf<'live'> {
  return state.kind === 'resuming' || state.kind === 'live'
}

/** Whether the server was told that this link pings less often. */
export function isResting(state: ConnectionState): boolean {
  return isUp(state) && state.beat.isResting
}
