/** A relay in the hand of a test or of the gallery: it shows what it is given and answers as a relay would. Never shipped. */
import type { CommandId } from '../../relay/protocol/ids.ts'
import type {
  BusBody,
  BusMessage,
  LiveView,
  PortMessage,
  RelayView,
  WindowMessage,
} from '../../relay/protocol/local.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { laneOf } from '../../relay/protocol/commands.ts'
import type { SeriesPage, SeriesQuery } from '../../relay/protocol/telemetry.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import { WindowClient } from '../../relay/window.ts'
import { SESSION } from '../../relay/domain/testing/samples.ts'

export interface FakeRelay {
  readonly client: WindowClient
  /** What the window said, oldest first. */
  readonly heard: readonly WindowMessage[]
  /** Says something to every window. */
  tell(body: BusBody): void
  /** Brings live values over the port. */
  live(channel: ChannelName, values: readonly LiveView[]): void
}

/** The past of a signal; null: the server cannot be reached. */
export type Past = (query: SeriesQuery) => SeriesPage | null

export function makeFakeRelay(view: RelayView, past: Past = () => null): FakeRelay {
  const heard: WindowMessage[] = []
  const ports = new Set<(message: PortMessage) => void>()
  const buses = new Set<(message: BusMessage) => void>()
  let current = view
  let { seq } = view.bus
  let ids = 0
  const answer = (message: PortMessage): void => ports.forEach((port) => queueMicrotask(() => port(message)))
  const tell = (body: BusBody): void => {
    seq += 1
    const message = { bus: { epoch: view.bus.epoch, seq }, body }
    buses.forEach((bus) => queueMicrotask(() => bus(message)))
  }
  const take = (message: WindowMessage): void => {
    heard.push(message)
    switch (message.t) {
      case 'open':
      case 'show':
      case 'view':
        return answer({ t: 'view', view: { ...current, bus: { epoch: view.bus.epoch, seq } } })
      case 'command': {
        answer({ t: 'reply', ref: message.ref, ok: true })
        const { id, type, data } = message
        const author = { session: current.session?.id ?? null, by: current.session?.operator ?? null }
        const fate = { lane: laneOf(type), madeAt: Date.now(), saved: true, notice: null }
        return tell({ t: 'pending', command: { id: id as CommandId, type, data, ...author, ...fate } })
      }
      case 'sign-in': {
        if (message.pin !== '1111') {
          const refusal = { ok: false, code: 'bad-pin', message: 'The name or the PIN is wrong.' } as const
          return answer({ t: 'reply', ref: message.ref, ...refusal })
        }
        current = { ...current, session: { ...SESSION, operator: message.operator } }
        answer({ t: 'reply', ref: message.ref, ok: true })
        return tell({ t: 'session', session: current.session, areas: current.areas })
      }
      case 'sign-out':
        current = { ...current, session: null }
        answer({ t: 'reply', ref: message.ref, ok: true })
        return tell({ t: 'session', session: null, areas: current.areas })
      case 'dismiss':
        return tell({ t: 'dismissed', id: message.id as CommandId })
      case 'series': {
        const page = past(message)
        if (page !== null) return answer({ t: 'series', ref: message.ref, page })
        const refusal = { ok: false, code: 'unreachable', message: 'The server cannot be reached now.' } as const
        return answer({ t: 'reply', ref: message.ref, ...refusal })
      }
      case 'displayed':
      case 'notified':
      case 'retry':
      case 'close':
        return undefined
      default:
        return unreachable(message)
    }
  }
  const client = new WindowClient({
    port: { post: take, listen: (port) => enlist(ports, port), close: () => undefined },
    bus: { listen: (bus) => enlist(buses, bus) },
    clock: {
      monotonic: () => performance.now(),
      after(ms, call) {
        const timer = setTimeout(call, ms)
        return () => clearTimeout(timer)
      },
    },
    random: { uuid: () => `01900000-0000-7000-9000-${String(++ids).padStart(12, '0')}` },
  })
  return { client, heard, tell, live: (channel, values) => answer({ t: 'live', channel, values }) }
}

function enlist<T>(all: Set<T>, one: T): () => void {
  all.add(one)
  return () => all.delete(one)
}
