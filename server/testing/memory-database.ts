import { keySpace, parseChannel, type ChannelName } from '../../relay/protocol/channels.ts'
import type { TypedCommand } from '../../relay/protocol/commands.ts'
import { isBehind } from '../ports/lane-order.ts'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { Cursor, Epoch, EventId, Incarnation, SessionId } from '../../relay/protocol/ids.ts'
import { LANES, type Lane } from '../../relay/protocol/lanes.ts'
import type { Checked } from '../../relay/protocol/check.ts'
import type { Actor, CommandRules, FoundRecord, NewEvent, RecordKey, RejectedCommand } from '../ports/rules.ts'
import {
  sessionState,
  type CommittedEvent,
  type EventPage,
  type Greeting,
  type GreetingRequest,
  type Outcome,
  type PageSize,
  type RecordPage,
  type Resume,
  type SnapshotStart,
  type Submission,
  type SubmitResult,
  type Verdict,
} from '../ports/store.ts'
import {
  addReview,
  append,
  copyTables,
  idAt,
  laneKey,
  marksOf,
  newTables,
  openLane,
  type MemoryChannel,
  type Tables,
} from './memory-tables.ts'

export interface MemoryDatabaseOptions {
  readonly rules: CommandRules
  /** Server time, ISO 8601 UTC. */
  readonly now: () => string
  readonly uuid: () => string
  /** Told of every command that was decided, at its commit and in that order: repeats and refused numbers are not. */
  readonly decided?: (submission: Submission, outcome: Outcome, events: readonly CommittedEvent[]) => void
}

/** A backup: the store as of one moment. */
export interface DatabaseCopy {
  readonly tables: Tables
}

/**
 * What a server's disk holds, and what happens to it in one transaction. Synchronous: a call either happened or did not,
 * which is all that a crash can tell. `memory-store.ts` is the port on it.
 */
export class MemoryDatabase {
  tables: Tables
  readonly #options: MemoryDatabaseOptions

  constructor(options: MemoryDatabaseOptions) {
    this.#options = options
    this.tables = newTables(options.uuid() as Incarnation)
  }

  copy(): DatabaseCopy {
    return { tables: copyTables(this.tables) }
  }

  /** Puts a backup in place: a new incarnation and new epochs, so that nothing of the lost time is taken for what comes (P2). */
  restore(copy: DatabaseCopy): void {
    this.tables = copyTables(copy.tables)
    this.tables.incarnation = this.#options.uuid() as Incarnation
    for (const channel of this.tables.channels.values()) channel.epoch = this.#newEpoch()
  }

  /** Forgets history up to `upTo`, as retention does; records stay. */
  prune(name: ChannelName, upTo: number): void {
    const channel = this.open(name)
    const floor = Math.min(upTo, channel.top)
    if (floor <= channel.floor) return
    channel.floorId = idAt(channel, floor)
    channel.events = channel.events.slice(floor - channel.floor)
    channel.floor = floor
  }

  // ------------------------------------------------------------------------------------------------------ commands

