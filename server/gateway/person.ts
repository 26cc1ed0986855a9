import { refuse, type ErrorCode } from '../../relay/protocol/errors.ts'
import type { ServerFrame } from '../../relay/protocol/frames.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { Author } from '../../relay/protocol/rights.ts'
import { isOver, type SessionEnd } from '../ports/sessions.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import type { Tokens } from '../ports/tokens.ts'

export interface PersonOptions {
  readonly store: StoreAdministration
  readonly tokens: Tokens
  readonly device: DeviceId
  /** Server time, epoch milliseconds. */
  readonly nowMs: () => number
  readonly send: (frame: ServerFrame) => void
  /** The person of this connection changed; null when nobody is bound. */
  readonly changed: (author: Author | null) => void
}

interface Bound {
  readonly session: SessionId
  readonly operator: string
  readonly generation: number
  /** When the session is over at the latest, server time in milliseconds. */
  readonly endsAt: number
  readonly expiry: NodeJS.Timeout
}

/** Who is bound to one connection, by an access token that is checked when it comes and runs out by itself (A1–A4). */
export class Person {
  readonly #options: PersonOptions
  #bound: Bound | null = null
  /** The session that is being looked up, and how it ended meanwhile. */
  #binding: { readonly session: SessionId; ended: SessionEnd | null } | null = null

  constructor(options: PersonOptions) {
    this.#options = options
  }

  /** The session that is bound, and how long it lasts at most. */
  get session(): { readonly id: SessionId; readonly lastsMs: number } | null {
    if (this.#bound === null) return null
    const { session, endsAt } = this.#bound
    return { id: session, lastsMs: Math.max(0, endsAt - this.#options.nowMs()) }
  }

  /** The person of this session, while they are bound here. */
  authorOf(session: SessionId): string | null {
    return session === this.#bound?.session ? this.#bound.operator : null
  }

  async bind(token: string, generation: number): Promise<void> {
    const { store, tokens, device, nowMs, send, changed } = this.#options
    const verified = await tokens.verifyAccess(token)
    if (!verified.ok) return this.#refuse(verified.code === 'token-expired' ? 'token-expired' : 'bad-token')
    const claims = verified.value
    if (claims.device !== device || claims.generation !== generation) return this.#refuse('bad-token')
    if (this.#bound !== null && this.#bound.session === claims.session && generation < this.#bound.generation)
      return undefined
    const binding = { session: claims.session, ended: null as SessionEnd | null }
    this.#binding = binding
    const session = await store.session(claims.session)
    const operator = session === null ? null : await store.operator(session.operator)
    if (session === null || operator === null || session.device !== device) return this.#refuse('session-unknown')
    if (session.status === 'revoked' || operator.status === 'inactive') return this.#refuse('session-revoked')
    if (isOver(session, new Date(nowMs()).toISOString())) return this.#refuse('session-ended')
    // It was active when it was read, and its end was told before anybody was bound to it.
    if (binding.ended !== null) return this.#refuse(binding.ended)
    this.end()
    const expiresInMs = Math.max(0, claims.expiresAt - nowMs())
    // A session that runs out before its token ends then, so that nothing is authored behind it.
    const endsAt = Date.parse(session.expiresAt)
    const lastsMs = endsAt - nowMs()
    const isLast = lastsMs <= expiresInMs
    const expiry = setTimeout(
      () => this.unbind(isLast ? 'session-ended' : 'token-expired'),
      Math.min(expiresInMs, lastsMs),
    )
    this.#bound = { session: session.id, operator: operator.id, generation, endsAt, expiry }
    changed({ operator: operator.id, role: operator.role, areas: operator.areas })
    return send({
      t: 'authed',
      generation,
      session: session.id,
      operator: operator.id,
      role: operator.role,
      areas: [...operator.areas],
      expiresInMs,
    })
  }

  /** Ends reading as a person; `code` says why, null when the relay asked for it. */
  unbind(code: 'token-expired' | SessionEnd | null): void {
    if (this.#bound === null) return
    this.end()
    this.#options.changed(null)
    const reason = code ?? 'session-ended'
    this.#options.send({ t: 'deauthed', code: reason, message: code === null ? 'Signed out.' : refuse(reason).message })
  }

  sessionsEnded(sessions: readonly SessionId[], code: SessionEnd): void {
    if (this.#binding !== null && sessions.includes(this.#binding.session)) this.#binding.ended = code
    if (this.#bound !== null && sessions.includes(this.#bound.session)) this.unbind(code)
  }

  /** Sessions of this operator were taken away on another node: what is bound here, or is being, is looked at anew (A7). */
  async revokedElsewhere(operator: string): Promise<void> {
    const own = this.#bound?.operator === operator ? this.#bound.session : null
    // Whose it is, is not known yet.
    const binding = this.#binding?.session ?? null
    for (const id of new Set([own, binding === this.#bound?.session ? null : binding])) {
      const session = id === null ? null : await this.#options.store.session(id)
      if (session?.operator === operator && session.status === 'revoked')
        this.sessionsEnded([session.id], 'session-revoked')
    }
  }

  /** Forgets without a word: the connection is going. */
  end(): void {
    if (this.#bound !== null) clearTimeout(this.#bound.expiry)
    this.#bound = null
  }

  /** A bad token for the person who is bound changes nothing; for another one nobody is bound either. */
  #refuse(code: ErrorCode): void {
    this.#options.send({ t: 'deauthed', code, message: refuse(code).message })
    if (this.#bound === null) return
    this.end()
    this.#options.changed(null)
  }
}
