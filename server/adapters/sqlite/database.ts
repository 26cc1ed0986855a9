import type Database from 'better-sqlite3'
import type { Incarnation } from '../../../relay/protocol/ids.ts'
import { refuse } from '../../../relay/protocol/errors.ts'
import type { CommandRules } from '../../ports/rules.ts'
import type { GreetingRequest, Store, Submission, SubmitResult } from '../../ports/store.ts'
import { ChannelTable } from './channel-table.ts'
import { Commands } from './commands.ts'
import { isDiskTrouble } from './disk-trouble.ts'
import { Greetings } from './greeting.ts'
import { takeOver } from './incarnation.ts'
import { writeMark, type HighWater } from './mark-file.ts'
import { openDatabase } from './open-database.ts'
import { People } from './people.ts'
import { Reading } from './reading.ts'
import { finishRestore, removeLeftovers } from './restore.ts'
import { Pruning, type RetentionPolicy } from './retention.ts'

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
  readonly failed: (what: string, cause: unknown) => void
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
  readonly #pruning: Pruning
  readonly #commit: Database.Statement<[]>
  #highWater: HighWater
  #markIsDue = false
  readonly #methods: { readonly [M in Method]: (...args: never[]) => unknown }

  /** @throws {StoreOpenError} */
  constructor(options: DatabaseOptions) {
    this.#options = options
    finishRestore(options.folder)
    const db = openDatabase(options.folder)
    removeLeftovers(options.folder)
    this.#db = db
    const channels = new ChannelTable(db)
    this.#highWater = takeOver(db, channels, options)
    const incarnation = this.#highWater.incarnation as Incarnation
    const people = new People(db)
    const reading = new Reading(db, channels)
    const greetings = new Greetings(db, people, incarnation)
    const commands = new Commands({
      db,
      rules: options.rules,
      channels,
      people,
      now: options.now,
      failed: options.failed,
    })
    const probe = db.prepare<[string]>(
      `INSERT INTO meta (key, value) VALUES ('probe', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
    )
    this.#channels = channels
    this.#greetings = greetings
    this.#pruning = new Pruning(db, channels, options.retention)
    this.#commit = db.prepare(`UPDATE meta SET value = value + 1 WHERE key = 'commits'`)
    this.#methods = {
      submit: (submission: Submission): SubmitResult => commands.submit(submission),
      confirm: (request: Parameters<Store['confirm']>[0]) => commands.confirm(request),
      greet: (request: GreetingRequest) => greetings.greet(request, options.now()),
      tops: () => reading.tops(),
      resume: (...args: Parameters<Store['resume']>) => reading.resume(...args),
      oldest: (...args: Parameters<Store['oldest']>) => reading.oldest(...args),
      events: (...args: Parameters<Store['events']>) => reading.events(...args),
      snapshotStart: (...args: Parameters<Store['snapshotStart']>) => reading.snapshotStart(...args),
      lastEvents: (...args: Parameters<Store['lastEvents']>) => reading.lastEvents(...args),
      records: (...args: Parameters<Store['records']>) => reading.records(...args),
      record: (...args: Parameters<Store['record']>) => reading.record(...args),
      recordReceipts: (...args: Parameters<Store['recordReceipts']>) => people.recordReceipts(...args),
      receipts: (...args: Parameters<Store['receipts']>) => people.receipts(...args),
      areas: () => people.areas(),
      addArea: (area: string) => people.addArea(area),
      device: (...args: Parameters<Store['device']>) => people.device(...args),
      devices: () => people.devices(),
      operator: (id: string) => people.operator(id),
      operators: () => people.operators(),
      putOperator: (...args: Parameters<Store['putOperator']>) => people.putOperator(...args),
      session: (...args: Parameters<Store['session']>) => people.session(...args),
      putSession: (...args: Parameters<Store['putSession']>) => people.putSession(...args),
      apiKeyByHash: (hash: string) => people.apiKeyByHash(hash),
      putApiKey: (...args: Parameters<Store['putApiKey']>) => people.putApiKey(...args),
      signingKeys: () => people.signingKeys(),
      putSigningKey: (...args: Parameters<Store['putSigningKey']>) => people.putSigningKey(...args),
      incarnation: () => incarnation,
      reviews: () => people.reviews(),
      probe: () => void probe.run(options.now()),
    }
  }

  /** Carries out the calls in order, commits once, and only then answers. When the commit fails nothing is written. */
  run(calls: readonly Call[]): readonly Answer[] {
    try {
      return this.#committed(
        () => calls.map((call) => this.#answer(call)),
        calls.some((call) => this.#writes(call)),
      )
    } catch (cause) {
      this.#channels.reload()
      this.#options.failed('commit', cause)
      return calls.map((call) => this.#readAlone(call))
    }
  }

  /** Whoever only reads need not hear of the trouble of those who write (T3). */
  #readAlone(call: Call): Answer {
    try {
      if (this.#writes(call)) return this.#notCommitted(call)
      return this.#committed(() => this.#answer(call), false)
    } catch (cause) {
      this.#channels.reload()
      this.#options.failed(call.method, cause)
      return this.#notCommitted(call)
    }
  }

  /** Deletes a bounded piece of what is no longer kept. Answers whether more is due: then it is to be called again soon. */
  prune(): boolean {
    try {
      const due = this.#pruning.find(this.#options.now())
      if (due === null) return false
      this.#committed(() => this.#pruning.remove(due), true)
      return due.isMoreDue
    } catch (cause) {
      this.#channels.reload()
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

  #committed<T>(work: () => T, writes: boolean): T {
    const result = this.#db
      .transaction(() => {
        if (writes) {
          this.#commit.run()
          this.#greetings.writeSeen()
        }
        return work()
      })
      .immediate()
    if (writes) {
      this.#highWater = { ...this.#highWater, commits: this.#highWater.commits + 1 }
      this.#markIsDue = true
    }
    return result
  }

  #writes({ method, args }: Call): boolean {
    return WRITES.has(method) || (method === 'greet' && this.#greetings.hasToLast(args[0] as GreetingRequest))
  }

  #answer({ ref, method, args }: Call): Answer {
    try {
      // `method` comes from our own client of the port, with the port's arguments.
      return { ref, ok: true, value: this.#methods[method](...(args as never[])) }
    } catch (cause) {
      if (isDiskTrouble(cause)) throw cause
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
  'putSigningKey',
  'probe',
])
