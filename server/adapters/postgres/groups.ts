import type pg from 'pg'
import type { ChannelName } from '../../../relay/protocol/channels.ts'
import type { SessionId } from '../../../relay/protocol/ids.ts'
import { unreachable } from '../../../relay/protocol/rights.ts'
import { hearWarnings, inOnePiece, isLost, isOfStatement, isPassing, Lease } from './connection.ts'
import { Commands, foreseenFacts, kindOf, type CommandContext } from './commands.ts'
import type { DatabaseClock } from './database-clock.ts'
import { askAll, factKey } from './facts.ts'
import { flush, isConflict } from './flush.ts'
import { foreseenLocks, type GroupCall } from './group-call.ts'
import { Greetings } from './greetings.ts'
import { MOMENT, OtherLine, type ConfirmedCommits, type Lineage, type Moment } from './lineage.ts'
import { isBehind, takeLocks, union, type KnownChannels, type LockSet } from './locks.ts'
import { BEGIN } from './transact.ts'
import { committedBy, countCommit, InDoubt, keptEverywhere, type WriterName } from './writer-row.ts'
import { Missing, WorkingSet } from './working-set.ts'

/** Times that a group finds out that it needs more, before those of its calls that have all they need go without the rest. */
const MAX_ROUNDS = 6
/** Times that it then still does, before that is taken for a bug. */
const MAX_MORE_ROUNDS = 32
/** Times that a group meets somebody who holds what it needs. */
const MAX_TRIES = 6
/** Kinds of commands of which it is remembered what they wrote to, and sessions whose they are; channels of each kind. */
const MAX_REMEMBERED = 5_000
const MAX_CHANNELS_OF_KIND = 4

export type GroupAnswer =
  | { readonly kind: 'done'; readonly value: unknown }
  /** Nothing has happened, because the database did not take it. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'failed'; readonly cause: unknown }

type Attempt =
  | { readonly kind: 'done'; readonly answers: readonly GroupAnswer[] }
  | { readonly kind: 'needs'; readonly locks: LockSet }
  | Undone

interface Undone {
  /** `doubtful`: nobody can say any more whether it happened. */
  readonly kind: 'passing' | 'refused' | 'unavailable' | 'doubtful'
  readonly cause: unknown
}

export interface GroupContext extends CommandContext {
  readonly pool: pg.Pool
  readonly clock: DatabaseClock
  readonly known: KnownChannels
  readonly lineage: Lineage
  readonly confirmed: ConfirmedCommits
  /** Told after each commit how many strangers made room for others. */
  readonly committed: (evicted: number) => void
  readonly isClosing: () => boolean
}

/**
 * Carries out groups of calls, each in one transaction: what they will need is locked, then read, then everything is decided in
 * memory (`WorkingSet`), and what was changed is written with few statements.
 *
 *   begin · lock · read ──▶ decide ──▶ write · commit          two ways there and back, as long as nothing is missing
 *                ▲             │
 *                └── missing ──┘
 *
 * What is missing is read and, where the order of locks allows it, locked in the same transaction; otherwise the group begins
 * again with all that it needs. Of a group that the database refuses, each call is carried out alone.
 */
export class Groups {
  readonly #context: GroupContext
  readonly #writer: WriterName
  /** Of a kind of command, where its last one wrote to. */
  readonly #channelsOf = new Map<string, readonly ChannelName[]>()
  /** Of a session, whose it is: that never changes. */
  readonly #operatorOf = new Map<SessionId, string>()
  #commits = 0

  constructor(context: GroupContext, writer: WriterName) {
    this.#context = context
    this.#writer = writer
  }

