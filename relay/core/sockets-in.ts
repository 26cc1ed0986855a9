/** What sockets say: of the connection, of the trial beside it, or of one that is neither any more. */
import { highestCommon } from '../protocol/version.ts'
import type { ServerFrame } from '../protocol/frames.ts'
import { unreachable } from '../protocol/rights.ts'
import { frameReceived, NOT_MOVED } from './frames-in.ts'
import { startTrial, takesWays, whoseSocket } from './link/link.ts'
import { blockingOf } from './link/way-of-link.ts'
import type { EngineState } from './state.ts'
import type { Input } from './step/inputs.ts'
import type { Turn } from './step/turn.ts'
import { carryOutTrial, drive, tryWay } from './uplink.ts'

type Spoken = Extract<Input, { generation: number }>

export function socketSpoke(state: EngineState, turn: Turn, input: Spoken): void {
  const whose = whoseSocket(state.link, input.generation)
  if (whose === null) return
  if (whose !== 'trial') return ofConnection(state, turn, { ...input, generation: whose })
  const wasTaking = isTaking(state)
  ofTrial(state, turn, input)
  // What was said on the new link since `take` is lost with it: only a greeting knows what the server has.
  if (wasTaking && !isTaking(state)) drive(state, turn, { kind: 'dropped', trouble: NOT_MOVED, retry: 'soon' })
}

function isTaking({ link }: EngineState): boolean {
  return link.trial.kind === 'taking'
}

/** Each second, and at deadlines: whether a trial is due, or has to go on. */
export function watchTrial(state: EngineState, turn: Turn): void {
  tryWay(state, turn, { kind: 'timeReached' })
  carryOutTrial(state, turn, startTrial(state.link, turn))
}

function ofConnection(state: EngineState, turn: Turn, input: Spoken): void {
  switch (input.kind) {
    case 'socketOpened':
      return drive(state, turn, { kind: 'socketOpened', generation: input.generation, name: input.fresh })
    case 'socketClosed':
    case 'proved':
    case 'proofFailed':
      return drive(state, turn, input)
    case 'frameReceived':
      return frameReceived(state, turn, input.generation, input.frame)
    default:
      return unreachable(input)
  }
}

function ofTrial(state: EngineState, turn: Turn, input: Spoken): void {
  switch (input.kind) {
    case 'socketOpened':
      return tryWay(state, turn, { kind: 'opened', name: input.fresh })
    case 'socketClosed':
      return tryWay(state, turn, { kind: 'closed', reason: blockingOf(input.refusal) })
    case 'proved':
      return tryWay(state, turn, { kind: 'proved', proof: input.proof })
    case 'proofFailed':
      return tryWay(state, turn, { kind: 'proofFailed' })
    case 'frameReceived':
      return trialFrame(state, turn, input.frame)
    default:
      return unreachable(input)
  }
}

/** Before `take` a trial knows no other frames than these. */
function trialFrame(state: EngineState, turn: Turn, frame: ServerFrame): void {
  const { trial, identity } = state.link
  if (trial.kind === 'taking') return tryWay(state, turn, { kind: 'frameHeld', frame })
  if (frame.t === 'challenge') {
    const { versions } = identity
    const common = highestCommon(versions, { min: frame.minVersion, max: frame.maxVersion })
    const version = common ?? versions.max
    tryWay(state, turn, { kind: 'challenged', nonce: frame.nonce, version, takesTrials: takesWays(frame) })
  } else if (frame.t === 'welcome') tryWay(state, turn, { kind: 'welcomed', link: frame.trial })
  else if (frame.t === 'pong')
    tryWay(state, turn, { kind: 'pongReceived', nonce: frame.nonce, carried: frame.pad?.length ?? 0 })
  else if (frame.t === 'bye') tryWay(state, turn, { kind: 'dropped' })
}
