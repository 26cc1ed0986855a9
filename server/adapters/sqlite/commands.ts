import type Database from 'better-sqlite3'
import type { TypedCommand } from '../../../relay/protocol/commands.ts'
import { isErrorCode, isTrouble, refuse, type Refusal } from '../../../relay/protocol/errors.ts'
import type { CommandId } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { isBehind } from '../../ports/lane-order.ts'
import { toldOf, type Actor, type Decision } from '../../ports/rules.ts'
import type {
  CommittedEvent,
  Outcome,
  OutboxSource,
  Submission,
  SubmitResult,
  Verdict,
} from '../../ports/submission.ts'
import type { StoreWriter } from '../../ports/store-writer.ts'
import type { CommandContext } from './command-context.ts'
import { isDiskTrouble } from './disk-trouble.ts'
import { EventWriter } from './event-writer.ts'
import { Raisers } from './raisers.ts'
import { Rejections } from './rejections.ts'
import { Results } from './results.ts'
import { GroupSpoiled } from './savepoints.ts'
import { Speakers, type Speaker } from './speakers.ts'

type Decided = {
  readonly outcome: Outcome
  readonly events: readonly CommittedEvent[]
  readonly ended: Omit<SubmitResult, 'verdict' | 'events'>
}

type Accepted = Extract<Decision, { ok: true }>

/** When a command is decided on, and who acts. */
interface Making {
  readonly at: string
  readonly actor: Actor
}

const NONE_ENDED = { endedSessions: [] } as const

/**
 * Takes one command inside the transaction that is open (W1–W3): mark, effect, events and result stand or fall together, and
 * a bad command harms no other of the same group commit.
 */
export class Commands {
  readonly #context: CommandContext
  readonly #writer: EventWriter
  readonly #rejections: Rejections
  readonly #raisers: Raisers
  readonly #speakers: Speakers
  readonly #results: Results
  readonly #sql: ReturnType<typeof prepareAll>

  constructor(context: CommandContext) {
    this.#context = context
    this.#writer = new EventWriter(context.db, context.channels)
    this.#rejections = new Rejections(context, this.#writer)
    this.#raisers = new Raisers(context.db, context.people.devices)
    this.#speakers = new Speakers(context)
    this.#results = new Results(context.db)
    this.#sql = prepareAll(context.db)
  }

  submit(submission: Submission): SubmitResult {
    if (this.#isStale(submission)) return { verdict: { kind: 'stale-link' }, events: [], endedSessions: [] }
    const known = this.#alreadyTaken(submission) ?? this.#heldBack(submission)
    if (known !== null) return { verdict: known, events: [], endedSessions: [] }
    const speaker = this.#speakers.of(submission)
    if (speaker === 'greet-again') return { verdict: { kind: 'greet-again' }, events: [], endedSessions: [] }
    const { outcome, events, ended } = this.#decide(submission, speaker)
    const kept = this.#rejections.keep(submission, outcome)
    const isUsed = this.#remember(submission, outcome)
    const verdict: Verdict = { kind: 'done', outcome, repeated: false }
    return { verdict, events: [...events, ...kept], ...ended, ...(isUsed && { isUsed: true }) }
  }

  #isStale({ source }: Submission): boolean {
    return source.kind === 'outbox' && this.#context.links.isStale(source.device, source.link)
  }

