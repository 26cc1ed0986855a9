/** Drives the connection machine inside the engine: builds the frames it asks for, tells the parts when a link is lost. */
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import { URGENT_CHANNEL } from '../protocol/channels.ts'
import { unreachable } from '../protocol/rights.ts'
import { channelsDisconnected } from './channels.ts'
import { isUp, type ConnectionEffect, type ConnectionInput } from './connection-state.ts'
import { stepConnection } from './connection.ts'
import { outboxDisconnected } from './delivery.ts'
import { oldestSeqs } from './outbox.ts'
import { sessionsDisconnected } from './sessions.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'

type Untimed<T> = T extends unknown ? Omit<T, 'now' | 'chance'> : never

/** One input of the connection, with what follows from it. */
export function drive(state: EngineState, turn: Turn, input: Untimed<ConnectionInput>): void {
  const before = state.connection
  const { now, chance } = turn
  const { state: after, effects } = stepConnection(before, { ...input, now, chance })
  state.connection = after
  const isLost = isUp(before) && !(isUp(after) && after.generation === before.generation)
  if (isLost) {
    outboxDisconnected(state, turn)
    channelsDisconnected(state)
    sessionsDisconnected(state, turn)
  }
  for (const effect of effects) carryOut(state, turn, effect)
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
      return hello(state, turn, effect)
    case 'sendPing': {
      const received = state.channels.subscriptions.get(URGENT_CHANNEL)?.durable ?? null
      const { nonce } = effect
      const frame = { t: 'ping', nonce, ...(received !== null && { urgent: received }) } as const
      turn.effects.push({ kind: 'send', generation, frame })
      return
    }
    case 'sendBye':
      turn.effects.push({ kind: 'send', generation, frame: { t: 'bye', reason: 'stopping' } })
      return
    default:
      return unreachable(effect)
  }
}

function hello(
  state: EngineState,
  turn: Turn,
  { generation, proof, yields }: Extract<ConnectionEffect, { kind: 'sendHello' }>,
): void {
  const { identity, outbox, sessions } = state
  // The new epoch is not durable yet, and must not be heard of before; the link is dropped when it is, and said anew.
  if (outbox.gate === 'restarting') return
  sessions.named = sessions.current?.id ?? null
  turn.effects.push({
    kind: 'send',
    generation,
    frame: {
      t: 'hello',
      version: PROTOCOL_VERSION,
      proof,
      name: identity.name,
      client: { kind: identity.kind, build: identity.build },
      outbox: { epoch: outbox.epoch, incarnation: outbox.incarnation, oldest: oldestSeqs(outbox) },
      ...(yields && { yields: true as const }),
      ...(sessions.named !== null && { session: sessions.named }),
    },
  })
}
