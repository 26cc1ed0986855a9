import type { ContentHash } from './protocol/attachments.ts'
import type { FileBytes, PortMessage, SessionView, WindowMessage } from './protocol/local.ts'
import type { SearchPage } from './protocol/search.ts'
import type { PastPage } from './protocol/talk-past.ts'
import type { SeriesPage } from './protocol/telemetry.ts'
import type { Clock } from './ports.ts'

export type Refused = { readonly ok: false; readonly code: string; readonly message: string | null }
/** What a request is answered by; each has what its question asks for, and nothing else. */
export type Answer = ({ readonly ok: true } & Partial<Brought>) | Refused
interface Brought {
  readonly page: SeriesPage
  readonly found: SearchPage
  readonly past: PastPage
  readonly hash: ContentHash
  readonly file: FileBytes
}

/** Longer than a sign-in over a bad link takes; shorter than a person waits before pressing again. */
export const REPLY_PATIENCE_MS = 20_000
/** Requests without an answer; beyond it the oldest is told `no-answer`. */
export const MAX_WAITING_REPLIES = 256

export const NO_ANSWER = { ok: false, code: 'no-answer', message: null } as const

/** What a window has asked its relay and was not answered yet. */
export class Questions {
  readonly #port: { post(message: WindowMessage): void }
  readonly #clock: Pick<Clock, 'after'>
  readonly #waiting = new Map<string, { readonly answer: (reply: Answer) => void; readonly cancel: () => void }>()

  /** What the relay at the other end said of itself; another one says it anew. */
  #takesAs = false

  constructor({
    port,
    clock,
  }: {
    readonly port: { post(message: WindowMessage): void }
    readonly clock: Pick<Clock, 'after'>
  }) {
    this.#port = port
    this.#clock = clock
  }

  /** Posts the question. Never rejects: the answer with this `ref`, or `no-answer` when none came in time. */
  ask(ref: string, message: WindowMessage, patienceMs = REPLY_PATIENCE_MS): Promise<Answer> {
    const [oldest] = this.#waiting.keys()
    if (oldest !== undefined && this.#waiting.size >= MAX_WAITING_REPLIES) this.answer(oldest, NO_ANSWER)
    return new Promise((resolve) => {
      const cancel = this.#clock.after(patienceMs, () => this.answer(ref, NO_ANSWER))
      this.#waiting.set(ref, { answer: resolve, cancel })
      this.#port.post(message)
    })
  }

  /** Gives a command as the person whom the window shows: to a relay that takes it, which gives it to nobody else's name then. */
  command(shown: SessionView | null, message: Extract<WindowMessage, { t: 'command' }>): Promise<Answer> {
    const as = shown === null || !this.#takesAs ? {} : { as: { session: shown.id, operator: shown.operator } }
    return this.ask(message.ref, { ...message, ...as })
  }

  /** Takes an answer. A newer relay may say more; an unknown word is not this window's to judge. */
  hear(message: PortMessage): void {
    switch (message.t) {
      case 'view':
        this.#takesAs = message.takes?.includes('as') === true
        return undefined
      case 'reply':
        return this.answer(message.ref, message.ok ? { ok: true } : message)
      case 'series':
        return this.answer(message.ref, { ok: true, page: message.page })
      case 'search':
        return this.answer(message.ref, { ok: true, found: message.found })
      case 'past':
        return this.answer(message.ref, { ok: true, past: message.past })
      case 'kept':
        return this.answer(message.ref, { ok: true, hash: message.hash })
      case 'file':
        return this.answer(message.ref, { ok: true, file: message.file })
      case 'copy':
      case 'live':
      case 'top':
      default:
        return undefined
    }
  }

  answer(ref: string, reply: Answer): void {
    const waiting = this.#waiting.get(ref)
    if (waiting === undefined) return
    this.#waiting.delete(ref)
    waiting.cancel()
    waiting.answer(reply)
  }

  /** Nobody will answer what was asked so far. */
  giveUp(): void {
    this.#takesAs = false
    for (const ref of this.#waiting.keys()) this.answer(ref, NO_ANSWER)
  }
}