  /** The answer when this command must not be carried out (again); null when it is the next of its lane. */
  #alreadyTaken({ source, id }: Submission): Verdict | null {
    if (source.kind === 'system')
      // From here on it was given, whatever comes of it: one that fails would come again for ever (T20).
      return source.timer === null || this.#context.timers.give(source.timer) ? null : { kind: 'spent' }
    if (source.kind === 'api') {
      if (source.idempotency === null) return null
      const row = this.#sql.selectIdempotency.get(source.keyId, source.idempotency.key)
      if (row === undefined) return null
      const outcome = parseOutcome(row.outcome)
      // Servers before kept trouble as an answer, too: nothing was decided then, whatever is asked now.
      if (!isDecided(outcome)) return null
      return row.bodyHash === source.idempotency.bodyHash
        ? { kind: 'done', outcome, repeated: true }
        : { kind: 'conflict' }
    }
    const { device, epoch, lane, seq, after } = source
    const { mark, last } = this.#sql.selectMark.get(device, epoch, lane) ?? { mark: 0, last: null }
    if (seq > mark + 1) return { kind: 'expect', seq: mark + 1 }
    if (seq === mark + 1 && isBehind(after, last)) return null
    const row = this.#results.find(source)
    if (row !== undefined && row.id === id) return { kind: 'done', outcome: parseOutcome(row.outcome), repeated: true }
    this.#context.people.addReview({
      kind: 'outbox-forked',
      device,
      detail: { epoch, lane, seq },
      at: this.#context.now(),
    })
    return { kind: 'forked', seq }
  }

  /**
   * The answer to a device that keeps too many results unconfirmed (W4); null otherwise. Those of an outbox that it gave up go
   * first: nobody will ask for them, and a copy of its disk that does is told that it is one.
   */
  #heldBack({ source }: Submission): Verdict | null {
    if (source.kind !== 'outbox') return null
    const { device, epoch } = source
    const isAlone = this.#context.people.devices.isAlone(device)
    const max = isAlone ? LIMITS.maxUnconfirmedAlone : LIMITS.maxUnconfirmed
    if (!this.#results.reaches(device, max)) return null
    if (this.#results.removeOthers(device, epoch) && !this.#results.reaches(device, max)) return null
    return unconfirmed()
  }

  #decide(submission: Submission, speaker: Speaker): Decided {
    const { rules } = this.#context
    const { source, type } = submission
    if (source.kind === 'outbox' && !rules.mayTravelIn(type, source.lane)) return rejected(refuse('wrong-lane'))
    const checked = rules.check(type, submission.data)
    if (!checked.ok) return rejected(checked)
    const actor = this.#actor(speaker, checked.value)
    if (!actor.ok) return rejected(actor)
    const at = this.#context.now()
    try {
      const decision = this.#decision(submission, checked.value, { at, actor: actor.value })
      if (!decision.ok) return rejected(decision)
      if (!this.#context.timers.fits(decision.timers ?? [])) return rejected(refuse('too-many-timers'))
      if (decision.raiser !== undefined && !this.#raisers.hasRoom(decision.raiser))
        return rejected(refuse('too-many-alerts'))
      return this.#context.savepoints.attempt(
        () => this.#write(submission, decision, { at, actor: actor.value }),
        (cause) => this.#failed(submission, cause),
      )
    } catch (cause) {
      // The database's own trouble (full disk, I/O) is the whole group's: nothing is decided, the lane waits.
      if (isDiskTrouble(cause) || cause instanceof GroupSpoiled) throw cause
      return this.#failed(submission, cause)
    }
  }

  #failed({ type }: Submission, cause: unknown): Decided {
    this.#context.failed(type, cause)
    return rejected(refuse('handler-failed'))
  }

  #actor(speaker: Speaker, command: TypedCommand): { ok: true; value: Actor } | Refusal {
    const { rules } = this.#context
    if (speaker.kind === 'system') return { ok: true, value: rules.actorOfSystem }
    if (speaker.kind === 'device') return rules.actorOfDevice(command, speaker.device, speaker.author)
    return speaker.key === null ? refuse('bad-key') : { ok: true, value: rules.actorOfKey(speaker.key) }
  }

  /** Only reads. */
  #decision(submission: Submission, command: TypedCommand, { at, actor }: Making): Decision {
    const { rules, people, channels } = this.#context
    const { id, facts } = submission
    const records = this.#writer.find(rules.reads(command, id, actor.operator))
    const asked = rules.asksOf(command).flatMap((name) => people.operator(name) ?? [])
    return rules.decide(records, command, {
      at,
      areas: people.areas(),
      actor,
      id,
      people: new Map(asked.map((row) => [row.id, row])),
      epochOf: (channel) => channels.find(channel).epoch,
      nextOffset: (channel) => channels.find(channel).top + 1,
      ...(facts !== undefined && { facts }),
    })
  }

  #write(submission: Submission, decision: Accepted, { at, actor }: Making): Decided {
    this.#context.timers.change(decision.timers ?? [])
    const rewritten = (decision.rewrites ?? []).filter((rewrite) => this.#writer.rewrite(rewrite))
    for (const unquote of decision.unquotes ?? []) this.#writer.unquote(unquote)
    const told = rewritten.filter(({ isTold }) => isTold).map(toldOf)
    const events = [...decision.events, ...told].map((event) =>
      this.#writer.append(event, { at, by: actor.by, cause: submission.id }),
    )
    if (decision.raiser !== undefined) this.#raisers.raised(submission.id, decision.raiser)
    const offsets: Record<string, number> = {}
    for (const { channel, event } of events) offsets[channel] = event.offset
    return {
      outcome: { outcome: 'applied', code: null, message: null, data: decision.data ?? null, offsets },
      events,
      ended: this.#endSessions(decision, submission, actor),
    }
  }

  #endSessions(
    { endSession, revokeSessionsOf }: Accepted,
    { source }: Submission,
    { session }: Actor,
  ): Decided['ended'] {
    const { people } = this.#context
    if (revokeSessionsOf !== undefined)
      return { endedSessions: people.revokeSessionsOf(revokeSessionsOf, session), revoked: true }
    if (endSession === undefined) return NONE_ENDED
    if (source.kind === 'outbox') this.#speakers.signedOut(endSession, source)
    return people.endSession(endSession, 'signed-out') ? { endedSessions: [endSession] } : NONE_ENDED
  }

  /** Whether the device of this command is used, by it or already (T18). */
  #remember({ source, id, type }: Submission, outcome: Outcome): boolean {
    const at = this.#context.now()
    const text = JSON.stringify(outcome)
    if (source.kind === 'outbox') {
      if (source.seq === 1) this.#makeRoomForEpoch(source)
      this.#sql.upsertMark.run(source.device, source.epoch, source.lane, source.seq, id, at)
      this.#results.put(source, id, text)
      // A report says nothing but that a device has a past; anybody can send one.
      if (outcome.outcome === 'applied' && type !== 'outbox.report')
        return this.#context.people.devices.use(source.device, at)
    } else if (source.kind === 'api' && source.idempotency !== null && isDecided(outcome)) {
      this.#sql.insertIdempotency.run(source.keyId, source.idempotency.key, source.idempotency.bodyHash, text, at)
    }
    return false
  }

  /** A device has few epochs in its life; of one that makes them up, the one that stood still longest goes (T12). */
  #makeRoomForEpoch({ device, epoch }: OutboxSource): void {
    const others = this.#sql.selectEpochs.all(device).filter((each) => each.epoch !== epoch)
    if (others.length < LIMITS.maxOutboxEpochs) return
    const newestFirst = others.toSorted((a, b) => (a.movedAt < b.movedAt ? 1 : -1))
    for (const { epoch: old } of newestFirst.slice(LIMITS.maxOutboxEpochs - 1)) {
      this.#results.removeEpoch(device, old)
      this.#sql.deleteEpoch.run(device, old)
    }
  }

  confirm(request: Parameters<StoreWriter['confirm']>[0]): 'stale-link' | undefined {
    if (this.#context.links.isStale(request.device, request.link)) return 'stale-link'
    this.#results.confirm(request)
    return undefined
  }

  /** What is held in memory may be ahead of the file, or behind it. */
  rolledBack(): void {
    this.#results.rolledBack()
  }
}

