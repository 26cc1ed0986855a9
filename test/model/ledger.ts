import type { CommandData } from '../../relay/protocol/commands.ts'
import { isDeepStrictEqual } from 'node:util'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { CommittedEvent, Outcome, Submission } from '../../server/ports/submission.ts'
import type { DatabaseCopy, MemoryDatabase } from '../../server/testing/memory-database.ts'

/** Notes what must never be; the run ends with the first. Observers cannot throw: their callers must survive them. */
export type Violate = (what: string, details?: unknown) => void

/** A command as somebody asked for it. `session`: whose it is; undefined when the relay had not said who is signed in. */
export interface Asked {
  /** Null for a program with an API key. */
  readonly device: string | null
  readonly ref: string
  readonly type: string
  readonly data: unknown
  readonly session: string | null | undefined
  readonly order: number
  /** Server time, ISO 8601 UTC. */
  readonly at: string
}

/** A command as the server decided it. */
interface Decided {
  readonly id: string
  readonly outcome: Outcome['outcome']
  readonly source: { readonly device: string; readonly epoch: string; readonly lane: Lane; readonly seq: number } | null
}

/** Where a timeline stood when a backup was made. */
export interface LedgerCopy {
  readonly length: number
}

/**
 * What the store has decided, against what people asked for. A restore ends one timeline and begins another at the backup;
 * within a timeline:
 *
 * 1. A command is decided at most once, as it was asked for, under its author.
 * 2. In each lane of an outbox sequences only rise; what they leap over is in `reviews`.
 * 3. A device that was never copied is obeyed in the order in which it was told.
 * 4. Offsets of a channel count without a gap.
 * 5. What was asked for while its author's session lasted is never called late.
 */
export class Ledger {
  readonly asked = new Map<string, Asked>()
  /** Devices whose disk was copied: two of them may now speak in turn. */
  readonly cloned = new Set<string>()
  readonly #violate: Violate
  #timeline: Decided[] = []
  readonly #now = new Map<string, Decided>()
  readonly #ever = new Map<string, Decided[]>()
  readonly #seqs = new Map<string, number>()
  readonly #orders = new Map<string, number>()
  readonly #archive = new Map<string, StoredEvent[]>()

  constructor(violate: Violate) {
    this.#violate = violate
  }

  /** Every event there ever was in this life of the channel, by offset − 1. */
  events(channel: string, epoch: string): readonly StoredEvent[] {
    return this.#archive.get(`${channel} ${epoch}`) ?? []
  }

  /** How this command was decided in the present timeline; null when it was not. */
  outcome(id: string): Outcome['outcome'] | null {
    return this.#now.get(id)?.outcome ?? null
  }

  /** Every decision there ever was of this command, in whatever timeline. */
  decisions(id: string): readonly Decided[] {
    return this.#ever.get(id) ?? []
  }

