import type Database from 'better-sqlite3'
import type { SessionId } from '../../../relay/protocol/ids.ts'
import type { Lane } from '../../../relay/protocol/lanes.ts'
import type { Author } from '../../ports/rules.ts'
import { isOver, type SessionRow } from '../../ports/sessions.ts'
import type { ApiKeyRow, DeviceRow } from '../../ports/site.ts'
import type { OutboxSource, Submission } from '../../ports/submission.ts'
import type { CommandContext } from './command-context.ts'

/** Who a command comes from, as the rows of this moment have it. */
export type Speaker =
  | { readonly kind: 'system' }
  | { readonly kind: 'key'; readonly key: ApiKeyRow | null }
  | { readonly kind: 'device'; readonly device: DeviceRow; readonly author: Author | null }

/** Finds who speaks, and keeps what sessions that are over left behind (W11). Synchronous; runs inside the open transaction. */
export class Speakers {
  readonly #context: Pick<CommandContext, 'people' | 'rules' | 'now'>
  readonly #marks: Database.Statement<[string, string], { lane: Lane; mark: number }>

  constructor(context: Pick<CommandContext, 'db' | 'people' | 'rules' | 'now'>) {
    this.#context = context
    this.#marks = context.db.prepare('SELECT lane, mark FROM marks WHERE device = ? AND epoch = ?')
  }

  /** `greet-again`: nothing may be decided before the device has greeted. */
  of(submission: Submission): Speaker | 'greet-again' {
    const { people } = this.#context
    const { source } = submission
    if (source.kind === 'system') return { kind: 'system' }
    if (source.kind === 'api') return { kind: 'key', key: people.apiKey(source.keyId) }
    const device = people.devices.find(source.device)
    if (device === null) return 'greet-again'
    if (source.session === null) return { kind: 'device', device, author: null }
    const session = people.session(source.session)
    const operator = session === null ? null : people.operator(session.operator)
    const isLate = session === null ? false : this.#isLate(submission, source, session)
    return isLate === null ? 'greet-again' : { kind: 'device', device, author: { session, operator, isLate } }
  }

  /** A sign-out is taken: what was queued before it may still come, and nothing else. */
  signedOut(id: SessionId, source: OutboxSource): void {
    const { people, rules } = this.#context
    people.putLeftBehind(id, rules.late.signedOut(source, this.#marksOf(source), people.leftBehind(id)))
  }

  /** Null while it cannot be told: the session has run out since its device greeted. */
  #isLate(submission: Submission, source: OutboxSource, session: SessionRow): boolean | null {
    const { people, rules } = this.#context
    const at = this.#context.now()
    if (session.status === 'revoked' || session.device !== source.device || !isOver(session, at)) return false
    const left = people.leftBehind(session.id) ?? this.#settle(session, source, at)
    if (left !== null) return rules.late.isLate(left, source)
    return rules.late.isAlwaysTaken(submission, session) ? true : null
  }

  #settle(session: SessionRow, source: OutboxSource, at: string) {
    const { people, rules } = this.#context
    const left = rules.late.leftBehind(session, source, { marks: this.#marksOf(source), at })
    if (left !== null) people.putLeftBehind(session.id, left)
    return left
  }

  #marksOf({ device, epoch }: OutboxSource): Record<Lane, number> {
    const marks = { urgent: 0, normal: 0 }
    for (const { lane, mark } of this.#marks.all(device, epoch)) marks[lane] = mark
    return marks
  }
}