/** It confirms while it waits. */
function unconfirmed(): Verdict {
  const { code, message } = refuse('unconfirmed')
  return { kind: 'retry-later', code, message, afterMs: 1_000 }
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

/**
 * A handler that failed decided nothing: under the same Idempotency-Key it is asked again (X2). Of a device it is an end all
 * the same, kept until confirmed: its number is used, and an alert may wait behind it (W5).
 */
function isDecided({ code }: Outcome): boolean {
  return code === null || !isErrorCode(code) || !isTrouble(code)
}

function parseOutcome(text: string): Outcome {
  // Written by `#remember` only.
  return JSON.parse(text) as Outcome
}

function prepareAll(db: Database.Database) {
  return {
    selectMark: db.prepare<[string, string, string], { mark: number; last: CommandId | null }>(
      'SELECT mark, last FROM marks WHERE device = ? AND epoch = ? AND lane = ?',
    ),
    upsertMark: db.prepare<[string, string, string, number, string, string]>(
      'INSERT INTO marks (device, epoch, lane, mark, last, moved_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark, last = excluded.last, moved_at = excluded.moved_at',
    ),
    selectEpochs: db.prepare<[string], { epoch: string; movedAt: string }>(
      'SELECT epoch, MAX(moved_at) AS movedAt FROM marks WHERE device = ? GROUP BY epoch',
    ),
    deleteEpoch: db.prepare<[string, string]>('DELETE FROM marks WHERE device = ? AND epoch = ?'),
    selectIdempotency: db.prepare<[string, string], { bodyHash: string; outcome: string }>(
      'SELECT body_hash AS bodyHash, outcome FROM idempotency WHERE api_key = ? AND key = ?',
    ),
    insertIdempotency: db.prepare<[string, string, string, string, string]>(
      'INSERT OR REPLACE INTO idempotency (api_key, key, body_hash, outcome, at) VALUES (?, ?, ?, ?, ?)',
    ),
  }
}
