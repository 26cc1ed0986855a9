import type { ContentHash } from './protocol/attachments.ts'
import type { FileBytes, WindowMessage } from './protocol/local.ts'
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

  answer(ref: string, reply: Answer): void {
    const waiting = this.#waiting.get(ref)
    if (waiting === undefined) return
    this.#waiting.delete(ref)
    waiting.cancel()
    waiting.answer(reply)
  }

  /** Nobody will answer what was asked so far. */
  giveUp(): void {
    for (const ref of this.#waiting.keys()) this.answer(ref, NO_ANSWER)
  }
}
