/** The windows of this device: what each says, and what each is told over its own port. */
import type { ServerTime } from '../../protocol/local.ts'
import { unreachable } from '../../protocol/rights.ts'
import type { Row } from '../../ports.ts'
import { windowGone, windowShows, type Shown } from '../channels/demand.ts'
import { sendLive } from '../channels/live.ts'
import type { ChannelsState } from '../channels/slice.ts'
import { giveFile } from '../files/keeping.ts'
import { askFile } from '../files/reading.ts'
import { serverTimeNow } from '../link/clocks.ts'
import { submit } from '../outbox/arrive.ts'
import { dismissed } from '../outbox/seen.ts'
import { signIn } from '../people/sign-in.ts'
import { signOut } from '../people/sign-out.ts'
import { windowLeft, windowTracks } from '../rooms/rooms.ts'
import { signal } from '../rooms/signals.ts'
import type { Input } from '../step/inputs.ts'
import type { Sealed } from '../step/sealed.ts'
import type { Turn } from '../step/turn.ts'
import { busTop } from '../tell/bus.ts'
import { askSeries } from './history.ts'
import { askPast, askSearch } from './search.ts'
import { newReceipts, recordReceipt } from './receipts.ts'
import type { WindowsReach, WindowsState } from './slice.ts'
import { relayView } from './view.ts'

/** Words of a window that relays before refuse. */
const TAKES = ['as'] as const

export function newWindows(receipts: readonly Row[]): WindowsState {
  return { receipts: newReceipts(receipts), seriesReads: 0, searches: 0 }
}

/**
 * One message of a window. `retry` is the caller's: it is the connection's. A command is known by its own id, so that a
 * window may repeat it after a crash of the relay.
 */
export function windowSpoke(
  state: WindowsReach,
  turn: Turn,
  { port, message, fresh }: Omit<Extract<Input, { kind: 'windowSpoke' }>, 'kind'>,
): void {
  switch (message.t) {
    case 'open':
      return showChannels(state, turn, port, { names: message.shows, maxHz: message.maxHz })
    case 'show':
      return showChannels(state, turn, port, { names: message.channels, maxHz: message.maxHz })
    case 'view':
      return sendView(state, turn, port)
    case 'command': {
      const { ref, id, type, data, as } = message
      const origin = { kind: 'window', port, ref } as const
      const command = { id, type, data, ...(as !== undefined && { as }) }
      return submit(state.outbox, turn, { kind: 'submitted', origin, ref: `window:${id}`, ...command })
    }
    case 'sign-in': {
      const { ref, operator, pin } = message
      return signIn(state.people, turn, { kind: 'signInAsked', origin: { kind: 'window', port, ref }, operator, pin })
    }
    case 'sign-out': {
      const { ref, everywhere } = message
      const origin = { kind: 'window', port, ref } as const
      return signOut(state, turn, { kind: 'signOutAsked', origin, fresh, ...(everywhere === true && { everywhere }) })
    }
    case 'displayed':
      return recordReceipt(state.windows.receipts, turn, message.alert, 'displayed')
    case 'notified': {
      const kind = message.outcome === 'shown' ? 'notified' : 'not-notified'
      return recordReceipt(state.windows.receipts, turn, message.alert, kind)
    }
    case 'dismiss':
      return dismissed(state.outbox, turn, message.id)
    case 'series':
      return askSeries(state.windows, turn, port, message)
    case 'search':
      return askSearch(state.windows, turn, port, message)
    case 'past':
      return askPast(state.windows, turn, port, message)
    case 'attach': {
      const { ref, bytes } = message
      return giveFile(turn.files, turn, { origin: { kind: 'window', port, ref }, bytes })
    }
    case 'file': {
      const { ref, line, id, hash, small } = message
      const size = small === true ? 'small' : 'whole'
      return askFile(turn.files, turn, { origin: { kind: 'window', port, ref }, place: { line, id, hash }, size })
    }
    case 'track':
      return windowTracks(state.rooms, port, message.rooms)
    case 'signal':
      // A window is told nothing of it: what it says is gone in a moment, sent or not.
      return void signal(state.rooms, turn, message)
    case 'close':
      windowLeft(state.rooms, port)
      return windowGone(state.channels, port)
    case 'retry':
      return
    default:
      return unreachable(message)
  }
}

/** Every second each port hears the top of the bus, so that a gap at its tail shows. */
export function sendTops({ shown }: Sealed<ChannelsState>, turn: Turn): void {
  const bus = busTop(turn.bus)
  for (const port of shown.keys()) {
    turn.effects.push({ kind: 'postPort', port, message: { t: 'top', bus, ...serverTime(turn) } })
  }
}

function showChannels(state: WindowsReach, turn: Turn, port: number, shows: Shown): void {
  windowShows(state.channels, turn, port, shows)
  sendView(state, turn, port)
}

function sendView(state: WindowsReach, turn: Turn, port: number): void {
  const shows = state.channels.shown.get(port)
  if (shows === undefined) return
  const message = { t: 'view', view: relayView(state, turn, shows), ...serverTime(turn), takes: TAKES } as const
  turn.effects.push({ kind: 'postPort', port, message })
  sendLive(state.channels, turn, port)
}

/** For what a window compares with times of the server [R85]. */
function serverTime({ link, now }: Turn): { readonly serverTime?: ServerTime } {
  const time = serverTimeNow(link, now)
  return time === null ? {} : { serverTime: time }
}
