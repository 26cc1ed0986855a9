import type { TypedCommand } from '../../../relay/protocol/commands.ts'
import { isErrorCode, isTrouble, refuse, type Refusal } from '../../../relay/protocol/errors.ts'
import type { DeviceId, Incarnation } from '../../../relay/protocol/ids.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { isBehind } from '../../ports/lane-order.ts'
import { toldOf, type Actor, type CommandRules, type Decision } from '../../ports/rules.ts'
import type { CommittedEvent, Outcome, Submission, SubmitResult, Verdict } from '../../ports/submission.ts'
import type { StoreWriter } from '../../ports/store-writer.ts'
import type { EventIds } from '../event-ids.ts'
import { KnownDevices } from './known-devices.ts'
import type { DeviceRoom } from '../../ports/device-room.ts'
import { EventWriter } from './event-writer.ts'
import { factKey } from './facts.ts'
import { firstEpoch } from './first-epoch.ts'
import { Lanes } from './lanes.ts'
import { Rejections } from './rejections.ts'
import { addReview } from './reviews.ts'
import { Speakers, type Speaker } from './speakers.ts'
import type { TimerRoom } from './timer-room.ts'
import type { WorkingSet } from './working-set.ts'

type Decided = {
  readonly outcome: Outcome
  readonly events: readonly CommittedEvent[]
  readonly ended: Omit<SubmitResult, 'verdict' | 'events'>
}

type Accepted = Extract<Decision, { ok: true }>

const NONE_ENDED = { endedSessions: [] } as const

/** What commands need beside the rows of their group. */
export interface CommandContext {
  readonly rules: CommandRules
  readonly ids: EventIds
  readonly incarnation: Incarnation
  readonly room: DeviceRoom
  readonly timers: TimerRoom
  /** Told the cause of a `handler-failed`; the person gets the code. */
  readonly failed: (what: string, cause: unknown) => void
}

/**
 * Takes one command (W1–W3) in the working set of its group: mark, effect, events and result stand or fall together, and a bad
 * command harms no other of the group.
 */
export class Commands {
  readonly #set: WorkingSet
  readonly #context: CommandContext
  readonly #writer: EventWriter
  readonly #rejections: Rejections
  readonly #speakers: Speakers
  readonly #lanes: Lanes
  readonly #devices: KnownDevices

  constructor(set: WorkingSet, context: CommandContext) {
    const { rules, failed } = context
    this.#set = set
    this.#context = context
    this.#writer = new EventWriter(set, context.ids)
    this.#rejections = new Rejections({ set, writer: this.#writer, rules, failed })
    this.#speakers = new Speakers(set, rules)
    this.#lanes = new Lanes(set)
    this.#devices = new KnownDevices(set, context.room)
  }

  /** `broken`: what it wanted to write was not taken by the database, so that it ends as a handler that failed. */
  submit(submission: Submission, broken: unknown): SubmitResult {
    this.#prepare(submission)
    if (this.#isStale(submission)) return { verdict: { kind: 'stale-link' }, events: [], endedSessions: [] }
    const known = this.#alreadyTaken(submission) ?? this.#heldBack(submission)
    if (known !== null) return { verdict: known, events: [], endedSessions: [] }
    const speaker = this.#speakers.of(submission)
    if (speaker === 'greet-again') return { verdict: { kind: 'greet-again' }, events: [], endedSessions: [] }
    const isBroken = broken !== undefined
    const { outcome, events, ended } = isBroken ? this.#failed(submission, broken) : this.#decide(submission, speaker)
    const kept = isBroken ? [] : this.#rejections.keep(submission, outcome)
    const isUsed = this.#remember(submission, outcome)
    const verdict: Verdict = { kind: 'done', outcome, repeated: false }
    return { verdict, events: [...events, ...kept], ...ended, ...(isUsed && { isUsed: true }) }
  }

  /** Something is missing for this one. What comes behind it is not to wait for it to find out what it needs itself. */
  assume({ source, id }: Submission): void {
    if (source.kind === 'outbox' && this.#set.has('marks', source.device)) this.#lanes.assume(source, id)
  }

  confirm(request: Parameters<StoreWriter['confirm']>[0]): 'stale-link' | undefined {
    const { device, epoch, lane, upTo, link } = request
    this.#set.reads([
      ['device', device],
      ['marks', device],
    ])
    if (this.#isOlder(device, link)) return 'stale-link'
    this.#lanes.confirm({ device, epoch, lane }, upTo)
    return undefined
  }

  /** What almost every command asks for, at once. */
  #prepare({ source }: Submission): void {
    if (source.kind === 'system') return this.#set.reads(source.timer === null ? [] : [['timer', source.timer.id]])
    if (source.kind === 'api') {
      const { keyId, idempotency } = source
      const kept = idempotency === null ? [] : ([['idempotency', keyId, idempotency.key]] as const)
      return this.#set.reads([['apiKey', keyId], ['areas', ''], ...kept])
    }
    const { device, session } = source
    const author = session === null ? [] : ([['session', session]] as const)
    return this.#set.reads([['device', device], ['marks', device], ['areas', ''], ...author])
  }

