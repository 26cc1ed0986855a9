/** Values for tests and for the gallery of screens: never shipped. Ids are readable: `id(7)` is the seventh. */
import { channelName, URGENT_CHANNEL, type ChannelName } from '../../protocol/channels.ts'
import type { StoredEvent } from '../../protocol/events.ts'
import type { CommandId, DeviceId, Epoch, EventId, SessionId } from '../../protocol/ids.ts'
import type {
  BusBody,
  BusMessage,
  ChannelView,
  FilesView,
  PendingCommand,
  RelayView,
  SessionView,
  SettledCommand,
  StatusView,
} from '../../protocol/local.ts'
import { laneOf } from '../../protocol/commands.ts'
import type { AlertRecord, OrderFields, OrderRecord, RejectionRecord } from '../../protocol/records.ts'

export const EPOCH = '00000000000000aa' as Epoch
export const ALERTS = channelName('alerts', 'line-3')
export const ORDERS = channelName('orders', 'line-3')
export const CHAT = channelName('chat', 'line-3')
export const REJECTIONS = channelName('rejections', 'line-3')
export const INBOX = channelName('inbox', 'kim')

export function id(n: number): CommandId {
  return `01900000-0000-7000-8000-${String(n).padStart(12, '0')}` as CommandId
}

export function alert(n: number, over: Partial<AlertRecord> = {}): AlertRecord {
  const raised = { by: 'device:press-2', on: 'press-2', at: `2026-11-20T05:0${n % 10}:00.000Z` }
  const plain = { body: null, acknowledged: null, cleared: null, raised, area: 'line-3' }
  return { id: id(n), priority: 'P2', title: `Alert ${n}`, ...plain, ...over }
}

export function order(n: number, fields: Partial<OrderFields> = {}, version = 1): OrderRecord {
  const at = '2026-11-20T04:00:00.000Z'
  const deed = { by: 'park', on: null, at }
  const stamp = { version: 1, by: 'park', at, source: 'key' }
  const stamps = { title: stamp, status: stamp, quantity: stamp, assignee: stamp, note: stamp }
  const told = { produced: stamp, due: stamp }
  const work = { title: `Order ${n}`, status: 'open', quantity: 100, produced: 0 } as const
  const plain: OrderFields = { ...work, assignee: null, note: '', due: null }
  const head = { id: id(n), number: `WO-${n}`, area: 'line-3', version }
  return { ...head, fields: { ...plain, ...fields }, stamps: { ...stamps, ...told }, created: deed, changed: deed }
}

export function command(n: number, type: string, data: unknown, over: Partial<PendingCommand> = {}): PendingCommand {
  const author = { session: SESSION.id, by: SESSION.operator }
  const fate = { madeAt: 1_000 + n, saved: true, notice: null }
  return { id: id(n), type, data, lane: laneOf(type), ...author, ...fate, ...over }
}

export function applied(of: PendingCommand, offsets: Readonly<Record<string, number>>): SettledCommand {
  return { command: of, outcome: 'applied', code: null, message: null, data: null, offsets }
}

export function rejected(of: PendingCommand, code: string, data: unknown = null): SettledCommand {
  return { command: of, outcome: 'rejected', code, message: null, data, offsets: {} }
}

export function rejection(n: number, over: Partial<RejectionRecord> = {}): RejectionRecord {
  const place = { by: 'kim', on: 'press-2', device: 'd'.repeat(43) as DeviceId, area: 'line-3' }
  const why = { code: 'forbidden', message: 'You may not write to line-3.', at: '2026-11-20T05:00:00.000Z' }
  const what = { type: 'chat.post', data: { line: 'line-3', text: `Message ${n}` } }
  return { id: id(n), ...what, ...place, ...why, closed: null, ...over }
}

/** What a person's inbox says of these; a record that is closed says so. */
export function inboxOf(...records: readonly RejectionRecord[]): ChannelView {
  const events = records.map((record, index) =>
    event(index + 1, record, { type: record.closed === null ? 'command.rejected' : 'command.closed' }),
  )
  return logChannel(INBOX, events)
}

export function event(offset: number, data: unknown, over: Partial<StoredEvent> = {}): StoredEvent {
  const eventId = id(900_000 + offset) as string as EventId
  return { offset, id: eventId, type: 'order.edited', at: '2026-11-20T05:00:00.000Z', data, ...over }
}

export function setting(record: AlertRecord | OrderRecord | RejectionRecord): { key: string; record: unknown } {
  return { key: record.id, record }
}

export function posted(offset: number, text: string, over: Partial<StoredEvent> = {}): StoredEvent {
  return event(offset, { line: 'line-3', text }, { type: 'chat.posted', by: 'lee', ...over })
}

export function stateChannel(
  channel: ChannelName,
  offset: number,
  records: readonly { readonly id: string }[] = [],
): ChannelView {
  const held = records.map((record): [string, { offset: number; record: unknown }] => [record.id, { offset, record }])
  return { ...bare(channel, offset), records: Object.fromEntries(held), events: null }
}

/** The channel of a person's preferences; a value a newer server may know is as welcome as any. */
export function prefsOf(operator: string, values: Readonly<Record<string, string>>): ChannelView {
  const held = Object.entries(values).map(([key, record], index) => [key, { offset: index + 1, record }] as const)
  return { ...bare(channelName('prefs', operator), held.length), records: Object.fromEntries(held), events: null }
}

export function logChannel(channel: ChannelName, events: readonly StoredEvent[]): ChannelView {
  return { ...bare(channel, events.at(-1)?.offset ?? 0), records: null, events }
}

function bare(channel: ChannelName, offset: number) {
  return { channel, epoch: EPOCH, offset, confirmedAt: 1_000, current: true, refused: null }
}

export const LIVE: StatusView = {
  state: 'live',
  reason: null,
  code: null,
  since: null,
  retryAt: null,
  warnings: [],
  way: 'ws',
  wayReason: null,
  forSite: false,
  storage: 'working',
}

export const SESSION: SessionView = {
  id: id(1) as string as SessionId,
  operator: 'kim',
  role: 'operator',
  areas: ['line-3'],
  confirmed: true,
}

/** A device that keeps no photo. */
export const NO_FILES: FilesView = { count: 0, bytes: 0, waiting: [] }

export function view(seq: number, over: Partial<RelayView> = {}): RelayView {
  const place = { build: 'test', deviceName: 'press-2', outboxEpoch: null, areas: ['line-1', 'line-2', 'line-3'] }
  const channels = [stateChannel(URGENT_CHANNEL, 0), stateChannel(ORDERS, 3, [order(1)]), logChannel(CHAT, [])]
  const bus = { epoch: 'one', seq }
  const pending = over.pending ?? []
  const count = (lane: 'urgent' | 'normal') => pending.filter((waiting) => waiting.lane === lane).length
  const outbox = { urgent: count('urgent'), normal: count('normal'), ended: 0, sending: false }
  return {
    bus,
    ...place,
    status: LIVE,
    session: SESSION,
    pending,
    outbox,
    files: NO_FILES,
    rejected: [],
    channels,
    ...over,
  }
}

export function message(seq: number, body: BusBody, epoch = 'one'): BusMessage {
  return { bus: { epoch, seq }, body }
}
