/**
 * A second link beside the living one, by a better way: it shows that the way carries, and takes the place of the living one.
 * `stepTrial` is pure.
 *
 *          start          welcomed              two pongs, 64 KB, old enough         `taken` on the old link
 *   none ────────▶ opening ────────▶ proving ───────────────────────────────▶ taking ──────────────────────▶ none
 *     ▲               │                 │                                        │     the socket is the link's
 *     └───────────────┴─────────────────┴── closed, too late, the old link ended ┘
 */
import { CLOSE } from '../../protocol/close-codes.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { unreachable } from '../../protocol/rights.ts'
import type { WayReason } from '../../protocol/way-reasons.ts'
import type { Trial, TrialEffect, TrialInput } from './slice.ts'

/** What has to come through a trial, characters or bytes: two full pongs. */
const PROOF = 2 * LIMITS.maxPadBytes
/** Frames that came by the new link before `taken` did. More is a server that does not move us. */
const MAX_HELD = 4_096

export interface TrialStep {
  readonly trial: Trial
  readonly effects: readonly TrialEffect[]
  /** Set when this step ended the trial without a move: why, as far as its way has to do with it. */
  readonly failed?: { readonly reason: WayReason | null }
}

export const NO_TRIAL: Trial = { kind: 'none' }

/** One transition; inputs that mean nothing in this state change nothing. */
export function stepTrial(trial: Trial, input: TrialInput): TrialStep {
  switch (trial.kind) {
    case 'none':
      return input.kind === 'start' ? start(input) : stay(trial)
    case 'opening':
      return opening(trial, input)
    case 'proving':
      return proving(trial, input)
    case 'taking':
      return taking(trial, input)
    default:
      return unreachable(trial)
  }
}

function stay(trial: Trial): TrialStep {
  return { trial, effects: [] }
}

function start({ now, socket, way, lifeMs, takesBytes }: Extract<TrialInput, { kind: 'start' }>): TrialStep {
  return {
    trial: {
      kind: 'opening',
      socket,
      way,
      lifeMs,
      takesBytes,
      deadline: now + LIMITS.greetingMs,
      name: null,
      version: null,
    },
    effects: [{ kind: 'openSocket', generation: socket, way }],
  }
}

function opening(trial: Extract<Trial, { kind: 'opening' }>, input: TrialInput): TrialStep {
  const { socket, version } = trial
  if (input.kind === 'opened') return stay({ ...trial, name: input.name })
  if (input.kind === 'challenged') {
    // One that does not know of trials would take the greeting for a link of its own.
    if (!input.takesTrials) return fail(trial, null)
    const { nonce } = input
    return { trial: { ...trial, version: input.version }, effects: [{ kind: 'prove', generation: socket, nonce }] }
  }
  if (input.kind === 'proved') {
    if (version === null) return stay(trial)
    return { trial, effects: [{ kind: 'sendTrialHello', generation: socket, version, proof: input.proof }] }
  }
  if (input.kind === 'welcomed') return welcome(trial, input)
  if (input.kind !== 'timeReached') return ended(trial, input)
  if (input.now < trial.deadline) return stay(trial)
  return fail(trial, version === null ? 'way-silent' : null)
}

function welcome(
  trial: Extract<Trial, { kind: 'opening' }>,
  { now, link }: Extract<TrialInput, { kind: 'welcomed' }>,
): TrialStep {
  const { socket, way, name, lifeMs, takesBytes } = trial
  if (link === undefined || name === null) return fail(trial, null)
  const times = { welcomedAt: now, nextAt: now, takeFrom: now + lifeMs, overAt: now + LIMITS.trialMs }
  const proof = { takesBytes, sent: 0, unanswered: null, carried: 0 }
  return ping({ kind: 'proving', socket, way, name, link, ...proof, ...times }, now)
}

function proving(trial: Extract<Trial, { kind: 'proving' }>, input: TrialInput): TrialStep {
  const { now } = input
  if (input.kind === 'pongReceived') {
    if (input.nonce !== trial.unanswered) return stay(trial)
    const carried = trial.carried + input.carried
    const heard = { ...trial, unanswered: null, carried, nextAt: now + LIMITS.heartbeatMs }
    return carried < PROOF ? ping(heard, now) : takeIfMay(heard, input)
  }
  if (input.kind !== 'timeReached') return ended(trial, input)
  if (now >= trial.overAt) return fail(trial, 'way-silent')
  if (now < trial.nextAt) return trial.unanswered === null ? takeIfMay(trial, input) : stay(trial)
  return trial.unanswered === null ? ping(trial, now) : fail(trial, 'way-silent')
}

function ping(trial: Extract<Trial, { kind: 'proving' }>, now: number): TrialStep {
  const sent = trial.sent + 1
  const nonce = `${trial.name}:${sent}`
  const pad = trial.carried < PROOF ? proofPad(trial) : 0
  return {
    trial: { ...trial, sent, unanswered: nonce, nextAt: now + LIMITS.heartbeatMs },
    effects: [{ kind: 'send', generation: trial.socket, frame: { t: 'ping', nonce, pad } }],
  }
}

/** Every byte there is, so that what carries text alone is not taken for a way of bytes; as many characters from servers before them. */
function proofPad({ takesBytes }: { readonly takesBytes: boolean }): Uint8Array<ArrayBuffer> | number {
  return takesBytes ? Uint8Array.from({ length: LIMITS.maxPadBytes }, (_, at) => at) : LIMITS.maxPadBytes
}

function takeIfMay(
  trial: Extract<Trial, { kind: 'proving' }>,
  { now, mayTake }: { readonly now: number; readonly mayTake: boolean },
): TrialStep {
  if (!mayTake || now < trial.takeFrom || trial.carried < PROOF) return stay(trial)
  const { socket, way, link, welcomedAt } = trial
  return { trial: { kind: 'taking', socket, way, held: [], welcomedAt }, effects: [{ kind: 'sendTake', link }] }
}

function taking(trial: Extract<Trial, { kind: 'taking' }>, input: TrialInput): TrialStep {
  if (input.kind !== 'frameHeld') return ended(trial, input)
  if (trial.held.length >= MAX_HELD) return fail(trial, null)
  return stay({ ...trial, held: [...trial.held, input.frame] })
}

function ended(trial: Exclude<Trial, { kind: 'none' }>, input: TrialInput): TrialStep {
  if (input.kind === 'closed') return { trial: NO_TRIAL, effects: [], failed: { reason: input.reason } }
  if (input.kind === 'proofFailed' || input.kind === 'dropped') return fail(trial, null)
  return stay(trial)
}

function fail({ socket }: Exclude<Trial, { kind: 'none' }>, reason: WayReason | null): TrialStep {
  const { code } = CLOSE.normal
  const close: TrialEffect = { kind: 'closeSocket', generation: socket, code, reason: 'trial over' }
  return { trial: NO_TRIAL, effects: [close], failed: { reason } }
}
