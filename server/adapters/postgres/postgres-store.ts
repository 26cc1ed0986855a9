import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { refuse } from '../../../relay/protocol/errors.ts'
import type { DeviceId } from '../../../relay/protocol/ids.ts'
import type { DeviceRoom } from '../../ports/device-room.ts'
import type { Greeting } from '../../ports/greeting.ts'
import type { PinLaw } from '../../ports/pin-budget.ts'
import type { RetentionPolicy } from '../../ports/retention.ts'
import type { CommandRules } from '../../ports/rules.ts'
import type { SharedFloor } from '../../ports/shared-floor.ts'
import { StoreUnavailable } from '../../ports/store-errors.ts'
import type { Store } from '../../ports/store.ts'
import type { SubmitResult } from '../../ports/submission.ts'
import { EventIds } from '../event-ids.ts'
import { ask, openPool } from './connection.ts'
import { CLOCK, DatabaseClock } from './database-clock.ts'
import { Evidence } from './evidence.ts'
import { LastHeards } from './last-heard.ts'
import { isUrgent, type GroupCall } from './group-call.ts'
import { Groups, type GroupAnswer } from './groups.ts'
import { Lineage, type ConfirmedCommits, type Judgement } from './lineage.ts'
import { openDatabase, type OpenedDatabase } from './open-database.ts'
import { People } from './people.ts'
import { Pruning } from './pruning.ts'
import { Reading } from './reading.ts'
import { PostgresFloor } from './shared-floor.ts'
import { TimerRoom } from './timer-room.ts'
import { UrgentPassages } from './urgent-passages.ts'
import { WriteLane } from './write-lane.ts'

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`; what is secret in it is shown nowhere. */
  readonly url: string
  /** The floor that the data folder belongs to; null where it belongs to none yet. */
  readonly floor: string | null
  readonly rules: CommandRules
  readonly retention: RetentionPolicy
  /** How fast PINs may be tried. */
  readonly pins: PinLaw
  /** How many devices there may be; that of `LIMITS` where a test does not say less. */
  readonly room?: DeviceRoom
  /** Where it is kept what was confirmed, outside the database of this floor. */
  readonly confirmed: (floor: string) => ConfirmedCommits
  /** The database came back without what was confirmed: this store takes nothing more and has to be opened again. */
  readonly renewed: (judgement: Judgement) => void
  /** Told what went wrong without failing a call: causes of `handler-failed`, of groups not taken, of clean-ups. */
  readonly failed: (what: string, cause: unknown) => void
}

const ROOM: DeviceRoom = {
  used: LIMITS.maxDevices,
  alone: LIMITS.maxDevicesAlone,
  alonePerSource: LIMITS.maxDevicesAlonePerSource,
  strangers: LIMITS.maxStrangers,
}
/** How long a device is asked to wait when the database did not take a group, milliseconds. */
const RETRY_AFTER_MS = 2_000
/** As on SQLite: how often history is looked at that may be due, and how soon again while more is (T16). */
const PRUNE_MS = 1_000
const PRUNE_AGAIN_MS = 25

/**
 * Opens the store on PostgreSQL: its schema is made or brought up to date. Several processes may have it open.
 *
 * @throws {StoreOpenError} with a sentence that says what to do
 */
export async function openPostgresStore(
  options: PostgresStoreOptions,
): Promise<{ readonly store: Store; readonly floor: string; readonly shared: SharedFloor }> {
  const pool = openPool(options.url, (cause) => options.failed('connection', cause))
  let opened: OpenedDatabase | null = null
  try {
    opened = await openDatabase(pool, options)
    const { missing, unknown, floor } = opened
    if (missing + unknown > 0)
      options.failed(
        'rolled-back',
        new Error(`of ${missing} writers commits are missing, of ${unknown} nobody can say`),
      )
    const store = new PostgresStore(pool, opened, options)
    await store.heardTime()
    store.startPruning()
    return { store, floor, shared: new PostgresFloor(pool, options.pins, store.clock) }
  } catch (cause) {
    opened?.confirmed.close()
    await pool.end()
    throw cause
  }
}

/** The port's face: what is called goes to one of two writers, urgent or not, or is asked of the database at once. */
class PostgresStore implements Store {
  readonly #pool: pg.Pool
  readonly #options: PostgresStoreOptions
  readonly #confirmed: ConfirmedCommits
  readonly clock = new DatabaseClock(() => performance.now())
  readonly #urgent: WriteLane
  readonly #normal: WriteLane
  readonly #reading: Reading
  readonly #people: People
  readonly #evidence: Evidence
  readonly #heards: LastHeards
  readonly #passages: UrgentPassages
  readonly #pruning: Pruning
  readonly #counts = { refused: 0, evicted: 0, forgotten: 0 }
  /** Reads and small writes that are under way. */
  readonly #asked = new Set<Promise<unknown>>()
  #pruningTimer: NodeJS.Timeout | null = null
  #pruned: Promise<void> = Promise.resolve()
  #closed: Promise<void> | null = null

  constructor(pool: pg.Pool, opened: OpenedDatabase, options: PostgresStoreOptions) {
    const { failed, renewed, room = ROOM, retention, rules } = options
    const { confirmed, incarnation } = opened
    const lineage = new Lineage({ pool, opened, confirmed, renewed })
    this.#confirmed = confirmed
    this.#pool = pool
    this.#options = options
    const context = {
      pool,
      rules,
      incarnation,
      room,
      failed,
      lineage,
      confirmed,
      clock: this.clock,
      ids: new EventIds(() => Date.parse(this.clock.now())),
      known: new Set<never>(),
      timers: new TimerRoom(() => performance.now()),
      committed: (evicted: number) => void (this.#counts.evicted += evicted),
      isClosing: () => this.#closed !== null,
    }
    const lane = (): WriteLane => {
      const groups = new Groups(context, randomUUID())
      return new WriteLane((calls) => groups.run(calls))
    }
    this.#urgent = lane()
    this.#normal = lane()
    this.#reading = new Reading(pool, incarnation, lineage)
    this.#people = new People(pool, { incarnation, recent: () => this.#counts, now: () => this.heardTime() })
    this.#evidence = new Evidence(pool)
    this.#heards = new LastHeards(pool)
    this.#passages = new UrgentPassages(pool, incarnation)
    this.#pruning = new Pruning(pool, retention, () => void (this.#counts.forgotten += 1))
  }

  /** Server time now. */
  async heardTime(): Promise<string> {
    const [row] = await ask<{ ms: number }>(this.#pool, CLOCK)
    this.clock.heard(row?.ms ?? 0)
    return this.clock.now()
  }

  startPruning(): void {
    const prune = async (): Promise<void> => {
      let isMoreDue = false
      try {
        isMoreDue = await this.#pruning.step(await this.heardTime())
      } catch (cause) {
        this.#options.failed('prune', cause)
      }
      if (this.#closed === null) this.#pruningTimer = setTimeout(next, isMoreDue ? PRUNE_AGAIN_MS : PRUNE_MS)
    }
    const next = (): void => void (this.#pruned = prune())
    this.#pruningTimer = setTimeout(next, PRUNE_MS)
  }

  // ------------------------------------------------------------------ in groups: what is answered is of the kind called

  async submit(submission: Parameters<Store['submit']>[0]): Promise<SubmitResult> {
    const answer = await this.#call({ kind: 'submit', submission })
    if (answer.kind !== 'unavailable') return valueOf(answer) as SubmitResult
    const { code, message } = refuse('unavailable', 'The server could not write to its database; it tries again.')
    return {
      verdict: { kind: 'retry-later', code, message, afterMs: RETRY_AFTER_MS },
      events: [],
      endedSessions: [],
    }
  }

  async confirm(request: Parameters<Store['confirm']>[0]): Promise<'stale-link' | undefined> {
    const answer = await this.#call({ kind: 'confirm', request })
    // Results that may be forgotten are kept a little longer: the next confirmation covers this one.
    return answer.kind === 'unavailable' ? undefined : (valueOf(answer) as 'stale-link' | undefined)
  }

  async greet(request: Parameters<Store['greet']>[0]): Promise<Greeting> {
    const greeting = valueOf(await this.#call({ kind: 'greet', request })) as Greeting
    if (greeting.outbox === 'refused') this.#counts.refused += 1
    return greeting
  }

  async moveLink({ device }: Parameters<Store['moveLink']>[0]): Promise<number> {
    return valueOf(await this.#call({ kind: 'moveLink', device })) as number
  }

  async seen(device: DeviceId): Promise<void> {
    valueOf(await this.#call({ kind: 'seen', device }))
  }

  #call(call: GroupCall): Promise<GroupAnswer> {
    if (this.#closed !== null) return Promise.reject(closed())
    return (isUrgent(call) ? this.#urgent : this.#normal).call(call)
  }

  // -------------------------------------------------------------------------------------------------------- at once

  readonly recordReceipts: Store['recordReceipts'] = (...args) => this.#ask(() => this.#evidence.record(...args))
  readonly passUrgent: Store['passUrgent'] = (...args) => this.#ask(() => this.#passages.take(...args))
  readonly tail: Store['tail'] = (...args) => this.#ask(() => this.#reading.tail(...args))
  readonly resume: Store['resume'] = (...args) => this.#ask(() => this.#reading.resume(...args))
  readonly oldest: Store['oldest'] = (...args) => this.#ask(() => this.#reading.oldest(...args))
  readonly events: Store['events'] = (...args) => this.#ask(() => this.#reading.events(...args))
  readonly snapshotStart: Store['snapshotStart'] = (...args) => this.#ask(() => this.#reading.snapshotStart(...args))
  readonly lastEvents: Store['lastEvents'] = (...args) => this.#ask(() => this.#reading.lastEvents(...args))
  readonly records: Store['records'] = (...args) => this.#ask(() => this.#reading.records(...args))
  readonly record: Store['record'] = (...args) => this.#ask(() => this.#reading.record(...args))
  readonly message: Store['message'] = (...args) => this.#ask(() => this.#reading.message(...args))
  readonly receipts: Store['receipts'] = (...args) => this.#ask(() => this.#reading.receipts(...args))
  readonly timers: Store['timers'] = (...args) => this.#ask(() => this.#reading.timers(...args))
  readonly areas: Store['areas'] = () => this.#ask(() => this.#people.areas())
  readonly addArea: Store['addArea'] = (...args) => this.#ask(() => this.#people.addArea(...args))
  readonly device: Store['device'] = (...args) => this.#ask(() => this.#people.device(...args))
  readonly devices: Store['devices'] = () => this.#ask(() => this.#people.devices())
  readonly usedDevices: Store['usedDevices'] = (...args) => this.#ask(() => this.#people.usedDevices(...args))
  readonly deviceCounts: Store['deviceCounts'] = () => this.#ask(() => this.#people.deviceCounts())
  readonly operator: Store['operator'] = (...args) => this.#ask(() => this.#people.operator(...args))
  readonly operators: Store['operators'] = () => this.#ask(() => this.#people.operators())
  readonly putOperator: Store['putOperator'] = (...args) => this.#ask(() => this.#people.putOperator(...args))
  readonly session: Store['session'] = (...args) => this.#ask(() => this.#people.session(...args))
  readonly putSession: Store['putSession'] = (...args) => this.#ask(() => this.#people.putSession(...args))
  readonly pastSignIns: Store['pastSignIns'] = (...args) => this.#ask(() => this.#people.pastSignIns(...args))
  readonly apiKeyByHash: Store['apiKeyByHash'] = (...args) => this.#ask(() => this.#people.apiKeyByHash(...args))
  readonly apiKeys: Store['apiKeys'] = () => this.#ask(() => this.#people.apiKeys())
  readonly putApiKey: Store['putApiKey'] = (...args) => this.#ask(() => this.#people.putApiKey(...args))
  readonly signingKeys: Store['signingKeys'] = () => this.#ask(() => this.#people.signingKeys())
  readonly offerSigningKey: Store['offerSigningKey'] = (...args) =>
    this.#ask(() => this.#people.offerSigningKey(...args))
  readonly heard: Store['heard'] = (...args) => this.#ask(() => this.#heards.heard(...args))
  readonly lastHeard: Store['lastHeard'] = (...args) => this.#ask(() => this.#heards.lastHeard(...args))
  readonly incarnation: Store['incarnation'] = () => this.#ask(() => this.#people.incarnation())
  readonly timersWaiting: Store['timersWaiting'] = () => this.#ask(() => this.#people.timersWaiting())
  readonly reviews: Store['reviews'] = () => this.#ask(() => this.#people.reviews())
  readonly probe: Store['probe'] = () => this.#ask(() => this.#people.probe())

  #ask<T>(question: () => Promise<T>): Promise<T> {
    if (this.#closed !== null) return Promise.reject(closed())
    const asked = question().finally(() => this.#asked.delete(asked))
    this.#asked.add(asked)
    return asked
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    if (this.#pruningTimer !== null) clearTimeout(this.#pruningTimer)
    await Promise.all([this.#urgent.idle(), this.#normal.idle(), this.#pruned])
    await Promise.allSettled(this.#asked)
    this.#confirmed.close()
    await this.#pool.end()
  }
}

function valueOf(answer: GroupAnswer): unknown {
  if (answer.kind === 'done') return answer.value
  if (answer.kind === 'unavailable') throw new StoreUnavailable()
  throw answer.cause instanceof Error ? answer.cause : new Error(String(answer.cause))
}

function closed(): Error {
  return new Error('The store is closed.')
}
