import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { DeviceId, OutboxEpoch, SessionId } from '../../../relay/protocol/ids.ts'
import type { Lane } from '../../../relay/protocol/lanes.ts'
import type { StoredEvent } from '../../../relay/protocol/events.ts'
import type { ReviewRow } from '../../ports/site.ts'
import type { Timer } from '../../ports/timers.ts'
import { factKey, type FactName, type Facts } from './facts.ts'
import { markKey, noLocks, type LockSet, type Register } from './locks.ts'

/** Something has to be read or locked before this piece can be carried out: the group asks for it and begins again. */
export class Missing extends Error {}

/** What is written beside the rows that were read and changed. */
export interface Writes {
  readonly events: { readonly channel: ChannelName; readonly event: StoredEvent; data: string }[]
  readonly rewrites: { readonly channel: ChannelName; readonly offset: number; readonly data: string }[]
  readonly results: {
    readonly device: DeviceId
    readonly epoch: OutboxEpoch
    readonly lane: Lane
    readonly seq: number
    readonly id: string
    readonly outcome: string
  }[]
  readonly confirmed: {
    readonly device: DeviceId
    readonly epoch: OutboxEpoch
    readonly lane: Lane
    readonly upTo: number
  }[]
  /** Outboxes whose results go; their marks, too, where `withMarks`. */
  readonly droppedOutboxes: { readonly device: DeviceId; readonly epoch: OutboxEpoch; readonly withMarks: boolean }[]
  readonly evicted: DeviceId[]
  readonly idempotency: {
    readonly apiKey: string
    readonly key: string
    readonly bodyHash: string
    readonly outcome: string
    readonly at: string
  }[]
  readonly greeted: { readonly device: DeviceId; readonly link: number }[]
  readonly timersSet: Timer[]
  readonly timersGone: string[]
  readonly reviews: { readonly id: number; readonly row: ReviewRow }[]
  readonly reviewsGone: number[]
}

function noWrites(): Writes {
  return {
    events: [],
    rewrites: [],
    results: [],
    confirmed: [],
    droppedOutboxes: [],
    evicted: [],
    idempotency: [],
    greeted: [],
    timersSet: [],
    timersGone: [],
    reviews: [],
    reviewsGone: [],
  }
}

/**
 * The rows that a group reads and changes, held in memory while its commands are carried out one after the other, synchronously:
 * what one changed the next one reads. Nothing goes to the database before all are done.
 *
 * 1. What was not read yet, or is to be changed and not locked, throws `Missing`. The group then reads and locks what is
 *    missing and carries out all of its commands again, so that nothing is decided on what was read before its lock.
 * 2. Of a piece that fails nothing stays (`attempt`): each change knows how it is taken back.
 */
export class WorkingSet {
  /** Server time, ISO 8601 UTC, of this group. */
  now = ''
  #known = new Map<string, unknown>()
  #changed = new Map<string, unknown>()
  #undo: (() => void)[] = []
  #writes = noWrites()
  #notes = new Map<string, unknown>()
  readonly #wanted = new Set<string>()
  #held = noLocks()
  #needed = noLocks()

  /** Everything is to be carried out again: what was changed is forgotten, what was read stays. */
  restart(): void {
    this.#changed = new Map()
    this.#undo = []
    this.#writes = noWrites()
    this.#notes = new Map()
    this.#wanted.clear()
    this.#needed = noLocks()
  }

  /** These are held now; what was read before may be old. */
  locked(held: LockSet): void {
    this.#held = held
    this.#known = new Map()
  }

  learn(answers: ReadonlyMap<string, unknown>): void {
    for (const [key, value] of answers) this.#known.set(key, value)
  }

