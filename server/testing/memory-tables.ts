import { LANES, type Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { keySpace, parseChannel, type ChannelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { CommandId, DeviceId, Epoch, EventId, Incarnation, SessionId } from '../../relay/protocol/ids.ts'
import type {
  ApiKeyRow,
  DeviceRow,
  OperatorRow,
  Outcome,
  Receipt,
  ReviewRow,
  SessionRow,
  SigningKeyRow,
} from '../ports/store.ts'

/** One channel: `events[0]` is the one after `floor`. */
export interface MemoryChannel {
  readonly name: ChannelName
  epoch: Epoch
  top: number
  topId: EventId | null
  floor: number
  floorId: EventId | null
  events: { readonly event: StoredEvent; readonly bytes: number }[]
}

export interface MemoryRecord {
  readonly channel: ChannelName
  readonly offset: number
  readonly record: unknown
  readonly bytes: number
}

/** One lane of one outbox epoch of one device. */
export interface MemoryLane {
  mark: number
  /** The command at the mark; null when it was adopted. */
  last: CommandId | null
  /** By sequence, until confirmed. */
  readonly results: Map<number, { readonly id: CommandId; readonly outcome: Outcome }>
}

/** Everything a store keeps. What is inside a value never changes, so a copy of the maps is a copy of the store. */
export interface Tables {
  incarnation: Incarnation
  readonly areas: Set<string>
  readonly channels: Map<ChannelName, MemoryChannel>
  /** By `domain/key`: a record is in one channel of its domain at a time. */
  readonly records: Map<string, MemoryRecord>
  /** By `device epoch lane`. */
  readonly lanes: Map<string, MemoryLane>
  readonly idempotency: Map<string, { readonly bodyHash: string; readonly outcome: Outcome }>
  readonly devices: Map<DeviceId, DeviceRow>
  readonly operators: Map<string, OperatorRow>
  readonly sessions: Map<SessionId, SessionRow>
  readonly apiKeys: Map<string, ApiKeyRow>
  readonly signingKeys: SigningKeyRow[]
  /** By `alert device kind`. */
  readonly receipts: Map<string, Receipt>
  /** By what they say: one row per occasion. */
  readonly reviews: Map<string, ReviewRow>
  reviewsDropped: number
}

export function newTables(incarnation: Incarnation): Tables {
  return {
    incarnation,
    areas: new Set(),
    channels: new Map(),
    records: new Map(),
    lanes: new Map(),
    idempotency: new Map(),
    devices: new Map(),
    operators: new Map(),
    sessions: new Map(),
    apiKeys: new Map(),
    signingKeys: [],
    receipts: new Map(),
    reviews: new Map(),
    reviewsDropped: 0,
  }
}

export function copyTables(tables: Tables): Tables {
  const { incarnation, areas, channels, records, lanes, signingKeys } = tables
  return {
    incarnation,
    areas: new Set(areas),
    channels: new Map([...channels].map(([name, channel]) => [name, { ...channel, events: [...channel.events] }])),
    records: new Map(records),
    lanes: new Map([...lanes].map(([key, lane]) => [key, { ...lane, results: new Map(lane.results) }])),
    idempotency: new Map(tables.idempotency),
    devices: new Map(tables.devices),
    operators: new Map(tables.operators),
    sessions: new Map(tables.sessions),
    apiKeys: new Map(tables.apiKeys),
    signingKeys: [...signingKeys],
    receipts: new Map(tables.receipts),
    reviews: new Map(tables.reviews),
    reviewsDropped: tables.reviewsDropped,
  }
}

export function laneKey(device: string, epoch: string, lane: Lane): string {
  return `${device} ${epoch} ${lane}`
}

/** Null when neither lane of this outbox was ever taken from. */
export function marksOf(tables: Tables, device: string, epoch: string): Record<Lane, number> | null {
  const marks: Record<Lane, number> = { urgent: 0, normal: 0 }
  let isKnown = false
  for (const lane of LANES) {
    const known = tables.lanes.get(laneKey(device, epoch, lane))
    if (known === undefined) continue
    marks[lane] = known.mark
    isKnown = true
  }
  return isKnown ? marks : null
}

export function openLane(tables: Tables, key: string): MemoryLane {
  const known = tables.lanes.get(key)
  if (known !== undefined) return known
  const lane: MemoryLane = { mark: 0, last: null, results: new Map() }
  tables.lanes.set(key, lane)
  return lane
}

export function addReview(tables: Tables, row: ReviewRow): void {
  const key = `${row.kind} ${row.device} ${JSON.stringify(row.detail)}`
  if (tables.reviews.has(key)) return
  tables.reviews.set(key, row)
  const ofDevice = [...tables.reviews].filter(([, { device }]) => device === row.device)
  dropOldest(tables, ofDevice, LIMITS.maxReviewsPerDevice)
  dropOldest(tables, [...tables.reviews], LIMITS.maxReviews)
}

function dropOldest(tables: Tables, rows: readonly (readonly [string, ReviewRow])[], limit: number): void {
  for (const [key] of rows.slice(0, Math.max(rows.length - limit, 0))) {
    tables.reviews.delete(key)
    tables.reviewsDropped += 1
  }
}

/** An alert is known while it is there, while its past is, and while somebody's evidence of it is. */
export function isKnownAlert(tables: Tables, alert: CommandId): boolean {
  if (tables.records.has(`alerts/${alert}`)) return true
  for (const { events } of tables.channels.values())
    if (events.some(({ event }) => event.type === 'alert.raised' && event.cause === alert)) return true
  return [...tables.receipts.values()].some((receipt) => receipt.alert === alert)
}

/** Appends an event, and sets or deletes its record on a `state` channel. */
export function append(tables: Tables, channel: MemoryChannel, event: StoredEvent): void {
  channel.top = event.offset
  channel.topId = event.id
  channel.events.push({ event, bytes: JSON.stringify(event.data).length })
  const parsed = parseChannel(channel.name)
  if (parsed?.kind !== 'state') return
  const { key, record } = event.data as { readonly key: string; readonly record: unknown }
  const name = `${keySpace(parsed)}/${key}`
  if (record !== null) {
    const bytes = JSON.stringify(record).length
    tables.records.set(name, { channel: channel.name, offset: event.offset, record, bytes })
    // Crossing from one channel to another is a delete and a set; the delete must not take what has moved on.
  } else if (tables.records.get(name)?.channel === channel.name) tables.records.delete(name)
}

/** The id of the event at this offset; null when it is not retained, and at 0. */
export function idAt(channel: MemoryChannel, offset: number): EventId | null {
  if (offset === 0) return null
  if (offset === channel.floor) return channel.floorId
  return channel.events[offset - channel.floor - 1]?.event.id ?? null
}