  submit(submission: Submission): SubmitResult {
    const known = this.#alreadyTaken(submission)
    if (known !== null) return { verdict: known, events: [], endedSessions: [] }
    const { outcome, events: made, ...ended } = this.#decide(submission)
    const events = [...made, ...this.#keepRejected(submission, outcome)]
    this.#remember(submission, outcome)
    this.#options.decided?.(submission, outcome, events)
    return { verdict: { kind: 'done', outcome, repeated: false }, events, ...ended }
  }

  #alreadyTaken({ source, id }: Submission): Verdict | null {
    const { tables } = this
    if (source.kind === 'api') {
      if (source.idempotency === null) return null
      const row = tables.idempotency.get(`${source.keyId} ${source.idempotency.key}`)
      if (row === undefined) return null
      return row.bodyHash === source.idempotency.bodyHash
        ? { kind: 'done', outcome: row.outcome, repeated: true }
        : { kind: 'conflict' }
    }
    const { device, epoch, lane, seq, after } = source
    const known = tables.lanes.get(laneKey(device, epoch, lane))
    const mark = known?.mark ?? 0
    if (seq > mark + 1) return { kind: 'expect', seq: mark + 1 }
    if (seq === mark + 1 && isBehind(after, known?.last ?? null)) return null
    const row = known?.results.get(seq)
    if (row !== undefined && row.id === id) return { kind: 'done', outcome: row.outcome, repeated: true }
    addReview(tables, { kind: 'outbox-forked', device, detail: { epoch, lane, seq }, at: this.#options.now() })
    return { kind: 'forked', seq }
  }

  #decide(submission: Submission): Omit<SubmitResult, 'verdict'> & { readonly outcome: Outcome } {
    const { rules } = this.#options
    if (submission.giveUp) return rejected(refuse('gave-up'))
    const checked = rules.check(submission.type, submission.data)
    if (!checked.ok) return rejected(checked)
    const actor = this.#actor(submission, checked.value)
    if (!actor.ok) return rejected(actor)
    return this.#carryOut(submission, checked.value, actor.value)
  }

  #actor({ source }: Submission, command: TypedCommand): Checked<Actor> {
    const { rules } = this.#options
    const { apiKeys, devices, sessions, operators } = this.tables
    if (source.kind === 'api') {
      const key = apiKeys.get(source.keyId)
      return key === undefined ? refuse('bad-key') : { ok: true, value: rules.actorOfKey(key) }
    }
    const device = devices.get(source.device)
    if (device === undefined) return refuse('device-forgotten')
    if (source.session === null) return rules.actorOfDevice(command, device, null)
    const session = sessions.get(source.session) ?? null
    const operator = session === null ? null : (operators.get(session.operator) ?? null)
    return rules.actorOfDevice(command, device, { session, operator })
  }