  /** What was asked for and is not known. */
  get wanted(): readonly string[] {
    return [...this.#wanted]
  }

  get needed(): LockSet {
    return this.#needed
  }

  get isMissing(): boolean {
    const { isExclusive, devices, marks, channels, registers, timers } = this.#needed
    const sizes = [this.#wanted, devices, marks, channels, registers, timers].map(({ size }) => size)
    return isExclusive || sizes.some((size) => size > 0)
  }

  get writes(): Readonly<Writes> {
    return this.#writes
  }

  /** Of one kind, what was changed: by its key, what it was when it was read and what it is now. */
  *changes<N extends FactName>(name: N): Generator<{ key: readonly string[]; before: Facts[N]; after: Facts[N] }> {
    for (const [key, after] of this.#changed) {
      const [kind, ...parts] = JSON.parse(key) as [FactName, ...string[]]
      if (kind !== name) continue
      // The key names the question, and so the type of its answer.
      yield { key: parts, before: this.#known.get(key) as Facts[N], after: after as Facts[N] }
    }
  }

  get<N extends FactName>(name: N, ...parts: readonly string[]): Facts[N] {
    const key = factKey(name, parts)
    if (this.#changed.has(key)) return this.#changed.get(key) as Facts[N]
    if (this.#known.has(key)) return this.#known.get(key) as Facts[N]
    this.#wanted.add(key)
    throw new Missing(key)
  }

  /** All of these will be read: who needs several does not begin again for each. */
  reads(questions: readonly (readonly [FactName, ...string[]])[]): void {
    const keys = questions.map(([name, ...parts]) => factKey(name, parts))
    const missing = keys.filter((key) => !this.#changed.has(key) && !this.#known.has(key))
    for (const key of missing) this.#wanted.add(key)
    if (missing.length > 0) throw new Missing(missing.join(' '))
  }

  /** Whether it can be had without asking. */
  has(name: FactName, ...parts: readonly string[]): boolean {
    const key = factKey(name, parts)
    return this.#changed.has(key) || this.#known.has(key)
  }

  set<N extends FactName>(name: N, parts: readonly string[], value: Facts[N]): void {
    const key = factKey(name, parts)
    const had = this.#changed.has(key)
    const before = this.#changed.get(key)
    this.#changed.set(key, value)
    this.#undo.push(() => {
      if (had) this.#changed.set(key, before)
      else this.#changed.delete(key)
    })
  }

  write<K extends keyof Writes>(kind: K, row: Writes[K][number]): void {
    const rows = this.#writes[kind] as Writes[K][number][]
    rows.push(row)
    this.#undo.push(() => void rows.pop())
  }

  /** What this group made and nobody has to read first: beside what is stored, under a name of the caller's own. */
  note(name: string, value: unknown): void {
    const before = this.#notes.get(name)
    this.#notes.set(name, value)
    this.#undo.push(() => void this.#notes.set(name, before))
  }

  noted(name: string): unknown {
    return this.#notes.get(name)
  }

  /** Runs this piece; of one that fails nothing stays, and `failed` answers in its place. */
  attempt<T>(piece: () => T, failed: (cause: unknown) => T): T {
    const start = this.#undo.length
    try {
      return piece()
    } catch (cause) {
      while (this.#undo.length > start) this.#undo.pop()?.()
      if (cause instanceof Missing) throw cause
      return failed(cause)
    }
  }

  needsDevice(device: DeviceId): void {
    if (this.#held.isExclusive && this.#held.devices.has(device)) return
    this.#needed.isExclusive = true
    this.#needed.devices.add(device)
    throw new Missing(device)
  }

  /** A mark that is not there yet is held with its device. */
  needsMark(device: DeviceId, epoch: string, lane: Lane, isThere: boolean): void {
    if (!isThere || this.#held.isExclusive) return this.needsDevice(device)
    const key = markKey(device, epoch, lane)
    if (this.#held.marks.has(key)) return undefined
    this.#needed.marks.add(key)
    throw new Missing(key)
  }

  needsChannel(channel: ChannelName): void {
    if (this.#held.channels.has(channel)) return
    this.#needed.channels.add(channel)
    throw new Missing(channel)
  }

  needsRegister(register: Register): void {
    if (this.#held.registers.has(register)) return
    this.#needed.registers.add(register)
    throw new Missing(register)
  }

  needsTimer(id: string): void {
    if (this.#held.timers.has(id)) return
    this.#needed.timers.add(id)
    throw new Missing(id)
  }

  /** A session that ends in this group; those that were read later have to know it. */
  endSession(id: SessionId, status: 'signed-out' | 'revoked'): void {
    const session = this.get('session', id)
    if (session !== null) this.set('session', [id], { ...session, row: { ...session.row, status } })
  }
}
