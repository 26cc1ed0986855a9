/** The uplink as the other parts meet it: moved by its machine, spoken over, and what its server said of itself. */
import type { ClientFrame, ServerFrame, ServerFrameOf, TAKES } from '../../protocol/frames.ts'
import { highestCommon } from '../../protocol/version.ts'
import type { Hint } from '../../ports.ts'
import type { Sealed } from '../step/sealed.ts'
import type { Moment, Turn } from '../step/turn.ts'
import { save } from '../disk/ledger.ts'
import { stepConnection } from './connection.ts'
import { dueTrial, newLadder, stepLadder, trialLifeMs, wayReason } from './ladder.ts'
import {
  INITIAL_CONNECTION,
  isResting,
  isUp,
  type ConnectionEffect,
  type ConnectionInput,
  type Identity,
  type LinkState,
  type NetworkMemory,
  type Timed,
  type TrialEffect,
  type TrialInput,
} from './slice.ts'
import { NO_TRIAL, stepTrial } from './trial.ts'
import { ladderHears, nextSocket, type LadderHeard } from './way-of-link.ts'

export interface LinkStart {
  /** Of this run. */
  readonly life: string
  /** Name of the network this device is in, as far as it is known. */
  readonly network: string
  /** Of the disk: the server time it knows, and what worked in which network. */
  readonly serverTime: string | undefined
  readonly memory: NetworkMemory | undefined
}

export function newLink(
  identity: Identity,
  moment: Moment,
  { life, network, serverTime, memory }: LinkStart,
): LinkState {
  return {
    identity,
    connection: INITIAL_CONNECTION,
    ladder: newLadder(identity.ways, network, memory ?? []),
    trial: NO_TRIAL,
    trials: 0,
    adopted: null,
    life,
    attempts: 0,
    linkedAt: null,
    takes: [],
    attention: 'watched',
    deviceToken: null,
    serverTime: serverTime === undefined ? null : { iso: serverTime, at: moment.now, storedAt: moment.now },
    serverSaid: null,
    lastTick: null,
    notLiveSince: moment.wall,
    told: { status: null, connection: null, ladder: null, storage: 'working' },
  }
}

type Untimed<T> = T extends unknown ? Omit<T, keyof Timed> : never
export type LinkInput = Untimed<ConnectionInput>
type UntimedTrial<T> = T extends unknown ? Omit<T, 'now' | 'mayTake'> : never
export type TrialGiven = UntimedTrial<TrialInput>

/** One input of the connection. `isLost`: what was up is so no more, or not on the same socket. */
export function moveLink(
  link: LinkState,
  turn: Turn,
  input: LinkInput,
): { readonly isLost: boolean; readonly effects: readonly ConnectionEffect[] } {
  const { now, chance } = turn
  const before = link.connection
  const heard = ladderHears(before, input, { now, linkedAt: link.linkedAt })
  // What ends a link that says little is no obstacle of its way.
  if (heard?.kind === 'linkEnded' && heard.by === 'cut' && isResting(before)) link.attention = 'wakeful'
  else if (heard !== null) moveLadder(link, turn, heard)
  const next = nextSocket(link.ladder)
  const { state: after, effects } = stepConnection(before, { ...input, now, chance, next, mayRest: mayRest(link) })
  link.connection = after
  if (input.kind === 'welcomed' && isUp(after)) link.linkedAt = now
  return { isLost: isUp(before) && !(isUp(after) && after.generation === before.generation), effects }
}

/** `network`: its name now. Only its return says that it may be another one though it is called the same. */
export function networkHinted(
  link: LinkState,
  turn: Turn,
  { hint, network }: { readonly hint: Hint; readonly network: string },
): void {
  const isOther = network !== link.ladder.network
  if (hint !== 'online' && !(hint === 'woke' && isOther)) return
  moveLadder(link, turn, { kind: 'networkChanged', network })
  if (link.attention === 'wakeful') link.attention = 'unwatched'
}

/** Nobody looks at this device, or somebody does again. */
export function attentionHinted(link: LinkState, hint: 'watched' | 'unwatched'): void {
  if (hint === 'watched' || link.attention === 'watched') link.attention = hint
}

/** Whether pings may come later: that the next one does has to be known to the server (PROTOCOL H5). */
function mayRest({ attention, takes }: LinkState): boolean {
  const name: (typeof TAKES)[number] = 'pace'
  return attention === 'unwatched' && takes.includes(name)
}

function moveLadder(link: LinkState, turn: Turn, input: LadderHeard): void {
  const { way, memory } = link.ladder
  link.ladder = stepLadder(link.ladder, { ...input, now: turn.now, chance: turn.chance })
  if (link.ladder.memory !== memory) save(turn, [{ op: 'put', table: 'meta', key: 'ways', value: link.ladder.memory }])
  if (link.ladder.way === way) return
  const fields = { way: link.ladder.way, reason: wayReason(link.ladder) }
  turn.effects.push({ kind: 'log', level: 'info', event: 'way', fields })
}

