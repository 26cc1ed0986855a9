import { refuse, type ErrorCode } from '../../relay/protocol/errors.ts'
import type { ServerFrame } from '../../relay/protocol/frames.ts'
import type { DeviceId, SessionId } from '../../relay/protocol/ids.ts'
import type { Author } from '../../relay/protocol/rights.ts'
import { isOver, type SessionEnd } from '../ports/sessions.ts'
import type { OperatorRow } from '../ports/site.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import type { Tokens } from '../ports/tokens.ts'
import type { Deadlines, Due } from './deadlines.ts'

/** Who is told of the person of one connection. */
export interface PersonHost {
  send(frame: ServerFrame): void
  /** The person of this connection changed; null when nobody is bound. */
  personChanged(author: Author | null): void
}

/** What the persons of all connections share. */
export interface PersonOptions {
  readonly store: Pick<StoreAdministration, 'session' | 'operator'>
  readonly tokens: Pick<Tokens, 'verifyAccess'>
  /** Server time, ISO 8601 UTC. */
  readonly now: () => string
  readonly deadlines: Deadlines
}

interface Bound {
  readonly session: SessionId
  readonly operator: string
  readonly generation: number
  readonly author: Author
  /** When the token is over, server time in milliseconds. */
  readonly tokenEndsAt: number
  /** When the session is over at the latest, server time in milliseconds. */
  readonly endsAt: number
  /** When reading ends, by the clock of the deadlines, and why. */
  readonly dueAt: number
  readonly why: 'token-expired' | 'session-ended'
}

/** A session that is being looked up. */
interface Binding {
  readonly session: SessionId
  /** How it ended meanwhile. */
  ended: SessionEnd | null
  /** Whether what was read of its person may be old. */
  isOld: boolean
}

/** Who is bound to one connection, by an access token that is checked when it comes and runs out by itself (A1–A4). */
export class Person implements Due {
  readonly #host: PersonHost
  readonly #device: DeviceId
  readonly #options: PersonOptions
  #bound: Bound | null = null
  #binding: Binding | null = null

  slot = 0

  constructor(host: PersonHost, device: DeviceId, options: PersonOptions) {
    this.#host = host
    this.#device = device
    this.#options = options
  }

  get dueAt(): number {
    return this.#bound?.dueAt ?? Infinity
  }

  overdue(): void {
    if (this.#bound !== null) this.unbind(this.#bound.why)
  }

  /** The session that is bound, and how long it lasts at most. */
  get session(): { readonly id: SessionId; readonly lastsMs: number } | null {
    if (this.#bound === null) return null
    const { session, endsAt } = this.#bound
    return { id: session, lastsMs: Math.max(0, endsAt - this.#nowMs()) }
  }

  /** The person of this session, while they are bound here. */
  authorOf(session: SessionId): string | null {
    return session === this.#bound?.session ? this.#bound.operator : null
  }

  async bind(token: string, generation: number): Promise<void> {
    const { store, tokens, deadlines } = this.#options
    const verified = await tokens.verifyAccess(token)
    if (!verified.ok) return this.#refuse(verified.code === 'token-expired' ? 'token-expired' : 'bad-token')
    const claims = verified.value
    if (claims.device !== this.#device || claims.generation !== generation) return this.#refuse('bad-token')
    if (this.#bound !== null && this.#bound.session === claims.session && generation < this.#bound.generation)
      return undefined
    const binding: Binding = { session: claims.session, ended: null, isOld: false }
    this.#binding = binding
    const session = await store.session(claims.session)
    const operator = session === null ? null : await this.#operatorNow(session.operator, binding)
    if (session === null || operator === null || session.device !== this.#device) return this.#refuse('session-unknown')
    if (session.status === 'revoked' || operator.status === 'inactive') return this.#refuse('session-revoked')
    if (isOver(session, this.#options.now())) return this.#refuse('session-ended')
    // It was active when it was read, and its end was told before anybody was bound to it.
    if (binding.ended !== null) return this.#refuse(binding.ended)
    if (this.#binding === binding) this.#binding = null
    const now = this.#nowMs()
    const expiresInMs = Math.max(0, claims.expiresAt - now)
    // A session that runs out before its token ends then, so that nothing is authored behind it.
    const endsAt = Date.parse(session.expiresAt)
    const lastsMs = endsAt - now
    const author = authorOf(operator)
    this.#bound = {
      session: session.id,
      operator: operator.id,
      generation,
      author,
      tokenEndsAt: claims.expiresAt,
      endsAt,
      dueAt: deadlines.now() + Math.min(expiresInMs, lastsMs),
      why: lastsMs <= expiresInMs ? 'session-ended' : 'token-expired',
    }
    deadlines.set(this)
    this.#host.personChanged(author)
    return this.#host.send(authed(this.#bound, expiresInMs))
  }

  /** Read anew for as long as somebody changes it meanwhile. */
  async #operatorNow(id: string, binding: Binding): Promise<OperatorRow | null> {
    for (;;) {
      binding.isOld = false
      const operator = await this.#options.store.operator(id)
      if (!binding.isOld) return operator
    }
  }

  /** Ends reading as a person; `code` says why, null when the relay asked for it. */
  unbind(code: 'token-expired' | SessionEnd | null): void {
    if (this.#bound === null) return
    this.end()
    this.#host.personChanged(null)
    const reason = code ?? 'session-ended'
    this.#host.send({ t: 'deauthed', code: reason, message: code === null ? 'Signed out.' : refuse(reason).message })
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

  /** Something of this operator is different: who is bound here has the rights of this moment, or none. */
  async operatorChanged(id: string): Promise<void> {
    const { store } = this.#options
    if (this.#binding !== null) this.#binding.isOld = true
    const bound = this.#bound
    if (bound?.operator !== id) return
    const operator = await store.operator(id)
    if (this.#bound !== bound) return
    if (operator === null || operator.status === 'inactive') return this.unbind('session-revoked')
    const author = authorOf(operator)
    if (author.role === bound.author.role && author.areas.join() === bound.author.areas.join()) return
    this.#bound = { ...bound, author }
    this.#host.personChanged(author)
    this.#host.send(authed(this.#bound, Math.max(0, bound.tokenEndsAt - this.#nowMs())))
  }

  /** Forgets without a word: the connection is going. */
  end(): void {
    this.#options.deadlines.clear(this)
    this.#bound = null
  }

  #nowMs(): number {
    return Date.parse(this.#options.now())
  }

  /** A bad token for the person who is bound changes nothing; for another one nobody is bound either. */
  #refuse(code: ErrorCode): void {
    this.#host.send({ t: 'deauthed', code, message: refuse(code).message })
    if (this.#bound === null) return
    this.end()
    this.#host.personChanged(null)
  }
}

function authorOf({ id, role, areas }: OperatorRow): Author {
  return { operator: id, role, areas }
}

function authed({ session, generation, author }: Bound, expiresInMs: number): ServerFrame {
  const { operator, role, areas } = author
  return { t: 'authed', generation, session, operator, role, areas: [...areas], expiresInMs }
}
