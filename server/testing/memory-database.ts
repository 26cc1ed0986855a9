import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { TypedCommand } from '../../relay/protocol/commands.ts'
import { isBehind } from '../ports/lane-order.ts'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { DeviceId, Epoch, EventId, Incarnation, SessionId } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Checked } from '../../relay/protocol/check.ts'
import {
  foundName,
  toldOf,
  type Actor,
  type Author,
  type CommandRules,
  type FoundRecord,
  type NewEvent,
  type RecordKey,
} from '../ports/rules.ts'
import type { Greeting, GreetingRequest } from '../ports/greeting.ts'
import { isOver, type SessionRow } from '../ports/sessions.ts'
import type { CommittedEvent, Outcome, OutboxSource, Submission, SubmitResult, Verdict } from '../ports/submission.ts'
import { greet } from './memory-greeting.ts'
import { keepRejected } from './memory-rejections.ts'
import {
  addReview,
  append,
  isAlone,
  changeTimers,
  copyTables,
  eventOf,
  giveTimer,
  hasRoomForAlert,
  isStaleLink,
  idAt,
  laneKey,
  marksOf,
  newTables,
  openLane,
  raisedAlone,
  rewrite,
  unquote,
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
 * which is all that a crash can tell. `memory-store.ts` is the port on it,
 * `memory-reading.ts` what it reads.
 */
export class MemoryDatabase {
  tables: Tables
  /** How many devices there may be: who is not known beyond it is refused (T18). */
  room: number = LIMITS.maxDevices
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
    if (
      submission.source.kind === 'outbox' &&
      isStaleLink(this.tables, submission.source.device, submission.source.link)
    )
      return { verdict: { kind: 'stale-link' }, events: [], endedSessions: [] }
    const known = this.#alreadyTaken(submission) ?? this.#heldBack(submission)
    if (known !== null) return { verdict: known, events: [], endedSessions: [] }
    const author = this.#author(submission)
    if (author === 'greet-again') return { verdict: { kind: 'greet-again' }, events: [], endedSessions: [] }
    const { outcome, events: made, ...ended } = this.#decide(submission, author)
    const kept = keepRejected(
      this.tables,
      { submission, outcome },
      {
        rejections: this.#options.rules.rejections,
        at: this.#options.now(),
        find: (keys) => this.#find(keys),
        append: (event, by) => this.#append(event, by),
      },
    )
    const events = [...made, ...kept]
    const isUsed = this.#remember(submission, outcome)
    this.tables.commits += 1
    this.#options.decided?.(submission, outcome, events)
    return { verdict: { kind: 'done', outcome, repeated: false }, events, ...ended, ...(isUsed && { isUsed }) }
  }

  #alreadyTaken({ source, id }: Submission): Verdict | null {
    const { tables } = this
    if (source.kind === 'system')
      return source.timer === null || giveTimer(tables, source.timer) ? null : { kind: 'spent' }
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

  #heldBack({ source }: Submission): Verdict | null {
    if (source.kind !== 'outbox') return null
    const lanes = [...this.tables.lanes].filter(([key]) => key.startsWith(`${source.device} `))
    const max = isAlone(this.tables, source.device) ? LIMITS.maxUnconfirmedAlone : LIMITS.maxUnconfirmed
    const isFull = (): boolean => lanes.reduce((sum, [, { results }]) => sum + results.size, 0) >= max
    if (!isFull()) return null
    for (const [key, { results }] of lanes) if (!key.startsWith(`${source.device} ${source.epoch} `)) results.clear()
    return isFull() ? unconfirmed() : null
  }

  /** As `Speakers` on SQLite. */
  #author(submission: Submission): Author | null | 'greet-again' {
    const { source } = submission
    if (source.kind !== 'outbox') return null
    const { devices, sessions, operators } = this.tables
    if (!devices.has(source.device)) return 'greet-again'
    if (source.session === null) return null
    const session = sessions.get(source.session) ?? null
    const operator = session === null ? null : (operators.get(session.operator) ?? null)
    const isLate = session === null ? false : this.#isLate(submission, source, session)
    return isLate === null ? 'greet-again' : { session, operator, isLate }
  }

  #isLate(submission: Submission, source: OutboxSource, session: SessionRow): boolean | null {
    const { late } = this.#options.rules
    const { left } = this.tables
    const at = this.#options.now()
    if (session.status === 'revoked' || session.device !== source.device || !isOver(session, at)) return false
    const marks = marksOf(this.tables, source.device, source.epoch) ?? { urgent: 0, normal: 0 }
    const last = left.get(session.id) ?? late.leftBehind(session, source, { marks, at })
    if (last !== null) {
      left.set(session.id, last)
      return late.isLate(last, source)
    }
    return late.isAlwaysTaken(submission, session) ? true : null
  }

  #decide(
    submission: Submission,
    author: Author | null,
  ): Omit<SubmitResult, 'verdict'> & { readonly outcome: Outcome } {
    const { rules } = this.#options
    const { source, type } = submission
    if (source.kind === 'outbox' && !rules.mayTravelIn(type, source.lane)) return rejected(refuse('wrong-lane'))
    const checked = rules.check(type, submission.data)
    if (!checked.ok) return rejected(checked)
    const actor = this.#actor(submission, checked.value, author)
    if (!actor.ok) return rejected(actor)
    return this.#carryOut(submission, checked.value, actor.value)
  }

  #actor({ source }: Submission, command: TypedCommand, author: Author | null): Checked<Actor> {
    const { rules } = this.#options
    const { apiKeys, devices } = this.tables
    if (source.kind === 'system') return { ok: true, value: rules.actorOfSystem }
    if (source.kind === 'api') {
      const key = apiKeys.get(source.keyId)
      return key === undefined ? refuse('bad-key') : { ok: true, value: rules.actorOfKey(key) }
    }
    const device = devices.get(source.device)
    return device === undefined ? refuse('device-forgotten') : rules.actorOfDevice(command, device, author)
  }

  #carryOut(
    { id, source, facts }: Submission,
    command: TypedCommand,
    actor: Actor,
  ): Omit<SubmitResult, 'verdict'> & { readonly outcome: Outcome } {
    const { rules, now } = this.#options
    const { tables } = this
    const found = this.#find(rules.reads(command, id, actor.operator))
    const at = now()
    const people = new Map(
      rules.asksOf(command).flatMap((name) => {
        const row = tables.operators.get(name)
        return row === undefined ? [] : [[name, row] as const]
      }),
    )
    const decision = rules.decide(found, command, {
      at,
      areas: [...tables.areas].toSorted(),
      actor,
      id,
      people,
      epochOf: (channel) => this.open(channel).epoch,
      nextOffset: (channel) => this.open(channel).top + 1,
      ...(facts !== undefined && { facts }),
    })
    if (!decision.ok) return rejected(decision)
    if (decision.raiser !== undefined && !hasRoomForAlert(tables, decision.raiser))
      return rejected(refuse('too-many-alerts'))
    if (!changeTimers(tables, decision.timers ?? [])) return rejected(refuse('too-many-timers'))
    const offsets: Record<string, number> = {}
    for (const change of decision.unquotes ?? []) unquote(tables, change)
    const told = (decision.rewrites ?? []).filter((change) => rewrite(tables, change) && change.isTold).map(toldOf)
    const events = [...decision.events, ...told].map((event) => this.#append(event, { at, by: actor.by, cause: id }))
    if (decision.raiser !== undefined) raisedAlone(tables, id, decision.raiser)
    for (const { channel, event } of events) offsets[channel] = event.offset
    const { endSession, revokeSessionsOf } = decision
    const ended = endSession === undefined ? [] : this.#end(endSession, source)
    const revoked = revokeSessionsOf === undefined ? [] : this.#revoke(revokeSessionsOf, actor.session)
    return {
      outcome: { outcome: 'applied', code: null, message: null, data: decision.data ?? null, offsets },
      events,
      endedSessions: [...ended, ...revoked],
      ...(revokeSessionsOf !== undefined && { revoked: true as const }),
    }
  }

  #find(keys: readonly RecordKey[]): ReadonlyMap<string, FoundRecord> {
    const found = new Map<string, FoundRecord>()
    for (const key of keys) {
      const name = foundName(key)
      const row = 'event' in key ? eventOf(this.tables, key.event, key.cause) : this.tables.records.get(name)
      if (row !== undefined) found.set(name, { channel: row.channel, record: row.record })
    }
    return found
  }

  #append({ channel: name, type, data }: NewEvent, made: Pick<StoredEvent, 'at' | 'by' | 'cause'>): CommittedEvent {
    const channel = this.open(name)
    const event: StoredEvent = { offset: channel.top + 1, id: this.#options.uuid() as EventId, type, ...made, data }
    append(this.tables, channel, event)
    return { channel: name, epoch: channel.epoch, event }
  }

  #end(id: SessionId, source: Submission['source']): readonly SessionId[] {
    const { left } = this.tables
    if (source.kind === 'outbox') {
      const marks = marksOf(this.tables, source.device, source.epoch) ?? { urgent: 0, normal: 0 }
      left.set(id, this.#options.rules.late.signedOut(source, marks, left.get(id) ?? null))
    }
    const session = this.tables.sessions.get(id)
    if (session?.status !== 'active') return []
    this.tables.sessions.set(id, { ...session, status: 'signed-out' })
    return [id]
  }

  #revoke(operator: string, asking: SessionId | null): readonly SessionId[] {
    const isAsked = ({ id, status }: SessionRow): boolean =>
      status !== 'revoked' && (status !== 'signed-out' || id === asking)
    const found = [...this.tables.sessions.values()].filter((row) => row.operator === operator && isAsked(row))
    for (const row of found) this.tables.sessions.set(row.id, { ...row, status: 'revoked' })
    return found.map(({ id }) => id)
  }

  /** Whether its device is used. There is no bound on those that are here. */
  #remember({ source, id, type }: Submission, outcome: Outcome): boolean {
    const { tables } = this
    if (source.kind === 'outbox') {
      const lane = openLane(tables, laneKey(source.device, source.epoch, source.lane))
      lane.mark = source.seq
      lane.last = id
      lane.results.set(source.seq, { id, outcome })
      if (outcome.outcome !== 'applied' || type === 'outbox.report') return false
      tables.used.add(source.device)
      return true
    } else if (source.kind === 'api' && source.idempotency !== null) {
      const { key, bodyHash } = source.idempotency
      tables.idempotency.set(`${source.keyId} ${key}`, { bodyHash, outcome })
    }
    return false
  }

  confirm(request: {
    readonly device: string
    readonly epoch: string
    readonly lane: Lane
    readonly upTo: number
    readonly link?: number
  }): 'stale-link' | undefined {
    const { device, epoch, lane, upTo, link } = request
    if (isStaleLink(this.tables, device as DeviceId, link)) return 'stale-link'
    const known = this.tables.lanes.get(laneKey(device, epoch, lane))
    for (const seq of known?.results.keys() ?? []) if (seq <= upTo) known?.results.delete(seq)
    return undefined
  }

  // ------------------------------------------------------------------------------------------------------ greeting

  greet(request: GreetingRequest): Greeting {
    return greet(this.tables, request, { at: this.#options.now(), room: this.room })
  }

  /** The channel, made with a fresh epoch when nobody used it before. */
  open(name: ChannelName): MemoryChannel {
    const known = this.tables.channels.get(name)
    if (known !== undefined) return known
    const epoch = this.#newEpoch()
    const channel: MemoryChannel = {
      name,
      epoch,
      top: 0,
      topId: null,
      floor: 0,
      floorId: null,
      events: [],
      lastCommit: 0,
    }
    this.tables.channels.set(name, channel)
    return channel
  }

  #newEpoch(): Epoch {
    return this.#options.uuid().replaceAll('-', '').slice(-16) as Epoch
  }
}

/** It confirms while it waits. */
function unconfirmed(): Verdict {
  const { code, message } = refuse('unconfirmed')
  return { kind: 'retry-later', code, message, afterMs: 1_000 }
}

function rejected({ code, message, data }: Refusal): Omit<SubmitResult, 'verdict'> & { readonly outcome: Outcome } {
  return {
    outcome: { outcome: 'rejected', code, message, data: data ?? null, offsets: {} },
    events: [],
    endedSessions: [],
  }
}
