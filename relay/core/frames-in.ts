/** What the server says, handed to the part it concerns. */
import type { ServerFrame, ServerFrameOf } from '../protocol/frames.ts'
import { unreachable } from '../protocol/rights.ts'
import {
  channelErrorReceived,
  eventReceived,
  pageReceived,
  resetReceived,
  snapshotReceived,
  subscribedReceived,
  unsubscribedReceived,
} from './channels/frames.ts'
import { freshnessReceived } from './channels/freshness.ts'
import { liveReceived } from './channels/live.ts'
import { readerChanged } from './channels/subscriptions.ts'
import { serverTimeSeen } from './link/clocks.ts'
import { adoptTrial, challengeReceived, deviceWelcomed } from './link/link.ts'
import { isUp } from './link/slice.ts'
import { expectReceived, outboxWelcomed, resultReceived, retryLaterReceived } from './outbox/delivery.ts'
import { restartOutbox } from './outbox/restart.ts'
import { siteReported } from './people/session.ts'
import { authedReceived, deauthedReceived, sessionReported, sessionsWelcomed } from './people/tokens.ts'
import { trackRefused } from './rooms/rooms.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './step/turn.ts'
import { drive, greetAgain } from './uplink.ts'
import { receiptedReceived } from './windows/receipts.ts'

/** A frame of that socket. Of an older socket, or out of place, it changes nothing (C4). */
export function frameReceived(state: EngineState, turn: Turn, generation: number, frame: ServerFrame): void {
  if (generation !== state.link.connection.generation) return
  if (isUp(state.link.connection)) linkedFrame(state, turn, frame, generation)
  else greetingFrame(state, turn, frame, generation)
}

function greetingFrame(state: EngineState, turn: Turn, frame: ServerFrame, generation: number): void {
  if (frame.t === 'challenge') {
    const version = challengeReceived(state.link, frame)
    drive(state, turn, { kind: 'challenged', generation, nonce: frame.nonce, version })
  } else if (frame.t === 'welcome') welcomed(state, turn, generation, frame)
  else if (frame.t === 'bye') drive(state, turn, { kind: 'byeReceived', generation, retryAfterMs: frame.retryAfterMs })
  else if (frame.t === 'error') {
    drive(state, turn, { kind: 'refused', generation, trouble: { code: frame.code, says: frame.message } })
  }
}

function linkedFrame(state: EngineState, turn: Turn, frame: ServerFrame, generation: number): void {
  const { outbox, channels, windows } = state
  switch (frame.t) {
    case 'event':
      return eventReceived(channels, turn, frame)
    case 'page':
      return pageReceived(channels, turn, frame)
    case 'live':
      return liveReceived(channels, turn, frame)
    case 'result':
      return resultReceived(outbox, turn, frame)
    case 'retry-later':
      return retryLaterReceived(outbox, turn, frame)
    case 'expect':
      return expectReceived(outbox, turn, frame)
    case 'outbox-forked':
      return restartOutbox(outbox, turn, 'outbox-forked')
    case 'receipted':
      return receiptedReceived(windows.receipts, turn, frame.ref)
    case 'subscribed':
      return subscribedReceived(channels, turn, frame)
    case 'reset':
      return resetReceived(channels, turn, frame)
    case 'snapshot':
      return snapshotReceived(channels, turn, frame)
    case 'unsubscribed':
      return unsubscribedReceived(channels, turn, frame)
    case 'authed':
      return authedReceived(state, turn, frame)
    case 'deauthed':
      return deauthedReceived(state, turn, frame)
    case 'pong':
      drive(state, turn, { kind: 'pongReceived', generation, nonce: frame.nonce })
      serverTimeSeen(state.link, turn, frame.serverTime)
      return freshnessReceived(channels, turn, frame)
    case 'bye':
      return drive(state, turn, { kind: 'byeReceived', generation, retryAfterMs: frame.retryAfterMs })
    case 'error': {
      const { code, channel, about } = frame
      turn.effects.push({ kind: 'log', level: 'warn', event: 'server-error', fields: { code, channel, about } })
      if (about === 'take' && state.link.trial.kind === 'taking') {
        return drive(state, turn, { kind: 'dropped', trouble: NOT_MOVED, retry: 'soon' })
      }
      if (about === 'track' || about === 'signal') return roomErrorReceived(state, turn, frame)
      return channel === undefined ? undefined : channelErrorReceived(channels, turn, frame)
    }
    case 'challenge':
    case 'welcome':
      return
    case 'taken':
      // In the order in which they came by the new link, behind all that came by the old one (PROTOCOL N14).
      for (const held of adoptTrial(state.link, turn)) frameReceived(state, turn, generation, held)
      return
    default:
      return unreachable(frame)
  }
}

/** What was said in a room was not taken: the host, which may have said it, is told why. */
function roomErrorReceived({ rooms }: EngineState, turn: Turn, frame: ServerFrameOf<'error'>): void {
  const { code, message, channel = '' } = frame
  if (frame.about === 'track') trackRefused(rooms, turn, channel, code)
  turn.effects.push({ kind: 'observe', observation: { kind: 'refused', channel, code, message } })
}

export const NOT_MOVED = { code: 'not-moved', says: 'The connection could not be moved; this device connects again.' }

/** `welcome`: what the site is, where the outbox goes on, who is signed in, and then every subscription anew. */
function welcomed(state: EngineState, turn: Turn, generation: number, frame: ServerFrameOf<'welcome'>): void {
  const { link, people } = state
  drive(state, turn, { kind: 'welcomed', generation, heartbeatMs: frame.heartbeatMs })
  if (!isUp(link.connection)) return
  deviceWelcomed(link, frame.deviceToken)
  // Before anything else is told or asked for: who was signed out from elsewhere sees nothing that came after (R34).
  sessionReported(state, turn, frame.session)
  siteReported(people, turn, frame)
  serverTimeSeen(link, turn, frame.serverTime)
  if (outboxWelcomed(state.outbox, turn, frame) === 'redial') {
    return greetAgain(state, turn)
  }
  sessionsWelcomed(people, turn)
  readerChanged(state.channels)
}
