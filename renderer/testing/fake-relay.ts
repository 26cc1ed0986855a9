/** A relay in the hand of a test or of the gallery: it shows what it is given and answers as a relay would. Never shipped. */
import type { ContentHash } from '../../relay/protocol/attachments.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import type {
  BusBody,
  BusMessage,
  FileBytes,
  LiveView,
  PortMessage,
  RelayView,
  WindowMessage,
} from '../../relay/protocol/local.ts'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import { newMemory } from '../../relay/domain/apply-body.ts'
import { applyEvent, Own } from '../../relay/domain/channel-events.ts'
import { isUrgent } from '../../relay/domain/urgency.ts'
import { laneOf } from '../../relay/protocol/commands.ts'
import type { SearchPage, SearchQuery } from '../../relay/protocol/search.ts'
import type { SeriesPage, SeriesQuery } from '../../relay/protocol/telemetry.ts'
import { unreachable } from '../../relay/protocol/rights.ts'
import type { PastPage, PastQuery } from '../../relay/protocol/talk-past.ts'
import { WindowClient, type WindowOptions } from '../../relay/window.ts'
import { SESSION } from '../../relay/domain/testing/samples.ts'

export interface FakeRelay {
  readonly client: WindowClient
  /** What the window said, oldest first. */
  readonly heard: readonly WindowMessage[]
  /** Says something to every window. */
  tell(body: BusBody): void
  /** Somebody else, or nobody, is signed in from now on, and has these channels and no others. */
  passTo(session: RelayView['session'], channels: RelayView['channels']): void
  /** Brings live values over the port. */
  live(channel: ChannelName, values: readonly LiveView[]): void
}

/** What is found; null: the server cannot be reached. */
export type Finds = (query: SearchQuery) => SearchPage | null
/** What a file of a message holds; null: the server cannot be reached. */
export type Reads = (file: Extract<WindowMessage, { t: 'file' }>) => FileBytes | null
/** What was said before; null: the server cannot be reached. */
export type Says = (query: PastQuery) => PastPage | null
/** The past of a signal; null: the server cannot be reached. */
export type Past = (query: SeriesQuery) => SeriesPage | null

interface FakeRelayOptions extends Pick<WindowOptions, 'later'> {
  /** What time it is at the server, null where the relay has not heard; the same as here unless given. */
  readonly serverNow?: () => number | null
  readonly finds?: Finds
  readonly reads?: Reads
  readonly says?: Says
}