/**
 * What this server takes, and the version that `hello` will say. Where there is no common one the server is told ours, and
 * refuses it: its word is what people read (G3).
 */
export function challengeReceived(link: LinkState, frame: ServerFrameOf<'challenge'>): number {
  link.takes = frame.takes ?? []
  const { versions } = link.identity
  return highestCommon(versions, { min: frame.minVersion, max: frame.maxVersion }) ?? versions.max
}

export function deviceWelcomed(link: LinkState, deviceToken: string): void {
  link.deviceToken = deviceToken
}

/** Sends on the greeted connection; without one the frame is not due: whoever needs it asks again at the next `welcome`. */
export function sendFrame(turn: Turn, frame: ClientFrame): void {
  const { connection } = turn.link
  if (!isUp(connection)) return
  turn.effects.push({ kind: 'send', generation: speakingOn(turn.link), frame })
}

/** The socket that takes what is said: from `take` on the new one (PROTOCOL N14). */
export function speakingOn({ trial, connection }: Sealed<LinkState>): number {
  return trial.kind === 'taking' ? trial.socket : connection.generation
}

/**
 * Whose word it is that came by this socket: the connection's, under its generation, or the trial's. Null when it is of a socket
 * that is neither any more.
 */
export function whoseSocket({ trial, adopted, connection }: LinkState, socket: number): 'trial' | number | null {
  if (trial.kind !== 'none' && socket === trial.socket) return 'trial'
  if (adopted?.generation !== connection.generation) return socket
  return socket === adopted.socket ? connection.generation : null
}

/** Whether this server, or another by its challenge, knows lives, attempts and trials (PROTOCOL N12). */
export function takesWays({ takes }: { readonly takes?: readonly string[] | undefined }): boolean {
  return takes?.includes('ways') ?? false
}

/** Whether this server takes binary messages, and hears that this relay does (PROTOCOL B2). */
export function takesBytes({ takes }: Pick<LinkState, 'takes'>): boolean {
  const name: (typeof TAKES)[number] = 'bytes'
  return takes.includes(name)
}

/** Counts the greetings of this run, so that an older one never displaces a newer (PROTOCOL N12). */
export function nextAttempt(link: LinkState): number {
  link.attempts += 1
  return link.attempts
}

/** One input of the trial; what follows from its end for the ladder is told to that. */
export function moveTrial(link: LinkState, turn: Turn, input: TrialGiven): readonly TrialEffect[] {
  const { connection, trial: before } = link
  const mayTake = connection.kind === 'live' && connection.retryAfterMs === null
  const { trial, effects, failed } = stepTrial(before, { ...input, now: turn.now, mayTake })
  link.trial = trial
  if (failed !== undefined && before.kind !== 'none') {
    const { way } = before
    // What went with its living link says nothing of its way.
    const isLost = input.kind === 'dropped'
    moveLadder(link, turn, isLost ? { kind: 'trialLost', way } : { kind: 'trialFailed', way, reason: failed.reason })
  }
  return effects
}

/** A better way is due, and the living link is one from which it may be tried. */
export function startTrial(link: LinkState, turn: Turn): readonly TrialEffect[] {
  const way = dueTrial(link.ladder, turn.now)
  if (way === null || link.trial.kind !== 'none' || link.connection.kind !== 'live' || !takesWays(link)) return []
  link.trials += 1
  return moveTrial(link, turn, {
    kind: 'start',
    socket: -link.trials,
    way,
    lifeMs: trialLifeMs(link.ladder, way),
    takesBytes: takesBytes(link),
  })
}

/** `taken` came: the socket of the trial is the link's from here on. Gives what came by it meanwhile. */
export function adoptTrial(link: LinkState, turn: Turn): readonly ServerFrame[] {
  const { trial, connection } = link
  if (trial.kind !== 'taking') return []
  const { generation } = connection
  link.trial = NO_TRIAL
  link.adopted = { socket: trial.socket, generation }
  link.linkedAt = trial.welcomedAt
  turn.effects.push({ kind: 'adoptSocket', generation, from: trial.socket })
  moveLadder(link, turn, { kind: 'trialTaken', way: trial.way })
  return trial.held
}

/** Whether this server wants to hear how far each lane has come; one before that refuses the field. */
export function takesNewest({ takes }: Pick<LinkState, 'takes'>): boolean {
  const name: (typeof TAKES)[number] = 'newest'
  return takes.includes(name)
}

/** Whether the server that was reached last knows this (PROTOCOL C8). */
export function knows({ takes }: Sealed<Pick<LinkState, 'takes'>>, name: (typeof TAKES)[number]): boolean {
  return takes.includes(name)
}

/** Whether this server knows rooms, signals and paces (PROTOCOL C8). */
export function takesLive({ takes }: Sealed<Pick<LinkState, 'takes'>>): boolean {
  const name: (typeof TAKES)[number] = 'live'
  return takes.includes(name)
}