  decided(
    submission: Submission,
    { outcome, code }: Outcome,
    events: readonly CommittedEvent[],
    database: MemoryDatabase,
  ): void {
    const { source, id, type } = submission
    // Each copy of a disk reports what it put to review, under ids made from the same commands: the list keeps them once (D7).
    // So does each with a sign-out that had not come: the first one ends the session.
    const isOfCopies = type === 'outbox.report' || type === 'session.end'
    const mayRepeat = isOfCopies && source.kind === 'outbox' && this.cloned.has(source.device)
    const decided: Decided = { id, outcome, source: source.kind === 'outbox' ? source : null }
    if (this.#now.has(id) && !mayRepeat) this.#violate('a command was decided twice', { id })
    this.#checkAsked(submission)
    if (code === 'session-ended') this.#checkLate(submission, database)
    this.#checkOrder(decided, database)
    this.#note(decided)
    this.#ever.set(id, [...this.decisions(id), decided])
    for (const { channel, epoch, event } of events) this.#archived(`${channel} ${epoch}`, event)
  }

  copy(): LedgerCopy {
    return { length: this.#timeline.length }
  }

  restored({ length }: LedgerCopy, { tables: before }: DatabaseCopy, database: MemoryDatabase): void {
    const timeline = this.#timeline.slice(0, length)
    this.#timeline = []
    this.#now.clear()
    this.#seqs.clear()
    this.#orders.clear()
    for (const decided of timeline) this.#note(decided)
    for (const { name, epoch, top } of database.tables.channels.values()) {
      const past = this.events(name, before.channels.get(name)?.epoch ?? '')
      this.#archive.set(`${name} ${epoch}`, past.slice(0, top))
    }
  }

  #note(decided: Decided): void {
    const { id, source } = decided
    this.#timeline.push(decided)
    this.#now.set(id, decided)
    if (source === null) return
    this.#seqs.set(`${source.device} ${source.epoch} ${source.lane}`, source.seq)
    const order = this.asked.get(id)?.order
    if (order !== undefined) this.#orders.set(`${source.device} ${source.lane}`, order)
  }

  #checkAsked({ id, source, type, data }: Submission): void {
    if (type === 'outbox.report') return this.#checkReport(data as CommandData<'outbox.report'>)
    const asked = this.asked.get(id)
    // The relay itself ends sessions, as a command of its own.
    if (asked === undefined) {
      if (type !== 'session.end') this.#violate('a command nobody asked for was decided', { id, type })
      return
    }
    const device = source.kind === 'outbox' ? source.device : null
    if (asked.device !== device || asked.type !== type || !isDeepStrictEqual(asked.data, data))
      this.#violate('a command was not decided as it was asked for', { asked, type, data })
    if (source.kind === 'outbox' && asked.session !== undefined && source.session !== asked.session)
      this.#violate('a command was decided under another author', { asked, session: source.session })
  }

  /** P9: what was asked for while the session lasted is carried out, however late it comes. */
  #checkLate({ id, source, type }: Submission, { tables }: MemoryDatabase): void {
    const asked = this.asked.get(id)
    if (asked === undefined || source.kind !== 'outbox' || source.session === null) return
    const expiresAt = tables.sessions.get(source.session)?.expiresAt
    if (expiresAt === undefined || asked.at >= expiresAt || this.cloned.has(source.device)) return
    this.#violate('what was queued before the session ended was called late', { asked, type, expiresAt })
  }

  /** The relay itself hands over what it put to review: what somebody asked for, and as it was. */
  #checkReport({ command: { id, type, data } }: CommandData<'outbox.report'>): void {
    const asked = this.asked.get(id)
    if (asked?.type !== type || !isDeepStrictEqual(asked.data, data))
      this.#violate('what nobody asked for was reported', { asked, id, type, data })
  }

  #checkOrder({ id, source }: Decided, database: MemoryDatabase): void {
    if (source === null) return
    const { device, epoch, lane, seq } = source
    const last = this.#seqs.get(`${device} ${epoch} ${lane}`) ?? 0
    for (let skipped = last + 1; skipped < seq; skipped += 1) {
      if (!isReviewed(database, { device, epoch, lane, seq: skipped }))
        this.#violate('a sequence was leapt over', { device, lane, last, seq })
    }
    if (seq <= last) this.#violate('a sequence was taken again', { device, lane, last, seq })
    const order = this.asked.get(id)?.order
    const before = this.#orders.get(`${device} ${lane}`)
    if (order === undefined || before === undefined || order > before || this.cloned.has(device)) return
    this.#violate('a lane was not obeyed in order', { device, lane, before, order })
  }

  #archived(key: string, event: StoredEvent): void {
    const known = this.#archive.get(key)
    if (known === undefined) this.#archive.set(key, [event])
    else known.push(event)
    if (this.#archive.get(key)?.length !== event.offset)
      this.#violate('an offset was skipped in the store', { key, event })
  }
}

/** Whether the store has written down for people that it knows nothing of this sequence. */
export function isReviewed(
  database: MemoryDatabase,
  {
    device,
    epoch,
    lane,
    seq,
  }: { readonly device: string; readonly epoch: string; readonly lane: Lane; readonly seq: number },
): boolean {
  for (const { kind, device: of, detail } of database.tables.reviews.values()) {
    if (kind !== 'skipped-range' || of !== device) continue
    const range = detail as { readonly epoch: string; readonly lane: Lane; readonly from: number; readonly to: number }
    if (range.epoch === epoch && range.lane === lane && range.from <= seq && seq <= range.to) return true
  }
  return false
}