export function makeFakeRelay(
  view: RelayView,
  past: Past = () => null,
  { later, serverNow = Date.now, finds = () => null, reads = () => null, says = () => null }: FakeRelayOptions = {},
): FakeRelay {
  const heard: WindowMessage[] = []
  const ports = new Set<(message: PortMessage) => void>()
  const buses = new Set<(message: BusMessage) => void>()
  let current = view
  let own = new Own()
  const memory = newMemory()
  let { seq } = view.bus
  let ids = 0
  const answer = (message: PortMessage): void => ports.forEach((port) => queueMicrotask(() => port(message)))
  const tell = (body: BusBody): void => {
    seq += 1
    // A relay knows what it has said: a window that asks for a view gets it in there.
    if (body.t === 'event') current = withEvent(current, body, { ...memory, own })
    if (body.t === 'session') current = { ...current, session: body.session, areas: body.areas }
    if (body.t === 'pending') current = withPending(current, [...current.pending, body.command])
    if (body.t === 'settled') {
      const { id } = body.settled.command
      current = withPending(
        current,
        current.pending.filter((one) => one.id !== id),
      )
    }
    if (body.t === 'status') current = { ...current, status: body.status }
    if (body.t === 'pending') {
      const others = current.pending.filter(({ id }) => id !== body.command.id)
      current = { ...current, pending: [...others, body.command] }
    }
    const message = { bus: { epoch: view.bus.epoch, seq }, body }
    buses.forEach((bus) => queueMicrotask(() => bus(message)))
    // What is urgent goes both ways.
    if (isUrgent(body)) answer({ t: 'copy', message })
  }
  const take = (message: WindowMessage): void => {
    heard.push(message)
    switch (message.t) {
      case 'open':
      case 'show':
      case 'view':
        // From here on somebody has it.
        own = new Own()
        return answer(sight({ ...current, bus: { epoch: view.bus.epoch, seq } }, serverNow()))
      case 'command': {
        answer({ t: 'reply', ref: message.ref, ok: true })
        const { id, type, data } = message
        // It waits for no longer than a look at the screen.
        if (type === 'chat.read') return undefined
        const author = { session: current.session?.id ?? null, by: current.session?.operator ?? null }
        const fate = { lane: laneOf(type), madeAt: Date.now(), saved: true, notice: null }
        return tell({ t: 'pending', command: { id: id as CommandId, type, data, ...author, ...fate } })
      }
      case 'sign-in': {
        if (message.pin !== '1111') {
          const refusal = { ok: false, code: 'bad-pin', message: 'The name or the PIN is wrong.' } as const
          return answer({ t: 'reply', ref: message.ref, ...refusal })
        }
        answer({ t: 'reply', ref: message.ref, ok: true })
        return tell({
          t: 'session',
          session: { ...SESSION, operator: message.operator },
          areas: current.areas,
        })
      }
      case 'sign-out':
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
      case 'search': {
        const found = finds(message)
        if (found !== null) return answer({ t: 'search', ref: message.ref, found })
        const refusal = { ok: false, code: 'unreachable', message: 'The server cannot be reached now.' } as const
        return answer({ t: 'reply', ref: message.ref, ...refusal })
      }
      case 'attach':
        return void nameOf(message.bytes).then((hash) => answer({ t: 'kept', ref: message.ref, hash }))
      case 'file': {
        const file = reads(message)
        if (file !== null) return answer({ t: 'file', ref: message.ref, file })
        const refusal = { ok: false, code: 'unreachable', message: 'The server cannot be reached now.' } as const
        return answer({ t: 'reply', ref: message.ref, ...refusal })
      }
      case 'past': {
        const page = says(message)
        if (page !== null) return answer({ t: 'past', ref: message.ref, past: page })
        const refusal = { ok: false, code: 'unreachable', message: 'The server cannot be reached now.' } as const
        return answer({ t: 'reply', ref: message.ref, ...refusal })
      }
      case 'displayed':
      case 'notified':
      case 'track':
      case 'signal':
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
    ...(later !== undefined && { later }),
    random: { uuid: () => `01900000-0000-7000-9000-${String(++ids).padStart(12, '0')}` },
  })
  const passTo: FakeRelay['passTo'] = (session, channels) => {
    const changed = current.channels.filter((channel) => !channels.includes(channel))
    current = { ...current, channels }
    tell({ t: 'session', session, areas: current.areas })
    for (const { channel } of changed) tell({ t: 'replaced', channel })
  }
  return { client, heard, tell, passTo, live: (channel, values) => answer({ t: 'live', channel, values }) }
}

/** As the disk of a device names what it keeps. */
async function nameOf(bytes: Uint8Array<ArrayBuffer>): Promise<ContentHash> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') as ContentHash
}

function sight(view: RelayView, serverNow: number | null): PortMessage {
  return {
    t: 'view',
    view,
    ...(serverNow !== null && { serverTime: { at: new Date(serverNow).toISOString(), ageMs: 0 } }),
  }
}

function withPending(view: RelayView, pending: RelayView['pending']): RelayView {
  const count = (lane: 'urgent' | 'normal'): number => pending.filter((one) => one.lane === lane).length
  return { ...view, pending, outbox: { ...view.outbox, urgent: count('urgent'), normal: count('normal') } }
}

function withEvent(
  view: RelayView,
  { channel, epoch, event }: Extract<BusBody, { t: 'event' }>,
  met: Parameters<typeof applyEvent>[3],
): RelayView {
  const channels = view.channels.map((held) => {
    const outcome = held.channel === channel ? applyEvent(held, epoch, event, met) : null
    return outcome?.kind === 'applied' ? outcome.channel : held
  })
  return { ...view, channels }
}

function enlist<T>(all: Set<T>, one: T): () => void {
  all.add(one)
  return () => all.delete(one)
}
