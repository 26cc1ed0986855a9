import { LANES, type Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { keySpace, parseChannel, URGENT_CHANNEL, type ChannelName, type Domain } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { CommandId, DeviceId, Epoch, EventId, Incarnation, SessionId } from '../../relay/protocol/ids.ts'
import type { Heard } from '../ports/last-heard.ts'
import type { RejectionList } from '../ports/rejection-room.ts'
import { reviewsOver } from '../ports/review-room.ts'
import {
  unquoted,
  type FoundEvent,
  type FoundRecord,
  type LeftBehind,
  type Rewrite,
  type Unquote,
} from '../ports/rules.ts'
import type { SessionRow } from '../ports/sessions.ts'
import type { ApiKeyRow, DeviceRow, OperatorRow, ReviewRow, SigningKeyRow } from '../ports/site.ts'
import type { Receipt } from '../ports/store-writer.ts'
import type { Outcome } from '../ports/submission.ts'
import type { Timer, TimerChange } from '../ports/timers.ts'
import { stepOf, type PassedTo, type UrgentPassage } from '../ports/urgent-passage.ts'

/** One channel: `events[0]` is the one after `floor`. */
export interface MemoryChannel {
  readonly name: ChannelName
  epoch: Epoch
  top: number
  topId: EventId | null
  floor: number
  floorId: EventId | null
  events: { readonly event: StoredEvent; readonly bytes: number }[]
  /** The commit that brought its last event. */
  lastCommit: number
}

export interface MemoryRecord {
  readonly channel: ChannelName
  readonly offset: number
  readonly record: unknown
  readonly bytes: number
  /** The device that raised this alert alone (T21). */
  readonly raiser: DeviceId | null
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
  /** Commands that were committed: each is a commit of its own here. */
  commits: number
  readonly areas: Set<string>
  readonly channels: Map<ChannelName, MemoryChannel>
  /** By `domain/key`: a record is in one channel of its domain at a time. */
  readonly records: Map<string, MemoryRecord>
  /** By `device epoch lane`. */
  readonly lanes: Map<string, MemoryLane>
  readonly idempotency: Map<string, { readonly bodyHash: string; readonly outcome: Outcome }>
  readonly devices: Map<DeviceId, DeviceRow>
  /** The number of each device's last link. */
  readonly links: Map<DeviceId, number>
  /** Devices that are used (T18). */
  readonly used: Set<DeviceId>
  readonly operators: Map<string, OperatorRow>
  readonly sessions: Map<SessionId, SessionRow>
  /** What sessions that are over left behind. */
  readonly left: Map<SessionId, LeftBehind>
  readonly apiKeys: Map<string, ApiKeyRow>
  readonly signingKeys: SigningKeyRow[]
  /** By id. */
  readonly timers: Map<string, Timer>
  /** By `alert device kind`. */
  readonly receipts: Map<string, Receipt>
  /** By `area device`. */
  readonly lastHeard: Map<string, Heard & { readonly at: string }>
  /** By device. */
  readonly passages: Map<DeviceId, PassedTo & { readonly epoch: Epoch }>
  /** By what they say: one row per occasion. */
  readonly reviews: Map<string, ReviewRow>
  reviewsDropped: number
}

export function newTables(incarnation: Incarnation): Tables {
  return {
    incarnation,
    commits: 0,
    areas: new Set(),
    channels: new Map(),
    records: new Map(),
    lanes: new Map(),
    idempotency: new Map(),
    devices: new Map(),
    links: new Map(),
    used: new Set(),
    operators: new Map(),
    sessions: new Map(),
    left: new Map(),
    apiKeys: new Map(),
    signingKeys: [],
    timers: new Map(),
    receipts: new Map(),
    lastHeard: new Map(),
    passages: new Map(),
    reviews: new Map(),
    reviewsDropped: 0,
  }
}

export function copyTables(tables: Tables): Tables {
  const { incarnation, areas, channels, records, lanes, signingKeys } = tables
  return {
    incarnation,
    commits: tables.commits,
    areas: new Set(areas),
    channels: new Map([...channels].map(([name, channel]) => [name, { ...channel, events: [...channel.events] }])),
    records: new Map(records),
    lanes: new Map([...lanes].map(([key, lane]) => [key, { ...lane, results: new Map(lane.results) }])),
    idempotency: new Map(tables.idempotency),
    devices: new Map(tables.devices),
    links: new Map(tables.links),
    used: new Set(tables.used),
    operators: new Map(tables.operators),
    sessions: new Map(tables.sessions),
    left: new Map(tables.left),
    apiKeys: new Map(tables.apiKeys),
    signingKeys: [...signingKeys],
    timers: new Map(tables.timers),
    receipts: new Map(tables.receipts),
    lastHeard: new Map(tables.lastHeard),
    passages: new Map(tables.passages),
    reviews: new Map(tables.reviews),
    reviewsDropped: tables.reviewsDropped,
  }
}

/** The number of a new link of this device, which is its last from now on. */
export function raiseLink({ links }: Tables, device: DeviceId): number {
  const number = (links.get(device) ?? 0) + 1
  links.set(device, number)
  return number
}

export function isStaleLink({ links }: Tables, device: DeviceId, link: number | undefined): boolean {
  return link !== undefined && link < (links.get(device) ?? 0)
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

/** Whether nobody ever signed in on it; sessions are never forgotten here. */
export function isAlone({ sessions }: Tables, id: DeviceId): boolean {
  return ![...sessions.values()].some(({ device }) => device === id)
}

export function addReview(tables: Tables, row: ReviewRow): void {
  const key = `${row.kind} ${row.device} ${JSON.stringify(row.detail)}`
  if (tables.reviews.has(key)) return
  tables.reviews.set(key, row)
  const held = new Map([...tables.reviews].map(([name, { device }]) => [name, device]))
  const room = { all: LIMITS.maxReviews, ofDevice: LIMITS.maxReviewsPerDevice }
  for (const name of reviewsOver(held, room, (device) => !tables.used.has(device))) {
    tables.reviews.delete(name)
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

/** Keeps the first of an alert, a device and a kind; false where the alert has no place for evidence of such a device (E3). */
export function keepReceipt(tables: Tables, receipt: Receipt): boolean {
  const { alert, device, kind } = receipt
  const key = `${alert} ${device} ${kind}`
  if (tables.receipts.has(key)) return true
  if (isAlone(tables, device)) {
    const all = [...tables.receipts.values()].filter((each) => each.alert === alert && isAlone(tables, each.device))
    const devices = new Set(all.map((each) => each.device))
    if (!devices.has(device) && devices.size >= LIMITS.maxEvidenceAlone) return false
  }
  tables.receipts.set(key, receipt)
  return true
}

/** As `sqlite/urgent-passages.ts`. */
export function passUrgent(tables: Tables, passage: UrgentPassage): PassedTo {
  const { device, epoch, at } = passage
  const channel = tables.channels.get(URGENT_CHANNEL)
  if (channel?.epoch !== epoch || !tables.devices.has(device)) return passage
  const row = tables.passages.get(device)
  const before = row === undefined || row.epoch !== epoch ? null : row
  const raised = channel.events.filter(({ event }) => event.type === 'alert.raised')
  const open = [...tables.records].filter(([, each]) => each.channel === URGENT_CHANNEL).map(([key]) => key.slice(7))
  const reached = { sent: 0, received: 0 }
  for (const kind of ['sent', 'received'] as const) {
    const { after, from, upTo } = stepOf(passage, before, kind)
    reached[kind] = Math.max(after, upTo)
    if (upTo <= after) continue
    const alerts = raised
      .filter(({ event }) => event.offset > from && event.offset <= upTo)
      .map(({ event }) => event.cause)
    const isLater = (key: string) =>
      raised.some(({ event }) => event.cause === key && event.offset > Math.min(from, upTo))
    if (from > after) alerts.push(...(open.filter((key) => !isLater(key)) as CommandId[]))
    for (const alert of alerts) if (alert !== undefined) keepReceipt(tables, { alert, device, kind, at })
  }
  tables.passages.set(device, { epoch, ...reached })
  return reached
}

/** As `sqlite/raisers.ts`: whether one more alert of this device may be open. */
export function hasRoomForAlert(tables: Tables, device: DeviceId): boolean {
  const raisers = [...tables.records.values()].flatMap(({ raiser }) => raiser ?? [])
  if (raisers.filter((raiser) => raiser === device).length >= LIMITS.maxOpenAlertsPerDevice) return false
  return (
    !isAlone(tables, device) || raisers.filter((raiser) => isAlone(tables, raiser)).length < LIMITS.maxOpenAlertsAlone
  )
}

/** This alert counts against the device that raised it alone, until it is gone. */
export function raisedAlone({ records }: Tables, alert: CommandId, device: DeviceId): void {
  const record = records.get(`alerts/${alert}`)
  if (record !== undefined) records.set(`alerts/${alert}`, { ...record, raiser: device })
}

/** Its command is given now; false when it is not there as it was read. */
export function giveTimer({ timers }: Tables, { id, due }: Pick<Timer, 'id' | 'due'>): boolean {
  return timers.get(id)?.due === due && timers.delete(id)
}

/** As `sqlite/timers.ts`; false where there is no room, and nothing is changed. */
export function changeTimers({ timers }: Tables, changes: readonly TimerChange[]): boolean {
  if (timers.size + changes.filter(({ kind }) => kind === 'set').length > LIMITS.maxTimers) return false
  for (const change of changes) {
    if (change.kind === 'set') timers.set(change.timer.id, change.timer)
    else timers.delete(change.id)
  }
  return true
}

/** Appends an event, and sets or deletes its record on a `state` channel. */
export function append(tables: Tables, channel: MemoryChannel, event: StoredEvent): void {
  channel.top = event.offset
  channel.topId = event.id
  channel.lastCommit = tables.commits + 1
  channel.events.push({ event, bytes: JSON.stringify(event.data).length })
  const parsed = parseChannel(channel.name)
  if (parsed?.kind !== 'state') return
  const { key, record } = event.data as { readonly key: string; readonly record: unknown }
  const name = `${keySpace(parsed)}/${key}`
  if (record !== null) {
    const bytes = JSON.stringify(record).length
    const raiser = tables.records.get(name)?.raiser ?? null
    tables.records.set(name, { channel: channel.name, offset: event.offset, record, bytes, raiser })
    // Crossing from one channel to another is a delete and a set; the delete must not take what has moved on.
  } else if (tables.records.get(name)?.channel === channel.name) tables.records.delete(name)
}

/** As `EventWriter.find`: the event of this type that this command made first. */
export function eventOf({ channels }: Tables, type: FoundEvent, cause: CommandId): FoundRecord | undefined {
  const made = [...channels.values()].flatMap(({ name, events }) =>
    events
      .filter(({ event }) => event.type === type && event.cause === cause)
      .map(({ event }) => ({ channel: name, record: event })),
  )
  return made.toSorted((a, b) => (a.record.id < b.record.id ? -1 : 1))[0]
}

/** As `EventWriter.rewrite`. */
export function rewrite({ channels }: Tables, { channel: name, type, cause, data }: Rewrite): boolean {
  const channel = channels.get(name)
  const at = channel?.events.findIndex(({ event }) => event.type === type && event.cause === cause) ?? -1
  const said = channel?.events[at]
  if (channel === undefined || said === undefined) return false
  channel.events[at] = { event: { ...said.event, data }, bytes: JSON.stringify(data).length }
  return true
}

/** As `EventWriter.unquote`. */
export function unquote({ channels }: Tables, { channel: name, message }: Unquote): void {
  const channel = channels.get(name)
  for (const [at, { event }] of (channel?.events ?? []).entries()) {
    if (channel === undefined || event.type !== 'chat.posted') continue
    const { reply } = event.data as { readonly reply?: { readonly id: CommandId } }
    if (reply?.id !== message) continue
    const data = unquoted(event.data)
    channel.events[at] = { event: { ...event, data }, bytes: JSON.stringify(data).length }
  }
}

/** The id of the event at this offset; null when it is not retained, and at 0. */
export function idAt(channel: MemoryChannel, offset: number): EventId | null {
  if (offset === 0) return null
  if (offset === channel.floor) return channel.floorId
  return channel.events[offset - channel.floor - 1]?.event.id ?? null
}

/** The channels of this domain that hold records, and what they hold from the first that was set. */
export function listsOf(
  { records }: Tables,
  domain: Domain,
  holderOf: (record: unknown) => string,
): readonly RejectionList<MemoryRecord & { readonly holder: string }>[] {
  const order = ({ record, offset }: MemoryRecord): string => `${holderOf(record)} ${String(offset).padStart(16, '0')}`
  const channels = new Map<ChannelName, MemoryRecord[]>()
  for (const [key, record] of records) {
    if (!key.startsWith(`${domain}/`)) continue
    const kept = channels.get(record.channel)
    if (kept === undefined) channels.set(record.channel, [record])
    else kept.push(record)
  }
  return [...channels.values()].map((kept) => ({
    bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0),
    next: (last) =>
      kept
        .filter((record) => last === null || order(record) > order(last))
        .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
        .slice(0, 1)
        .map((record) => ({ ...record, holder: holderOf(record.record) }))[0],
  }))
}
