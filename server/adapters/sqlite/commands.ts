import type Database from 'better-sqlite3'
import type { TypedCommand } from '../../../relay/protocol/commands.ts'
import { refuse, type Refusal } from '../../../relay/protocol/errors.ts'
import type { CommandId } from '../../../relay/protocol/ids.ts'
import { isBehind } from '../../ports/lane-order.ts'
import type { Actor, CommandRules, Decision } from '../../ports/rules.ts'
import type { CommittedEvent, Outcome, Submission, SubmitResult, Verdict } from '../../ports/store.ts'
import type { ChannelTable } from './channel-table.ts'
import { isDiskTrouble } from './disk-trouble.ts'
import { EventWriter } from './event-writer.ts'
import type { People } from './people.ts'
import { Rejections } from './rejections.ts'

/** What the command tables need from the worker that owns the database. */
export interface CommandContext {
  readonly db: Database.Database
  readonly rules: CommandRules
  readonly channels: ChannelTable
  readonly people: People
  /** Server time, ISO 8601 UTC. */
  readonly now: () => string
  /** Told the cause of a `handler-failed`; the person gets the code. */
  readonly failed: (type: string, cause: unknown) => void
}

type Decided = {
  readonly outcome: Outcome
  readonly events: readonly CommittedEvent[]
  readonly ended: Omit<SubmitResult, 'verdict' | 'events'>
}

const NONE_ENDED = { endedSessions: [] } as const

/**
 * Takes one command inside the transaction that is open (W1–W3): mark, effect, events and result stand or fall together,
 * under a savepoint of their own so that a bad command harms no other of the same group commit.
 */
export class Commands {
  readonly #context: CommandContext
  readonly #writer: EventWriter
  readonly #rejections: Rejections
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(context: CommandContext) {
    this.#context = context
    this.#writer = new EventWriter(context.db, context.channels)
    this.#rejections = new Rejections(context, this.#writer)
    this.#sql = prepareAll(context.db)
  }

  submit(submission: Submission): SubmitResult {
    const known = this.#alreadyTaken(submission)
    if (known !== null) return { verdict: known, events: [], endedSessions: [] }
    const { outcome, events, ended } = this.#decide(submission)
    const kept = this.#rejections.keep(submission, outcome)
    this.#remember(submission, outcome)
    return { verdict: { kind: 'done', outcome, repeated: false }, events: [...events, ...kept], ...ended }
  }

