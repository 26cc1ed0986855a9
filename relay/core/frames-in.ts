/** What the server says, handed to the part it concerns. */
import type { ServerFrame, ServerFrameOf } from '../protocol/frames.ts'
import { unreachable } from '../protocol/rights.ts'
import type { Write } from '../ports.ts'
import { readerChanged } from './channels.ts'
import { isUp } from './connection-state.ts'
import { expectReceived, outboxWelcomed, resultReceived, retryLaterReceived } from './delivery.ts'
import {
  channelErrorReceived,
  eventReceived,
  freshnessReceived,
  pageReceived,
  resetReceived,
  snapshotReceived,
  subscribedReceived,
  unsubscribedReceived,
} from './feed.ts'
import { save } from './ledger.ts'
import { liveReceived } from './live.ts'
import { restartOutbox } from './outbox-restart.ts'
import { receiptedReceived } from './receipts.ts'
import { authedReceived, deauthedReceived, sessionReported, sessionsWelcomed, tellSession } from './sessions.ts'
import type { EngineState } from './state.ts'
import type { Turn } from './turn.ts'
import { drive } from './uplink.ts'

/** How much older the stored server time may be than the one in memory: it costs a write. */
const TIME_STORE_MS = 60_000

/** A frame of that socket. Of an older socket, or out of place, it changes nothing (C4). */
export function frameReceived(state: EngineState, turn: Turn, generation: number, frame: ServerFrame): void {
  if (generation !== state.connection.generation) return
  if (isUp(state.connection)) linkedFrame(state, turn, frame, generation)
  else greetingFrame(state, turn, frame, generation)
}

function greetingFrame(state: EngineState, turn: Turn, frame: ServerFrame, generation: number): void {
  if (frame.t === 'challenge') drive(state, turn, { kind: 'challenged', generation, nonce: frame.nonce })
  else if (frame.t === 'welcome') welcomed(state, turn, generation, frame)
  else if (frame.t === 'bye') drive(state, turn, { kind: 'byeReceived', generation, retryAfterMs: frame.retryAfterMs })
  else if (frame.t === 'error') {
    drive(state, turn, { kind: 'refused', generation, trouble: { code: frame.code, says: frame.message } })
  }
}

function linkedFrame(state: EngineState, turn: Turn, frame: ServerFrame, generation: number): void {
  switch (frame.t) {
    case 'event':
      return eventReceived(state, turn, frame)
    case 'page':
      return pageReceived(state, turn, frame)
    case 'live':
      return liveReceived(state, turn, frame)
    case 'result':
      return resultReceived(state, turn, frame)
    case 'retry-later':
      return retryLaterReceived(state, turn, frame)
    case 'expect':
      return expectReceived(state, turn, frame)
    case 'outbox-forked':
      return restartOutbox(state, turn, 'outbox-forked')
    case 'receipted':
      return receiptedReceived(state, turn, frame.ref)
    case 'subscribed':
      return subscribedReceived(state, turn, frame)
    case 'reset':
      return resetReceived(state, turn, frame)
    case 'snapshot':
      return snapshotReceived(state, turn, frame)
    case 'unsubscribed':
      return unsubscribedReceived(state, turn, frame)
    case 'authed':
      return authedReceived(state, turn, frame)
    case 'deauthed':
      return deauthedReceived(state, turn, frame)
    case 'pong':
      drive(state, turn, { kind: 'pongReceived', generation, nonce: frame.nonce })
      serverTimeSeen(state, turn, frame.serverTime)
      return freshnessReceived(state, turn, frame)
    case 'bye':
      return drive(state, turn, { kind: 'byeReceived', generation, retryAfterMs: frame.retryAfterMs })
    case 'error': {
      const { code, channel, about } = frame
      turn.effects.push({ kind: 'log', level: 'warn', event: 'server-error', fields: { code, channel, about } })
      return channel === undefined ? undefined : channelErrorReceived(state, turn, frame)
    }
    case 'challenge':
    case 'welcome':
      return
    default:
      return unreachable(frame)
  }
}

const MOVED_ON = { code: 'outbox-moved', says: 'The server was restored; this device connects again.' }

/** `welcome`: what the site is, where the outbox goes on, who is signed in, and then every subscription anew. */
function welcomed(state: EngineState, turn: Turn, generation: number, frame: ServerFrameOf<'welcome'>): void {
  drive(state, turn, { kind: 'welcomed', generation, heartbeatMs: frame.heartbeatMs })
  if (!isUp(state.connection)) return
  state.deviceToken = frame.deviceToken
  // Before anything else is told or asked for: who was signed out from elsewhere sees nothing that came after (R34).
  sessionReported(state, turn, frame.session)
  const { areas, deviceAreas } = frame
  const isSame = areas.join() === state.site.areas.join() && deviceAreas.join() === state.site.deviceAreas.join()
  if (!isSame) {
    state.site = { areas, deviceAreas }
    save(state.ledger, turn, [{ op: 'put', table: 'meta', key: 'site', value: state.site }])
    tellSession(state, turn)
  }
  serverTimeSeen(state, turn, frame.serverTime)
  if (outboxWelcomed(state, turn, frame) === 'redial') {
    return drive(state, turn, { kind: 'dropped', trouble: MOVED_ON, retry: 'soon' })
  }
  sessionsWelcomed(state, turn)
  readerChanged(state)
}

/** The highest server time ever seen only grows (P7). ISO 8601 in UTC sorts as text. */
function serverTimeSeen(state: EngineState, turn: Turn, iso: string): void {
  const { serverTime } = state
  if (serverTime !== null && iso <= serverTime.iso) return
  const isDue = serverTime === null || turn.now - serverTime.storedAt >= TIME_STORE_MS
  state.serverTime = { iso, at: turn.now, storedAt: isDue ? turn.now : serverTime.storedAt }
  const write: Write = { op: 'put', table: 'meta', key: 'server-time', value: iso }
  if (isDue) save(state.ledger, turn, [write])
}
