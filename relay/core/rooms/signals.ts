/** What is said in rooms and kept nowhere (PROTOCOL M8): sent while the link is live, at the server's pace, the latest of each key. */
import { check } from '../../protocol/check.ts'
import { parseChannel, type ChannelName } from '../../protocol/channels.ts'
import { refuse, type Refusal } from '../../protocol/errors.ts'
import { Segment } from '../../protocol/ids.ts'
import type { ClientFrameOf } from '../../protocol/frames.ts'
import { isWithinDepth } from '../../protocol/json-depth.ts'
import { LIMITS } from '../../protocol/limits.ts'
import { sendFrame, takesLive } from '../link/link.ts'
import type { Reader, Turn } from '../step/turn.ts'
import { fits } from './rooms.ts'
import type { RoomsState } from './slice.ts'

/** One each 50 ms: what the server takes of one device (20 a second). */
const SIGNAL_MS = 50
/** Signals of different keys that wait for their turn: more than a second of them is no news any more. */
const MAX_WAITING = 20

export interface SignalGiven {
  readonly channel: string
  readonly key?: string
  readonly data: unknown
}

/** Why it cannot be said; null where it can. Not live is a reason: nothing of it is kept for later. */
export function refuseSignal(reader: Reader, { channel: name, key, data }: SignalGiven): Refusal | null {
  const domain = parseChannel(name)?.domain
  if (domain !== 'room' && domain !== 'typing') return refuse('not-a-room')
  const named = check(Segment, key ?? 'own', 'bad-request')
  if (!named.ok) return named
  if (!isWithinDepth(data, LIMITS.maxSignalDepth) || !fits(data, LIMITS.maxSignalBytes))
    return refuse('signal-too-large')
  if (reader.link.connection.kind === 'live' && takesLive(reader.link)) return null
  return refuse('unavailable', 'This device is not connected, and what is said in a room is kept nowhere.')
}

/** Says it at once, or in its turn; a newer one of the same key takes its place. */
export function signal(rooms: RoomsState, turn: Turn, given: SignalGiven): Refusal | null {
  const refusal = refuseSignal(turn, given)
  if (refusal !== null) return refusal
  const { channel, key, data } = given
  const name = `${channel} ${key ?? ''}`
  forgetOthers(rooms, turn)
  if (!rooms.waiting.has(name) && rooms.waiting.size >= MAX_WAITING) return refuse('rate-limited')
  const frame: ClientFrameOf<'signal'> = {
    t: 'signal',
    channel: channel as ChannelName,
    data,
    ...(key !== undefined && { key }),
  }
  rooms.waiting.set(name, frame)
  pumpSignals(rooms, turn)
  return null
}

/** Sends what may go by now, oldest first; without a live link nothing is left to send. */
export function pumpSignals(rooms: RoomsState, turn: Turn): void {
  if (rooms.waiting.size === 0) return
  forgetOthers(rooms, turn)
  if (turn.link.connection.kind !== 'live') return rooms.waiting.clear()
  for (const [name, frame] of rooms.waiting) {
    if (turn.now < rooms.signalAt) return
    rooms.waiting.delete(name)
    rooms.signalAt = Math.max(rooms.signalAt, turn.now) + SIGNAL_MS
    sendFrame(turn, frame)
  }
}

/** What somebody said who is not signed in any more is not said as the next one. */
function forgetOthers(rooms: RoomsState, { people }: Turn): void {
  const session = people.current?.id ?? null
  if (rooms.waitingOf !== session) rooms.waiting.clear()
  rooms.waitingOf = session
}