  #isStale({ source }: Submission): boolean {
    return source.kind === 'outbox' && this.#isOlder(source.device, source.link)
  }

  /** Whether a later link of this device took the place of this one. One that names no link is not asked. */
  #isOlder(device: DeviceId, link: number | undefined): boolean {
    return link !== undefined && link < (this.#set.get('device', device)?.link ?? 0)
  }

  /** The answer when this command must not be carried out (again); null when it is the next of its lane. */
  #alreadyTaken({ source, id }: Submission): Verdict | null {
    if (source.kind === 'system') {
      if (source.timer === null) return null
      const { id: timer, due } = source.timer
      this.#set.needsTimer(timer)
      if (this.#set.get('timer', timer) !== due) return { kind: 'spent' }
      // From here on it was given, whatever comes of it: one that fails would come again for ever (T20).
      this.#set.set('timer', [timer], null)
      this.#set.write('timersGone', timer)
      return null
    }
    if (source.kind === 'api') {
      if (source.idempotency === null) return null
      const row = this.#set.get('idempotency', source.keyId, source.idempotency.key)
      if (row === null) return null
      return row.bodyHash === source.idempotency.bodyHash
        ? { kind: 'done', outcome: parseOutcome(row.outcome), repeated: true }
        : { kind: 'conflict' }
    }
    const { device, epoch, lane, seq, after } = source
    const { mark, last } = this.#lanes.find(device, epoch, lane) ?? { mark: 0, last: null }
    if (seq > mark + 1) return { kind: 'expect', seq: mark + 1 }
    if (seq === mark + 1 && isBehind(after, last)) return null
    const row = this.#lanes.result(source)
    if (row !== null && row.id === id) return { kind: 'done', outcome: parseOutcome(row.outcome), repeated: true }
    addReview(this.#set, { kind: 'outbox-forked', device, detail: { epoch, lane, seq }, at: this.#set.now })
    return { kind: 'forked', seq }
  }

  /**
   * The answer to a device that keeps too many results unconfirmed (W4); null otherwise. Those of an outbox that it gave up go
   * first: nobody will ask for them, and a copy of its disk that does is told that it is one.
   */
  #heldBack({ source }: Submission): Verdict | null {
    if (source.kind !== 'outbox') return null
    const { device, epoch } = source
    const max = this.#devices.isAlone(device) ? LIMITS.maxUnconfirmedAlone : LIMITS.maxUnconfirmed
    if (!this.#lanes.reaches(device, max)) return null
    if (this.#lanes.dropOthers(device, epoch) && !this.#lanes.reaches(device, max)) return null
    return unconfirmed()
  }

  #decide(submission: Submission, speaker: Speaker): Decided {
    const { rules, timers } = this.#context
    const { source, type } = submission
    if (source.kind === 'outbox' && !rules.mayTravelIn(type, source.lane)) return rejected(refuse('wrong-lane'))
    const checked = rules.check(type, submission.data)
    if (!checked.ok) return rejected(checked)
    const actor = this.#actor(speaker, checked.value)
    if (!actor.ok) return rejected(actor)
    return this.#set.attempt(
      () => {
        const decision = this.#decision(submission, checked.value, actor.value)
        if (!decision.ok) return rejected(decision)
        if (!timers.fits(this.#set, decision.timers ?? [])) return rejected(refuse('too-many-timers'))
        if (decision.raiser !== undefined && !this.#hasRoomForAlert(decision.raiser))
          return rejected(refuse('too-many-alerts'))
        return this.#write(submission, decision, actor.value)
      },
      (cause) => this.#failed(submission, cause),
    )
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
  #decision(submission: Submission, command: TypedCommand, actor: Actor): Decision {
    const { rules, incarnation } = this.#context
    const { id, facts } = submission
    const records = this.#writer.find(rules.reads(command, id, actor.operator))
    const asked = rules.asksOf(command)
    this.#set.reads([['areas', ''], ...asked.map((name) => ['operator', name] as const)])
    const people = asked.flatMap((name) => this.#set.get('operator', name) ?? [])
    return rules.decide(records, command, {
      at: this.#set.now,
      areas: this.#set.get('areas', ''),
      actor,
      id,
      people: new Map(people.map((row) => [row.id, row])),
      epochOf: (channel) => this.#set.get('channel', channel)?.epoch ?? firstEpoch(incarnation, channel),
      nextOffset: (channel) => (this.#set.get('channel', channel)?.top ?? 0) + 1,
      ...(facts !== undefined && { facts }),
    })
  }

  /** Whether one more alert of this device may be open (T21). */
  #hasRoomForAlert(device: DeviceId): boolean {
    if (this.#writer.raisedBy(device) >= LIMITS.maxOpenAlertsPerDevice) return false
    return !this.#devices.isAlone(device) || this.#writer.raisedBy('') < LIMITS.maxOpenAlertsAlone
  }

  #write(submission: Submission, decision: Accepted, actor: Actor): Decided {
    const { id } = submission
    for (const change of decision.timers ?? []) {
      const timer = change.kind === 'set' ? change.timer.id : change.id
      this.#set.write('timersGone', timer)
      if (change.kind === 'set') this.#set.write('timersSet', change.timer)
      this.#set.set('timer', [timer], change.kind === 'set' ? change.timer.due : null)
    }
    const rewritten = (decision.rewrites ?? []).filter((rewrite) => this.#writer.rewrite(rewrite))
    for (const unquote of decision.unquotes ?? []) this.#writer.unquote(unquote)
    const told = rewritten.filter(({ isTold }) => isTold).map(toldOf)
    const making = { at: this.#set.now, by: actor.by, cause: id }
    const events = [...decision.events, ...told].map((event) => this.#writer.append(event, making))
    if (decision.raiser !== undefined) {
      const rank = this.#devices.isAlone(decision.raiser) ? '0' : '1'
      this.#writer.raised(id, `${rank} ${decision.raiser}`)
    }
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
    { session: asking }: Actor,
  ): Decided['ended'] {
    if (revokeSessionsOf !== undefined) {
      // Those that could still author something, and the one that asks for it, however it ended.
      const going = this.#set.get('openSessions', revokeSessionsOf).map(({ id }) => id)
      this.#set.reads(going.map((id) => ['session', id]))
      const revoked = going.filter((id) => {
        const status = this.#set.get('session', id)?.row.status
        return status !== undefined && status !== 'revoked' && (status !== 'signed-out' || id === asking)
      })
      for (const id of revoked) this.#set.endSession(id, 'revoked')
      return { endedSessions: revoked, revoked: true }
    }
    if (endSession === undefined) return NONE_ENDED
    const isActive = this.#set.get('session', endSession)?.row.status === 'active'
    if (source.kind === 'outbox') this.#speakers.signedOut(endSession, source)
    if (!isActive) return NONE_ENDED
    this.#set.endSession(endSession, 'signed-out')
    return { endedSessions: [endSession] }
  }

  /** Whether the device of this command is used, by it or already (T18). */
  #remember({ source, id, type }: Submission, outcome: Outcome): boolean {
    const text = JSON.stringify(outcome)
    if (source.kind === 'outbox') {
      this.#lanes.put(source, id, text)
      // A report says nothing but that a device has a past; anybody can send one.
      if (outcome.outcome === 'applied' && type !== 'outbox.report') return this.#devices.use(source.device)
    } else if (source.kind === 'api' && source.idempotency !== null && isDecided(outcome)) {
      const { key, bodyHash } = source.idempotency
      this.#set.set('idempotency', [source.keyId, key], { bodyHash, outcome: text })
      this.#set.write('idempotency', { apiKey: source.keyId, key, bodyHash, outcome: text, at: this.#set.now })
    }
    return false
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

/** What a command will ask for, by `factKey`, if this is its author. */
export function foreseenFacts(
  rules: CommandRules,
  { type, data, id }: Submission,
  operator: string | null,
): readonly string[] {
  const checked = rules.check(type, data)
  if (!checked.ok) return []
  const people = [...(operator === null ? [] : [operator]), ...rules.asksOf(checked.value)]
  return [
    ...people.map((name) => factKey('operator', [name])),
    ...rules
      .reads(checked.value, id, operator)
      .map((key) =>
        'event' in key ? factKey('event', [key.event, key.cause]) : factKey('record', [key.domain, key.key]),
      ),
  ]
}

/** What a command is known by, for who learns which channels it writes to. */
export function kindOf({ type, data }: Submission): string {
  const { line, area } = (typeof data === 'object' && data !== null ? data : {}) as Record<string, unknown>
  const place = typeof line === 'string' ? line : typeof area === 'string' ? area : ''
  return `${type} ${place.slice(0, 64)}`
}