  /** The answer when this command must not be carried out (again); null when it is the next of its lane. */
  #alreadyTaken({ source, id }: Submission): Verdict | null {
    if (source.kind === 'api') {
      if (source.idempotency === null) return null
      const row = this.#sql.selectIdempotency.get(source.keyId, source.idempotency.key)
      if (row === undefined) return null
      return row.bodyHash === source.idempotency.bodyHash
        ? { kind: 'done', outcome: parseOutcome(row.outcome), repeated: true }
        : { kind: 'conflict' }
    }
    const { device, epoch, lane, seq, after } = source
    const { mark, last } = this.#sql.selectMark.get(device, epoch, lane) ?? { mark: 0, last: null }
    if (seq > mark + 1) return { kind: 'expect', seq: mark + 1 }
    if (seq === mark + 1 && isBehind(after, last)) return null
    const row = this.#sql.selectResult.get(device, epoch, lane, seq)
    if (row !== undefined && row.id === id) return { kind: 'done', outcome: parseOutcome(row.outcome), repeated: true }
    this.#context.people.addReview({
      kind: 'outbox-forked',
      device,
      detail: { epoch, lane, seq },
      at: this.#context.now(),
    })
    return { kind: 'forked', seq }
  }

  #decide(submission: Submission): Decided {
    const { rules } = this.#context
    if (submission.giveUp) return rejected(refuse('gave-up'))
    const checked = rules.check(submission.type, submission.data)
    if (!checked.ok) return rejected(checked)
    const actor = this.#actor(submission, checked.value)
    if (!actor.ok) return rejected(actor)
    this.#sql.savepoint.run()
    try {
      const decided = this.#carryOut(submission, checked.value, actor.value)
      this.#sql.release.run()
      return decided
    } catch (cause) {
      // The database's own trouble (full disk, I/O) is the whole group's: nothing is decided, the lane waits.
      if (isDiskTrouble(cause)) throw cause
      this.#sql.rollback.run()
      this.#sql.release.run()
      this.#context.channels.reload()
      this.#context.failed(submission.type, cause)
      return rejected(refuse('handler-failed'))
    }
  }

  #actor({ source }: Submission, command: TypedCommand): { ok: true; value: Actor } | Refusal {
    const { rules, people } = this.#context
    if (source.kind === 'api') {
      const key = people.apiKey(source.keyId)
      return key === null ? refuse('bad-key') : { ok: true, value: rules.actorOfKey(key) }
    }
    const device = people.device(source.device)
    if (device === null) return refuse('device-forgotten')
    if (source.session === null) return rules.actorOfDevice(command, device, null)
    const session = people.session(source.session)
    return rules.actorOfDevice(command, device, {
      session,
      operator: session === null ? null : people.operator(session.operator),
    })
  }

  #carryOut(submission: Submission, command: TypedCommand, actor: Actor): Decided {
    const { rules, people } = this.#context
    const records = this.#writer.find(rules.reads(command, submission.id))
    const at = this.#context.now()
    const decision = rules.decide(records, command, { at, areas: people.areas(), actor, id: submission.id })
    if (!decision.ok) return rejected(decision)
    const events = decision.events.map((event) =>
      this.#writer.append(event, { at, by: actor.by, cause: submission.id }),
    )
    const offsets: Record<string, number> = {}
    for (const { channel, event } of events) offsets[channel] = event.offset
    return {
      outcome: { outcome: 'applied', code: null, message: null, data: decision.data ?? null, offsets },
      events,
      ended: this.#endSessions(decision),
    }
  }

  #endSessions({ endSession, revokeSessionsOf }: Extract<Decision, { ok: true }>): Decided['ended'] {
    const { people } = this.#context
    if (revokeSessionsOf !== undefined)
      return { endedSessions: people.revokeSessionsOf(revokeSessionsOf), revoked: true }
    if (endSession === undefined || !people.endSession(endSession, 'signed-out')) return NONE_ENDED
    return { endedSessions: [endSession] }
  }

  #remember({ source, id }: Submission, outcome: Outcome): void {
    const at = this.#context.now()
    const text = JSON.stringify(outcome)
    if (source.kind === 'outbox') {
      this.#sql.upsertMark.run(source.device, source.epoch, source.lane, source.seq, id, at)
      this.#sql.insertResult.run(source.device, source.epoch, source.lane, source.seq, id, text)
    } else if (source.idempotency !== null) {
      this.#sql.insertIdempotency.run(source.keyId, source.idempotency.key, source.idempotency.bodyHash, text, at)
    }
  }

  confirm(request: { device: string; epoch: string; lane: string; upTo: number }): void {
    this.#sql.deleteResults.run(request.device, request.epoch, request.lane, request.upTo)
  }
}

function rejected(refusal: Refusal): Decided {
  return {
    outcome: {
      outcome: 'rejected',
      code: refusal.code,
      message: refusal.message,
      data: refusal.data ?? null,
      offsets: {},
    },
    events: [],
    ended: NONE_ENDED,
  }
}

function parseOutcome(text: string): Outcome {
  // Written by `#remember` only.
  return JSON.parse(text) as Outcome
}

function prepareAll(db: Database.Database) {
  return {
    savepoint: db.prepare('SAVEPOINT decision'),
    release: db.prepare('RELEASE decision'),
    rollback: db.prepare('ROLLBACK TO decision'),
    selectMark: db.prepare<[string, string, string], { mark: number; last: CommandId | null }>(
      'SELECT mark, last FROM marks WHERE device = ? AND epoch = ? AND lane = ?',
    ),
    upsertMark: db.prepare<[string, string, string, number, string, string]>(
      'INSERT INTO marks (device, epoch, lane, mark, last, moved_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark, last = excluded.last, moved_at = excluded.moved_at',
    ),
    selectResult: db.prepare<[string, string, string, number], { id: string; outcome: string }>(
      'SELECT id, outcome FROM results WHERE device = ? AND epoch = ? AND lane = ? AND seq = ?',
    ),
    insertResult: db.prepare<[string, string, string, number, string, string]>(
      'INSERT INTO results (device, epoch, lane, seq, id, outcome) VALUES (?, ?, ?, ?, ?, ?)',
    ),
    deleteResults: db.prepare<[string, string, string, number]>(
      'DELETE FROM results WHERE device = ? AND epoch = ? AND lane = ? AND seq <= ?',
    ),
    selectIdempotency: db.prepare<[string, string], { bodyHash: string; outcome: string }>(
      'SELECT body_hash AS bodyHash, outcome FROM idempotency WHERE api_key = ? AND key = ?',
    ),
    insertIdempotency: db.prepare<[string, string, string, string, string]>(
      'INSERT INTO idempotency (api_key, key, body_hash, outcome, at) VALUES (?, ?, ?, ?, ?)',
    ),
  }
}