  #carryOut(
    { id }: Submission,
    command: TypedCommand,
    actor: Actor,
  ): Omit<SubmitResult, 'verdict'> & { readonly outcome: Outcome } {
    const { rules, now } = this.#options
    const { tables } = this
    const found = this.#find(rules.reads(command, id))
    const at = now()
    const decision = rules.decide(found, command, { at, areas: [...tables.areas].toSorted(), actor, id })
    if (!decision.ok) return rejected(decision)
    const offsets: Record<string, number> = {}
    const events = decision.events.map((event) => this.#append(event, { at, by: actor.by, cause: id }))
    for (const { channel, event } of events) offsets[channel] = event.offset
    const { endSession, revokeSessionsOf } = decision
    const ended = endSession === undefined ? [] : this.#end(endSession)
    const revoked = revokeSessionsOf === undefined ? [] : this.#revoke(revokeSessionsOf)
    return {
      outcome: { outcome: 'applied', code: null, message: null, data: decision.data ?? null, offsets },
      events,
      endedSessions: [...ended, ...revoked],
      ...(revokeSessionsOf !== undefined && { revoked: true as const }),
    }
  }

  #find(keys: readonly RecordKey[]): ReadonlyMap<string, FoundRecord> {
    const found = new Map<string, FoundRecord>()
    for (const { domain, key } of keys) {
      const row = this.tables.records.get(`${domain}/${key}`)
      if (row !== undefined) found.set(`${domain}/${key}`, { channel: row.channel, record: row.record })
    }
    return found
  }

  #append({ channel: name, type, data }: NewEvent, made: Pick<StoredEvent, 'at' | 'by' | 'cause'>): CommittedEvent {
    const channel = this.open(name)
    const event: StoredEvent = { offset: channel.top + 1, id: this.#options.uuid() as EventId, type, ...made, data }
    append(this.tables, channel, event)
    return { channel: name, epoch: channel.epoch, event }
  }

  /** As `RejectionRules` says. A rule that throws is a bug that the test must see, so nothing is undone here. */
  #keepRejected(submission: Submission, outcome: Outcome): readonly CommittedEvent[] {
    const { source, id } = submission
    const { rejections } = this.#options.rules
    const kept = rejections.rejected(submission, outcome)
    if (source.kind !== 'outbox' || kept === null) return []
    const { areas, devices, sessions, operators, records } = this.tables
    const { session: claimed, ...rejectedCommand } = kept
    const session = claimed === null ? null : (sessions.get(claimed) ?? null)
    const operator = session === null ? null : (operators.get(session.operator) ?? null)
    const { device } = source
    const command: RejectedCommand = {
      ...rejectedCommand,
      at: this.#options.now(),
      areas: [...areas].toSorted(),
      device,
      deviceRow: devices.get(device) ?? null,
      author: claimed === null ? null : { session, operator },
    }
    const channel = rejections.channel(this.#find(rejections.reads(command)), command)
    if (channel === null) return []
    const open = [...records.values()].filter((row) => row.channel === channel).toSorted((a, b) => a.offset - b.offset)
    const oldest = open.length < rejections.limit ? null : (open[0]?.record ?? null)
    const { by, events } = rejections.keep(channel, command, oldest)
    return events.map((event) => this.#append(event, { at: command.at, by, cause: id }))
  }

  #end(id: SessionId): readonly SessionId[] {
    const session = this.tables.sessions.get(id)
    if (session?.status !== 'active') return []
    this.tables.sessions.set(id, { ...session, status: 'signed-out' })
    return [id]
  }

  #revoke(operator: string): readonly SessionId[] {
    const found = [...this.tables.sessions.values()].filter(
      (row) => row.operator === operator && (row.status === 'active' || row.status === 'expired'),
    )
    for (const row of found) this.tables.sessions.set(row.id, { ...row, status: 'revoked' })
    return found.map(({ id }) => id)
  }

  #remember({ source, id }: Submission, outcome: Outcome): void {
    const { tables } = this
    if (source.kind === 'outbox') {
      const lane = openLane(tables, laneKey(source.device, source.epoch, source.lane))
      lane.mark = source.seq
      lane.last = id
      lane.results.set(source.seq, { id, outcome })
    } else if (source.idempotency !== null) {
      const { key, bodyHash } = source.idempotency
      tables.idempotency.set(`${source.keyId} ${key}`, { bodyHash, outcome })
    }
  }

  confirm(request: {
    readonly device: string
    readonly epoch: string
    readonly lane: Lane
    readonly upTo: number
  }): void {
    const { device, epoch, lane, upTo } = request
    const known = this.tables.lanes.get(laneKey(device, epoch, lane))
    for (const seq of known?.results.keys() ?? []) if (seq <= upTo) known?.results.delete(seq)
  }

  // ------------------------------------------------------------------------------------------------------ greeting

  greet(request: GreetingRequest): Greeting {
    const { tables } = this
    const { device: id, epoch, oldest } = request
    const known = tables.devices.get(id)
    const areas = known?.areas ?? request.defaultAreas
    const device = { id, name: request.name, areas, status: known?.status ?? 'active' }
    tables.devices.set(id, device)
    const row = request.session === undefined ? null : (tables.sessions.get(request.session) ?? null)
    const operator = row === null ? null : (tables.operators.get(row.operator) ?? null)
    const session = request.session === undefined ? null : sessionState(row, operator, id)
    const base = { device, incarnation: tables.incarnation, session }

    const held = marksOf(tables, id, epoch)
    const marks = held ?? { urgent: 0, normal: 0 }
    const isRestored = request.incarnation !== null && request.incarnation !== tables.incarnation
    const isRolledBack = held !== null && LANES.some((lane) => oldest[lane] > marks[lane] + 1)
    if (isRestored || isRolledBack) {
      for (const lane of LANES) this.#adopt(request, lane, marks)
      return { ...base, outbox: 'adopted', marks }
    }
    if (held !== null) return { ...base, outbox: 'known', marks }
    if (LANES.every((lane) => oldest[lane] === 1)) {
      return { ...base, outbox: known === undefined ? 'new' : 'known', marks }
    }
    addReview(tables, { kind: 'forgotten', device: id, detail: { epoch, oldest }, at: this.#options.now() })
    return { ...base, outbox: 'forgotten', marks }
  }

  #adopt({ device, epoch, oldest }: GreetingRequest, lane: Lane, marks: Record<Lane, number>): void {
    const to = oldest[lane] - 1
    // At or below the mark nothing was skipped: what the device still holds is answered by its stored results.
    if (to <= marks[lane]) return
    const detail = { epoch, lane, from: marks[lane] + 1, to }
    addReview(this.tables, { kind: 'skipped-range', device, detail, at: this.#options.now() })
    marks[lane] = to
    Object.assign(openLane(this.tables, laneKey(device, epoch, lane)), { mark: to, last: null })
  }

  // ------------------------------------------------------------------------------------------------------- reading

  /** The channel, made with a fresh epoch when nobody used it before. */
  open(name: ChannelName): MemoryChannel {
    const known = this.tables.channels.get(name)
    if (known !== undefined) return known
    const epoch = this.#newEpoch()
    const channel: MemoryChannel = { name, epoch, top: 0, topId: null, floor: 0, floorId: null, events: [] }
    this.tables.channels.set(name, channel)
    return channel
  }

  resume(name: ChannelName, cursor: Cursor): Resume {
    const channel = this.open(name)
    const { epoch, top, floor } = channel
    if (cursor.epoch !== epoch) return { kind: 'reset', reason: 'unknown-epoch', lost: null }
    if (cursor.offset > top) return { kind: 'reset', reason: 'ahead', lost: null }
    if (cursor.offset < floor) return { kind: 'reset', reason: 'expired', lost: { from: cursor.offset + 1, to: floor } }
    if (cursor.id !== idAt(channel, cursor.offset)) return { kind: 'reset', reason: 'unknown-event', lost: null }
    return { kind: 'resumed', epoch, offset: cursor.offset, id: cursor.id, top }
  }

  oldest(name: ChannelName): SnapshotStart & { readonly top: number } {
    const { epoch, floor, floorId, top } = this.open(name)
    return { epoch, offset: floor, id: floorId, top }
  }

  snapshotStart(name: ChannelName): SnapshotStart {
    const { epoch, top, topId } = this.open(name)
    return { epoch, offset: top, id: topId }
  }

  events(name: ChannelName, after: { readonly epoch: Epoch; readonly offset: number }, size: PageSize): EventPage {
    const { epoch, top, floor, events } = this.open(name)
    if (after.epoch !== epoch || after.offset < floor || after.offset > top) {
      return { epoch, events: [], top, gone: true }
    }
    return { epoch, events: fitting(events.slice(after.offset - floor), size), top, gone: false }
  }

  lastEvents(name: ChannelName, upTo: number, size: PageSize): readonly StoredEvent[] {
    const { events, floor } = this.open(name)
    return fitting(events.slice(0, Math.max(upTo - floor, 0)).toReversed(), size).toReversed()
  }

  records(name: ChannelName, after: string | null, { maxItems, maxBytes }: PageSize): RecordPage {
    const parsed = parseChannel(name)
    const space = parsed === null ? '' : `${keySpace(parsed)}/`
    const page: RecordPage['records'][number][] = []
    let bytes = 0
    for (const key of [...this.tables.records.keys()].toSorted()) {
      const row = this.tables.records.get(key)
      const short = key.slice(space.length)
      if (row === undefined || row.channel !== name || (after !== null && short <= after)) continue
      bytes += row.bytes
      if (page.length > 0 && (bytes > maxBytes || page.length === maxItems)) {
        return { records: page, next: page.at(-1)?.key ?? null }
      }
      page.push({ key: short, offset: row.offset, record: row.record })
    }
    return { records: page, next: null }
  }

  #newEpoch(): Epoch {
    return this.#options.uuid().replaceAll('-', '').slice(-16) as Epoch
  }
}

/** As many as a page holds; the first always fits, or a large one would stop the reader for ever. */
function fitting(rows: MemoryChannel['events'], { maxItems, maxBytes }: PageSize): StoredEvent[] {
  const page: StoredEvent[] = []
  let total = 0
  for (const { event, bytes } of rows) {
    total += bytes
    if (page.length === maxItems || (page.length > 0 && total > maxBytes)) break
    page.push(event)
  }
  return page
}

function rejected({ code, message, data }: Refusal): Omit<SubmitResult, 'verdict'> & { readonly outcome: Outcome } {
  return {
    outcome: { outcome: 'rejected', code, message, data: data ?? null, offsets: {} },
    events: [],
    endedSessions: [],
  }
}
