/** The windows of this device: what each shows, and what each is told over its own port. */
import { parseChannel, type ChannelName } from '../protocol/channels.ts'
import { unreachable } from '../protocol/rights.ts'
import { busTop } from './bus.ts'
import { reconcile } from './channels.ts'
import { askSeries } from './history.ts'
import type { Input } from './inputs.ts'
import { sendLive } from './live.ts'
import { recordReceipt } from './receipts.ts'
import { dismissed } from './seen.ts'
import { signIn, signOut } from './sessions.ts'
import type { EngineState } from './state.ts'
import { submit } from './submit.ts'
import type { Turn } from './turn.ts'
import { relayView } from './view.ts'

export interface WindowsState {
  readonly ports: Map<number, { readonly shows: ReadonlySet<ChannelName> }>
}

export function newWindows(): WindowsState {
  return { ports: new Map() }
}

export function windowAttached(state: EngineState, port: number): void {
  state.windows.ports.set(port, { shows: new Set() })
}

export function windowDetached(state: EngineState, port: number): void {
  state.windows.ports.delete(port)
  state.channels.dirty = true
}

/**
 * One message of a window. `retry` is the caller's: it is the connection's. A command is known by its own id, so that a
 * window may repeat it after a crash of the relay.
 */
export function windowSpoke(
  state: EngineState,
  turn: Turn,
  { port, message, fresh }: Omit<Extract<Input, { kind: 'windowSpoke' }>, 'kind'>,
): void {
  switch (message.t) {
    case 'open':
      return show(state, turn, port, message.shows)
    case 'show':
      return show(state, turn, port, message.channels)
    case 'view':
      return sendView(state, turn, port)
    case 'command': {
      const { ref, id, type, data } = message
      const origin = { kind: 'window', port, ref } as const
      return submit(state, turn, { kind: 'submitted', origin, ref: `window:${id}`, id, type, data })
    }
    case 'sign-in': {
      const { ref, operator, pin } = message
      return signIn(state, turn, { kind: 'signInAsked', origin: { kind: 'window', port, ref }, operator, pin })
    }
    case 'sign-out':
      return signOutOfWindow(state, turn, { port, message, fresh })
    case 'displayed':
      return recordReceipt(state, turn, message.alert, 'displayed')
    case 'notified':
      return recordReceipt(state, turn, message.alert, message.outcome === 'shown' ? 'notified' : 'not-notified')
    case 'dismiss':
      return dismissed(state, turn, message.id)
    case 'series':
      return askSeries(state, turn, port, message)
    case 'close':
      return windowDetached(state, port)
    case 'retry':
      return
    default:
      return unreachable(message)
  }
}

function signOutOfWindow(
  state: EngineState,
  turn: Turn,
  asked: { readonly port: number; readonly message: { ref: string; everywhere?: true }; readonly fresh: string },
): void {
  const { port, message, fresh } = asked
  const { ref, everywhere } = message
  const origin = { kind: 'window', port, ref } as const
  signOut(state, turn, { kind: 'signOutAsked', origin, fresh, ...(everywhere === true && { everywhere }) })
}

/** Every second each port hears the top of the bus, so that a gap at its tail shows. */
export function sendTops(state: EngineState, turn: Turn): void {
  const bus = busTop(state.bus)
  for (const port of state.windows.ports.keys()) {
    turn.effects.push({ kind: 'postPort', port, message: { t: 'top', bus } })
  }
}

function show(state: EngineState, turn: Turn, port: number, names: readonly string[]): void {
  const shows = names.flatMap((name) => parseChannel(name)?.name ?? [])
  state.windows.ports.set(port, { shows: new Set(shows) })
  // First, so that what is new is in the view, if only as empty.
  reconcile(state, turn)
  sendView(state, turn, port)
}

function sendView(state: EngineState, turn: Turn, port: number): void {
  const window = state.windows.ports.get(port)
  if (window === undefined) return
  turn.effects.push({ kind: 'postPort', port, message: { t: 'view', view: relayView(state, turn, window.shows) } })
  sendLive(state, turn, port, window.shows)
}
