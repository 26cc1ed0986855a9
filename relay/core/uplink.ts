/** Drives the connection machine inside the engine: builds the frames it asks for, tells the parts when a link is lost. */
import { URGENT_CHANNEL } from '../protocol/channels.ts'
import { unreachable } from '../protocol/rights.ts'
import { channelsDisconnected } from './channels/subscriptions.ts'
import {
  moveLink,
  moveTrial,
  speakingOn,
  takesBytes,
  takesNewest,
  takesWays,
  nextAttempt,
  type LinkInput,
  type TrialGiven,
} from './link/link.ts'
import type { ConnectionEffect, TrialEffect } from './link/slice.ts'
import { newestSeqs, oldestSeqs } from './outbox/counts.ts'
import { outboxDisconnected } from './outbox/delivery.ts'
import { nameSession } from './people/session.ts'
import { sessionsDisconnected } from './people/tokens.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './step/turn.ts'

/** One input of the connection, with what follows from it. */
export function drive(state: EngineState, turn: Turn, input: LinkInput): void {
  const { isLost, effects } = moveLink(state.link, turn, input)
  if (isLost) {
    outboxDisconnected(state.outbox, turn)
    channelsDisconnected(state.channels)
    sessionsDisconnected(state.people, turn)
    // What was tried beside it would take the place of nothing.
    tryWay(state, turn, { kind: 'dropped' })
  }
  for (const effect of effects) carryOut(state, turn, effect)
}

const MOVED_ON = { code: 'outbox-moved', says: 'The server was restored; this device connects again.' }

/** The server's store was set back behind what has ended here: `hello` names the oldest, and the server writes down what is skipped. */
export function greetAgain(state: EngineState, turn: Turn): void {
  drive(state, turn, { kind: 'dropped', trouble: MOVED_ON, retry: 'soon' })
}

/** One input of the trial. */
export function tryWay(state: EngineState, turn: Turn, input: TrialGiven): void {
  carryOutTrial(state, turn, moveTrial(state.link, turn, input))
}

export function carryOutTrial(state: EngineState, turn: Turn, effects: readonly TrialEffect[]): void {
  for (const effect of effects) {
    if (effect.kind === 'sendTrialHello') hello(state, turn, { ...effect, as: { trial: true } })
    else if (effect.kind === 'sendTake') {
      const { generation } = state.link.connection
      turn.effects.push({ kind: 'send', generation, frame: { t: 'take', link: effect.link } })
    } else turn.effects.push(effect)
  }
}

function carryOut(state: EngineState, turn: Turn, effect: ConnectionEffect): void {
  const { generation } = effect
  switch (effect.kind) {
    case 'openSocket':
    case 'closeSocket':
    case 'prove':
      turn.effects.push(effect)
      return
    case 'sendHello':
      return hello(state, turn, { ...effect, as: effect.yields ? { yields: true } : {} })
    case 'sendPing': {
      const received = state.channels.subscriptions.get(URGENT_CHANNEL)?.durable ?? null
      const { nonce, everyMs } = effect
      const pace = everyMs === null ? {} : { everyMs }
      const frame = { t: 'ping', nonce, ...(received !== null && { urgent: received }), ...pace } as const
      turn.effects.push({ kind: 'send', generation: speakingOn(state.link), frame })
      return
    }
    case 'sendBye':
      turn.effects.push({ kind: 'send', generation, frame: { t: 'bye', reason: 'stopping' } })
      return
    default:
      return unreachable(effect)
  }
}

interface Greeting {
  readonly generation: number
  readonly version: number
  readonly proof: string
  readonly as: { readonly yields?: true; readonly trial?: true }
}

function hello({ link, outbox, people }: EngineState, turn: Turn, { generation, version, proof, as }: Greeting): void {
  // The new epoch is not durable yet, and must not be heard of before; the link is dropped when it is, and said anew.
  if (outbox.gate === 'restarting') return
  const { name, kind, build } = link.identity
  const session = nameSession(people)
  turn.effects.push({
    kind: 'send',
    generation,
    frame: {
      t: 'hello',
      version,
      proof,
      name,
      client: { kind, build },
      outbox: {
        epoch: outbox.epoch,
        incarnation: outbox.incarnation,
        oldest: oldestSeqs(outbox),
        ...(takesNewest(link) && { newest: newestSeqs(outbox) }),
      },
      ...as,
      ...(takesWays(link) && { life: link.life, attempt: nextAttempt(link) }),
      ...(session !== null && { session }),
      ...(takesBytes(link) && { takes: ['bytes'] }),
    },
  })
}
