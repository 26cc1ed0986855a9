import type Database from 'better-sqlite3'
import type { CommandId, DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { refuse } from '../../../relay/protocol/errors.ts'
import type { CommandRules } from '../../ports/rules.ts'
import type { GreetingRequest } from '../../ports/greeting.ts'
import type { Position } from '../../ports/store-reader.ts'
import type { Store } from '../../ports/store.ts'
import type { Submission, SubmitResult } from '../../ports/submission.ts'
import type { DeviceRoom } from '../../ports/device-room.ts'
import type { RetentionPolicy } from '../../ports/retention.ts'
import type { UrgentPassage } from '../../ports/urgent-passage.ts'
import { ChannelTable } from './channel-table.ts'
import { Commands } from './commands.ts'
import { Devices } from './devices.ts'
import { isDiskTrouble } from './disk-trouble.ts'
import { Evidence } from './evidence.ts'
import { Greetings } from './greeting.ts'
import { takeOver } from './incarnation.ts'
import { LastHeards } from './last-heard.ts'
import { LinkNumbers } from './link-numbers.ts'
import { writeMark, type HighWater } from './mark-file.ts'
import { openDatabase } from './open-database.ts'
import { People } from './people.ts'
import { Reading } from './reading.ts'
import { finishRestore, removeLeftovers } from './restore.ts'
import { GroupSpoiled, Savepoints } from './savepoints.ts'
import { Pruning } from './retention.ts'
import { Timers } from './timers.ts'
import { UrgentPassages } from './urgent-passages.ts'

/** The calls a store answers; the arguments are those of the port. */
export type Method = Exclude<keyof Store, 'close'>
export interface Call {
  readonly ref: number
  readonly method: Method
  readonly args: readonly unknown[]
}
export type Answer =
  | { readonly ref: number; readonly ok: true; readonly value: unknown }
  /** `isUnavailable`: nothing has happened, because the disk did not take it. */
  | { readonly ref: number; readonly ok: false; readonly message: string; readonly isUnavailable: boolean }

export interface DatabaseOptions {
  readonly folder: string
  readonly rules: CommandRules
  readonly now: () => string
  readonly retention: RetentionPolicy
  /** How many devices there may be; that of `LIMITS` where a test does not say less. */
  readonly room?: DeviceRoom
  readonly failed: (what: string, cause: unknown) => void
  /** Instead of `openDatabase`, for the test that reads the plan of every statement. */
  readonly open?: typeof openDatabase
}

/** How long a device is asked to wait when the disk did not take a group, milliseconds. */
const RETRY_AFTER_MS = 2_000

/**
 * The store, synchronous and in one thread. `run` takes everything that waits as one group and commits it once: that is
 * what makes an fsync per command affordable.
 */
export class SqliteDatabase {
  readonly #db: Database.Database
  readonly #options: DatabaseOptions
  readonly #channels: ChannelTable
  readonly #greetings: Greetings
  readonly #links: LinkNumbers
  readonly #passages: UrgentPassages
  readonly #devices: Devices
  readonly #people: People
  readonly #commands: Commands
  readonly #timers: Timers
  readonly #pruning: Pruning
  readonly #savepoints: Savepoints
  readonly #commit: Database.Statement<[]>
  #highWater: HighWater
  #markIsDue = false
  readonly #methods: { readonly [M in Method]: (...args: never[]) => unknown }

  /** @throws {StoreOpenError} */
  constructor(options: DatabaseOptions) {
    this.#options = options
    finishRestore(options.folder)
    const { open = openDatabase } = options
    const db = open(options.folder)
    removeLeftovers(options.folder)
    this.#db = db
    const channels = new ChannelTable(db)
    this.#highWater = takeOver(db, channels, options)
    channels.opened(this.#highWater.commits)
    const incarnation = this.#highWater.incarnation as Incarnation
    const devices = new Devices(db, options.room)
    const people = new People(db, devices)
    const reading = new Reading(db, channels, incarnation)
    const timers = new Timers(db)
    const evidence = new Evidence(db, devices)
    const passages = new UrgentPassages(db, channels, evidence)
    const links = new LinkNumbers(db)
    const heards = new LastHeards(db, devices)
    const greetings = new Greetings(db, people, links, incarnation)
    const savepoints = new Savepoints(db, {
      flush: () => channels.flush(),
      reload: () => this.#reload(),
    })
    const commands = new Commands({
      db,
      rules: options.rules,
      channels,
      people,
      timers,
      links,
      savepoints,
      now: options.now,
      failed: options.failed,
    })
    const probe = db.prepare<[string]>(
      `INSERT INTO meta (key, value) VALUES ('probe', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
    )
    this.#channels = channels
    this.#greetings = greetings
    this.#links = links
    this.#passages = passages
    this.#devices = devices
    this.#people = people
    this.#commands = commands
    this.#timers = timers
    this.#savepoints = savepoints
    this.#pruning = new Pruning({ db, channels, devices }, options.retention)
    this.#commit = db.prepare(`UPDATE meta SET value = value + 1 WHERE key = 'commits'`)
    this.#methods = {
      submit: (submission: Submission): SubmitResult => commands.submit(submission),
      confirm: (request: Parameters<Store['confirm']>[0]) => commands.confirm(request),
      greet: (request: GreetingRequest) => greetings.greet(request, options.now()),
      tail: (after: Position | null) => reading.tail(after),
      resume: (...args: Parameters<Store['resume']>) => reading.resume(...args),
      oldest: (...args: Parameters<Store['oldest']>) => reading.oldest(...args),
      events: (...args: Parameters<Store['events']>) => reading.events(...args),
      snapshotStart: (...args: Parameters<Store['snapshotStart']>) => reading.snapshotStart(...args),
      lastEvents: (...args: Parameters<Store['lastEvents']>) => reading.lastEvents(...args),
      records: (...args: Parameters<Store['records']>) => reading.records(...args),
      record: (...args: Parameters<Store['record']>) => reading.record(...args),
      message: (id: CommandId) => reading.message(id),
      timers: (upTo: string, max: number) => timers.due(upTo, max),
      timersWaiting: () => timers.waiting,
      moveLink: ({ device }: Parameters<Store['moveLink']>[0]) => links.raise(device),
      recordReceipts: (...[receipts, from]: Parameters<Store['recordReceipts']>) =>
        from !== undefined && links.isStale(from.device, from.link) ? 'stale-link' : evidence.record(receipts),
      receipts: (...args: Parameters<Store['receipts']>) => evidence.of(...args),
      passUrgent: (passage: UrgentPassage) => passages.take(passage),
      areas: () => people.areas(),
      addArea: (area: string) => people.addArea(area),
      device: (...args: Parameters<Store['device']>) => devices.find(...args),
      seen: (device: DeviceId) => greetings.stillHere(device, options.now()),
      deviceCounts: () => devices.counts(),
      devices: () => devices.all(),
      usedDevices: (max: number) => devices.used(max),
      operator: (id: string) => people.operator(id),
      operators: () => people.operators(),
      putOperator: (...args: Parameters<Store['putOperator']>) => people.putOperator(...args),
      session: (...args: Parameters<Store['session']>) => people.session(...args),
      putSession: (...[row, expected]: Parameters<Store['putSession']>) =>
        people.putSession(row, { at: options.now(), expected }),
      pastSignIns: (...args: Parameters<Store['pastSignIns']>) => people.pastSignIns(...args),
      apiKeyByHash: (hash: string) => people.apiKeyByHash(hash),
      apiKeys: () => people.apiKeys(),
      putApiKey: (...args: Parameters<Store['putApiKey']>) => people.putApiKey(...args),
      signingKeys: () => people.signingKeys(),
      offerSigningKey: (...args: Parameters<Store['offerSigningKey']>) => people.offerSigningKey(...args),
      heard: (...args: Parameters<Store['heard']>) => heards.heard(...args),
      lastHeard: (...args: Parameters<Store['lastHeard']>) => heards.of(...args),
      incarnation: () => incarnation,
      reviews: () => people.reviews(),
      probe: () => void probe.run(options.now()),
    }
  }

  /**
   * Carries out the calls in order, commits once, and only then answers. When the commit fails nothing is written. Each call is
   * asked for when the one before is carried out, so whoever hands them over decides where the group ends.
   */
  run(calls: Iterable<Call>): readonly Answer[] {
    const group = calls[Symbol.iterator]()
    const taken: Call[] = []
    const take = (): Call | undefined => {
      const next = group.next()
      if (next.done === true) return undefined
      taken.push(next.value)
      return next.value
    }
    try {
      return this.#together(take, taken)
    } catch (cause) {
      this.#reload()
      this.#options.failed('commit', cause)
      while (take() !== undefined) continue
      return taken.map((call) => this.#readAlone(call))
    }
  }

  /** Where a piece of it spoils the group, what was taken so far is carried out once more, and the rest behind it. */
  #together(take: () => Call | undefined, taken: readonly Call[]): readonly Answer[] {
    try {
      return this.#carryOut(take)
    } catch (cause) {
      if (!(cause instanceof GroupSpoiled)) throw cause
      this.#reload()
      const again = [...taken]
      return this.#savepoints.around(() => this.#carryOut(() => again.shift() ?? take()))
    }
  }

  #carryOut(take: () => Call | undefined): readonly Answer[] {
    return this.#committed(() => {
      const answers: Answer[] = []
      let writes = false
      for (let call = take(); call !== undefined; call = take()) {
        writes ||= this.#writes(call)
        answers.push(this.#answer(call))
      }
      return { result: answers, writes }
    })
  }

  /** Whoever only reads need not hear of the trouble of those who write (T3). */
  #readAlone(call: Call): Answer {
    try {
      if (this.#writes(call)) return this.#notCommitted(call)
      return this.#committed(() => ({ result: this.#answer(call), writes: false }))
    } catch (cause) {
      this.#reload()
      this.#options.failed(call.method, cause)
      return this.#notCommitted(call)
    }
  }

  /** Deletes a bounded piece of what is no longer kept. Answers whether more is due: then it is to be called again soon. */
  prune(): boolean {
    try {
      const due = this.#pruning.find(this.#options.now(), (id) => this.#greetings.isHere(id))
      if (due === null) return false
      this.#committed(() => {
        this.#pruning.remove(due)
        this.#devices.forgetRows()
        this.#people.forgetRows()
        return { result: undefined, writes: true }
      })
      return due.isMoreDue
    } catch (cause) {
      this.#reload()
      this.#options.failed('prune', cause)
      return false
    }
  }

  /** Writes down how far the database has come, if it has come further; called about once a second. */
  writeMark(): void {
    if (!this.#markIsDue) return
    this.#markIsDue = false
    try {
      writeMark(this.#options.folder, this.#highWater)
    } catch (cause) {
      this.#options.failed('write-mark', cause)
    }
  }

  /** Copies the whole database, as of one moment, into this file while everything goes on. */
  async backup(file: string): Promise<void> {
    await this.#db.backup(file)
  }

  close(): void {
    this.writeMark()
    this.#db.close()
  }

  #committed<T>(work: () => { readonly result: T; readonly writes: boolean }): T {
    const { result, writes } = this.#db
      .transaction(() => {
        const done = work()
        if (done.writes) {
          this.#commit.run()
          this.#greetings.writeSeen()
          this.#links.write()
          this.#channels.flush()
        }
        return done
      })
      .immediate()
    this.#devices.committed()
    this.#links.committed()
    if (writes) {
      this.#channels.committed()
      this.#highWater = { ...this.#highWater, commits: this.#channels.commits }
      this.#markIsDue = true
    }
    return result
  }

  /** After a rollback: what is held in memory may be ahead of the file. */
  #reload(): void {
    this.#channels.reload()
    this.#devices.rolledBack()
    this.#links.rolledBack()
    this.#people.rolledBack()
    this.#commands.rolledBack()
    this.#timers.reload()
  }

  #writes({ method, args }: Call): boolean {
    if (method === 'greet') return this.#greetings.hasToLast(args[0] as GreetingRequest, this.#options.now())
    if (method === 'passUrgent') return this.#passages.hasToLast(args[0] as UrgentPassage)
    return WRITES.has(method)
  }

  #answer({ ref, method, args }: Call): Answer {
    try {
      // `method` comes from our own client of the port, with the port's arguments.
      return { ref, ok: true, value: this.#methods[method](...(args as never[])) }
    } catch (cause) {
      if (isDiskTrouble(cause) || cause instanceof GroupSpoiled) throw cause
      this.#options.failed(method, cause)
      return { ref, ok: false, message: String(cause), isUnavailable: false }
    }
  }

  #notCommitted({ ref, method }: Call): Answer {
    // Results that may be forgotten are kept a little longer: the next confirmation covers this one.
    if (method === 'confirm') return { ref, ok: true, value: undefined }
    if (method !== 'submit')
      return { ref, ok: false, message: 'The database did not take the write.', isUnavailable: true }
    const { code, message } = refuse('unavailable', 'The server could not write to its disk; it tries again.')
    const result: SubmitResult = {
      verdict: { kind: 'retry-later', code, message, afterMs: RETRY_AFTER_MS },
      events: [],
      endedSessions: [],
    }
    return { ref, ok: true, value: result }
  }
}

/** What counts as a commit; everything else only reads, as most greetings do. */
const WRITES: ReadonlySet<Method> = new Set<Method>([
  'submit',
  'confirm',
  'recordReceipts',
  'addArea',
  'putOperator',
  'putSession',
  'putApiKey',
  'offerSigningKey',
  'heard',
  'probe',
])