  /** Answers the first of these calls, at least one; the others are to be carried out next. */
  async run(calls: readonly GroupCall[]): Promise<readonly GroupAnswer[]> {
    const last = await this.#try(calls, undefined)
    if (last.kind === 'done') return last.answers
    this.#context.failed('commit', last.cause)
    const { cause, kind } = last
    if (kind === 'doubtful') return calls.map(() => ({ kind: 'failed', cause }))
    if (kind !== 'refused') return calls.map(() => ({ kind: 'unavailable' }))
    const answers: GroupAnswer[] = []
    for (const call of calls) answers.push(await this.#alone(call))
    return answers
  }

  /** One call of a group that was not taken: where it is what the database does not take, it ends as a handler that failed. */
  async #alone(call: GroupCall): Promise<GroupAnswer> {
    const first = await this.#try([call], undefined)
    const last = first.kind === 'refused' && call.kind === 'submit' ? await this.#try([call], first.cause) : first
    if (last.kind !== 'done') this.#context.failed(call.kind, last.cause)
    if (last.kind === 'refused' || last.kind === 'doubtful') return { kind: 'failed', cause: last.cause }
    return (last.kind === 'done' ? last.answers[0] : undefined) ?? { kind: 'unavailable' }
  }

  async #try(calls: readonly GroupCall[], broken: unknown): Promise<Exclude<Attempt, { kind: 'needs' }>> {
    let locks = this.#foreseen(calls)
    let tries = 1
    for (let rounds = 0; rounds < MAX_MORE_ROUNDS; rounds += 1) {
      const attempt = await this.#attempt(calls, locks, broken)
      if (attempt.kind === 'needs') locks = attempt.locks
      else if (attempt.kind !== 'passing' || tries === MAX_TRIES) return attempt
      else tries += 1
    }
    throw new Error(`a group of ${calls.length} needs ever more locks`)
  }

  /** What commands will ask for behind their first questions, if their authors are who they were. */
  #foresee(calls: readonly GroupCall[]): readonly string[] {
    return calls.flatMap((call) => {
      if (call.kind !== 'submit') return []
      const { source } = call.submission
      const session = source.kind === 'outbox' ? source.session : null
      const operator = session === null ? null : (this.#operatorOf.get(session) ?? null)
      try {
        return foreseenFacts(this.#context.rules, call.submission, operator)
      } catch {
        // What fails here fails again where it is decided, as that command alone.
        return []
      }
    })
  }

  #foreseen(calls: readonly GroupCall[]): LockSet {
    const locks = foreseenLocks(calls)
    for (const call of calls) {
      if (call.kind !== 'submit') continue
      for (const channel of this.#channelsOf.get(kindOf(call.submission)) ?? []) locks.channels.add(channel)
    }
    return locks
  }

  async #attempt(calls: readonly GroupCall[], locks: LockSet, broken: unknown): Promise<Attempt> {
    let lease: Lease
    try {
      lease = await Lease.of(this.#context.pool)
    } catch (cause) {
      return { kind: 'unavailable', cause }
    }
    try {
      return await this.#transaction(lease, { calls, locks, broken })
    } catch (cause) {
      if (cause instanceof OtherLine) return await this.#onOtherLine(lease, cause)
      // Nothing was committed: that is said last, and what it has to say comes back as a value.
      return undone(cause)
    } finally {
      lease.end()
    }
  }

  /** Nothing was committed there: this group and those behind it wait until it is known what is missing. */
  async #onOtherLine(lease: Lease, cause: OtherLine): Promise<Undone> {
    lease.end()
    try {
      return { kind: (await this.#context.lineage.settle()) ? 'passing' : 'unavailable', cause }
    } catch (failure) {
      return { kind: 'unavailable', cause: failure }
    }
  }

  async #transaction(lease: Lease, { calls, locks, broken }: Transaction): Promise<Attempt> {
    const { client } = lease
    const set = new WorkingSet()
    const failures: Failures = []
    const carryOut = this.#carrying(calls, { set, broken, failures })
    // What is asked for in any case is asked for at once.
    carryOut(calls.length)
    const asked = new Set(set.wanted)
    const number = this.#commits + 1
    let held = locks
    for (const key of this.#foresee(calls)) asked.add(key)
    await inOnePiece(client, () =>
      all([
        client.query(BEGIN),
        countCommit(client, this.#writer, number),
        this.#lockAndRead(client, set, { locks, held, asked }),
      ]),
    )
    let count = calls.length
    for (let rounds = 0; rounds < MAX_MORE_ROUNDS; rounds += 1) {
      const answers = carryOut(count)
      if (!set.isMissing) {
        for (const [what, cause] of failures) this.#context.failed(what, cause)
        const done = answers.filter((answer) => answer !== 'missing')
        return await this.#commit(lease, set, { calls: calls.slice(0, count), answers: done, number })
      }
      // Each of them may need what the one before led to.
      const complete = answers.findIndex((answer) => answer === 'missing')
      if (rounds >= MAX_ROUNDS && complete > 0) {
        count = complete
        continue
      }
      const { needed } = set
      for (const key of set.wanted) asked.add(key)
      if (!isBehind(needed, held)) {
        await client.query('ROLLBACK')
        lease.clean()
        return { kind: 'needs', locks: union(held, needed) }
      }
      if (hasLocks(needed)) {
        held = union(held, needed)
        await inOnePiece(client, () => this.#lockAndRead(client, set, { locks: needed, held, asked }))
      } else set.learn(await inOnePiece(client, () => askAll(client, set.wanted)))
    }
    throw new Error(`a group of ${calls.length} asks for ever more`)
  }

  /** What was read before these are held is read again. */
  async #lockAndRead(
    client: pg.PoolClient,
    set: WorkingSet,
    { locks, held, asked }: { readonly locks: LockSet; readonly held: LockSet; readonly asked: Set<string> },
  ): Promise<void> {
    const { clock, lineage } = this.#context
    // Whoever holds a channel is going to write to it.
    for (const channel of locks.channels) asked.add(factKey('channel', [channel]))
    const [, answers, time] = await all([
      takeLocks(client, locks, this.#context),
      askAll(client, asked),
      client.query<Moment>(MOMENT),
    ])
    const [moment] = time.rows
    if (moment === undefined) throw new Error('the database tells no time')
    lineage.check(moment)
    clock.heard(moment.ms)
    set.now = clock.now()
    set.locked(held)
    set.learn(answers)
  }

  #carrying(
    calls: readonly GroupCall[],
    { set, broken, failures }: { readonly set: WorkingSet; readonly broken: unknown; readonly failures: Failures },
  ): (count: number) => readonly (GroupAnswer | 'missing')[] {
    const failed = (what: string, cause: unknown): void => void failures.push([what, cause])
    const commands = new Commands(set, { ...this.#context, failed })
    const greetings = new Greetings(set, this.#context)
    const carryOut = (call: GroupCall): unknown => {
      switch (call.kind) {
        case 'submit':
          return commands.submit(call.submission, broken)
        case 'confirm':
          return commands.confirm(call.request)
        case 'greet':
          return greetings.greet(call.request)
        case 'moveLink':
          return greetings.moveLink(call.device)
        case 'seen':
          return greetings.seen(call.device)
        default:
          return unreachable(call)
      }
    }
    return (count) => {
      set.restart()
      failures.length = 0
      return calls.slice(0, count).map((call) => {
        try {
          return set.attempt<GroupAnswer>(
            () => ({ kind: 'done', value: carryOut(call) }),
            (cause) => {
              failed(call.kind, cause)
              return { kind: 'failed', cause }
            },
          )
        } catch (cause) {
          if (!(cause instanceof Missing)) throw cause
          if (call.kind === 'submit') commands.assume(call.submission)
          return 'missing'
        }
      })
    }
  }

  async #commit(lease: Lease, set: WorkingSet, { calls, answers, number }: Committing): Promise<Attempt> {
    const { client } = lease
    const warnings = hearWarnings(client)
    const {
      sent,
      sessions,
      commit: sentCommit,
    } = inOnePiece(client, () => {
      const flushed = flush(client, set)
      const isLast = flushed.sent.length > 0 && flushed.sessions === 0
      return { ...flushed, commit: isLast ? client.query('COMMIT') : null }
    })
    if (sent.length === 0) {
      await client.query('ROLLBACK')
      lease.clean()
      return { kind: 'done', answers }
    }
    if (sessions > 0 && isConflict(await all(sent), sessions)) {
      await client.query('ROLLBACK')
      lease.clean()
      return { kind: 'passing', cause: new Error('a session was ended by somebody else') }
    }
    const [written, commit] = await Promise.allSettled([all(sent), sentCommit ?? client.query('COMMIT')])
    const isWarned = warnings.end()
    if (commit.status === 'fulfilled' && !isWarned) {
      lease.clean()
      // A transaction in which something failed is rolled back by its commit.
      if (commit.value.command !== 'COMMIT')
        return undone(written.status === 'rejected' ? written.reason : new Error('the commit was rolled back'))
    } else {
      const cause: unknown = commit.status === 'rejected' ? commit.reason : new Error('the commit came with a warning')
      if (!isWarned && !isLost(cause)) return undone(cause)
      if (!(await this.#isCommitted(lease, number, cause))) return { kind: 'passing', cause }
      if (isWarned) await keptEverywhere(this.#context.pool, this.#writer, this.#context.isClosing)
    }
    this.#commits = number
    this.#context.confirmed.confirmed(this.#writer, number)
    this.#remember(calls, set)
    return { kind: 'done', answers }
  }

  /**
   * The commit was sent and not answered, or with a warning. Nothing is told and nothing tried again before the database has said, on another
   * connection, whether it happened: its row is held by the transaction until then.
   */
  async #isCommitted(lease: Lease, number: number, cause: unknown): Promise<boolean> {
    const { failed, isClosing, pool } = this.#context
    failed('commit in doubt', cause)
    lease.end()
    return (await committedBy(pool, this.#writer, isClosing)) === number
  }

  #remember(calls: readonly GroupCall[], set: WorkingSet): void {
    const { committed, known, timers } = this.#context
    const wroteTo = new Map<string, Set<ChannelName>>()
    for (const { key } of set.changes('channel')) known.add(key[0] as ChannelName)
    for (const { channel, event } of set.writes.events) {
      const channels = wroteTo.get(event.cause ?? '') ?? new Set()
      wroteTo.set(event.cause ?? '', channels.add(channel))
    }
    for (const call of calls) {
      if (call.kind !== 'submit') continue
      const { source, id } = call.submission
      const session = source.kind === 'outbox' ? source.session : null
      const operator =
        session !== null && set.has('session', session) ? set.get('session', session)?.row.operator : null
      if (session !== null && typeof operator === 'string') keepLast(this.#operatorOf, session, operator)
      const channels = wroteTo.get(id)
      if (channels === undefined) continue
      keepLast(this.#channelsOf, kindOf(call.submission), [...channels].slice(0, MAX_CHANNELS_OF_KIND))
    }
    timers.committed(set)
    committed(set.writes.evicted.length)
  }
}

type Failures = (readonly [what: string, cause: unknown])[]

interface Transaction {
  readonly calls: readonly GroupCall[]
  readonly locks: LockSet
  readonly broken: unknown
}

interface Committing {
  readonly calls: readonly GroupCall[]
  readonly answers: readonly GroupAnswer[]
  readonly number: number
}

/** Puts it at the end; beyond the bound the one that was put longest ago goes. */
function keepLast<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= MAX_REMEMBERED) return
    map.delete(oldest)
  }
}

/** Waits for all of them: what was sent is answered before anything else is said on this connection. The first cause counts. */
async function all<const T extends readonly Promise<unknown>[]>(
  sent: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(sent)
  return await Promise.all(sent)
}

function undone(cause: unknown): Undone {
  if (cause instanceof InDoubt) return { kind: 'doubtful', cause }
  if (isPassing(cause) || isLost(cause)) return { kind: 'passing', cause }
  return { kind: isOfStatement(cause) ? 'refused' : 'unavailable', cause }
}

function hasLocks({ devices, marks, channels, registers, timers }: LockSet): boolean {
  return [devices, marks, channels, registers, timers].some(({ size }) => size > 0)
}
