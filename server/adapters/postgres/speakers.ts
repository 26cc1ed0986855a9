import type { SessionId } from '../../../relay/protocol/ids.ts'
import type { Lane } from '../../../relay/protocol/lanes.ts'
import type { Author, CommandRules } from '../../ports/rules.ts'
import { isOver } from '../../ports/sessions.ts'
import type { ApiKeyRow, DeviceRow } from '../../ports/site.ts'
import type { OutboxSource, Submission } from '../../ports/submission.ts'
import type { DeviceFact, SessionFact } from './facts.ts'
import type { WorkingSet } from './working-set.ts'

/** Who a command comes from, as the rows of this moment have it. */
export type Speaker =
  | { readonly kind: 'system' }
  | { readonly kind: 'key'; readonly key: ApiKeyRow | null }
  | { readonly kind: 'device'; readonly device: DeviceRow; readonly author: Author | null }

/** Finds who speaks, and keeps what sessions that are over left behind (W11). */
export class Speakers {
  readonly #set: WorkingSet
  readonly #rules: CommandRules

  constructor(set: WorkingSet, rules: CommandRules) {
    this.#set = set
    this.#rules = rules
  }

  /** `greet-again`: nothing may be decided before the device has greeted. */
  of(submission: Submission): Speaker | 'greet-again' {
    const { source } = submission
    if (source.kind === 'system') return { kind: 'system' }
    if (source.kind === 'api') return { kind: 'key', key: this.#set.get('apiKey', source.keyId) }
    const device = this.#set.get('device', source.device)
    if (device === null) return 'greet-again'
    if (source.session === null) return { kind: 'device', device: rowOf(device), author: null }
    const session = this.#set.get('session', source.session)
    const operator = session === null ? null : this.#set.get('operator', session.row.operator)
    const isLate = session === null ? false : this.#isLate(submission, source, session)
    const author = { session: session?.row ?? null, operator }
    return isLate === null ? 'greet-again' : { kind: 'device', device: rowOf(device), author: { ...author, isLate } }
  }

  /** A sign-out is taken: what was queued before it may still come, and nothing else. */
  signedOut(id: SessionId, source: OutboxSource): void {
    const session = this.#set.get('session', id)
    if (session === null) return
    const left = this.#rules.late.signedOut(source, this.#marksOf(source), session.left)
    this.#set.set('session', [id], { ...session, left })
  }

  /** Null while it cannot be told: the session has run out since its device greeted. */
  #isLate(submission: Submission, source: OutboxSource, session: SessionFact): boolean | null {
    const { late } = this.#rules
    const { row } = session
    if (row.status === 'revoked' || row.device !== source.device || !isOver(row, this.#set.now)) return false
    const left = session.left ?? this.#settle(session, source)
    if (left !== null) return late.isLate(left, source)
    return late.isAlwaysTaken(submission, row) ? true : null
  }

  #settle(session: SessionFact, source: OutboxSource) {
    const left = this.#rules.late.leftBehind(session.row, source, {
      marks: this.#marksOf(source),
      at: this.#set.now,
    })
    if (left !== null) this.#set.set('session', [session.row.id], { ...session, left })
    return left
  }

  #marksOf({ device, epoch }: OutboxSource): Record<Lane, number> {
    const marks = { urgent: 0, normal: 0 }
    for (const each of this.#set.get('marks', device)) if (each.epoch === epoch) marks[each.lane] = each.mark
    return marks
  }
}

export function rowOf({ id, name, areas, status }: DeviceFact): DeviceRow {
  return { id, name, areas, status }
}
