import { CLOSE } from '../protocol/close-codes.ts'
import type { ErrorCode } from '../protocol/errors.ts'
import { LIMITS } from '../protocol/limits.ts'
import { LINK_HEADER, WAY_PATHS } from '../protocol/ways.ts'
import { codeOfProblem, GATEWAY_STATUSES, isProblem } from './problem-code.ts'
import { wayUrl } from './sync-url.ts'

/** What RFC 6455 §7.4.1 calls a connection that ended without a close; on these ways it is a link that ended without its row. */
export const ABNORMAL = 1006
/** How long the server may take over our close, milliseconds. */
export const CLOSE_MS = 2_000
/** Bytes of one answer, or of one event: more than the server puts into any. */
export const MAX_ANSWER_BYTES = LIMITS.maxFrameBytes * 4
/** Time for the answer that opens a link before it is asked for once more, milliseconds: half of the ladder's patience (R56). */
const OPEN_AGAIN_MS = 1_000
/** How often in a row a batch is sent that nobody answers, and the pause before the next time, milliseconds; doubled each time. */
export const MAX_TRIES = 4
export const RETRY_MS = 250
/**
 * Time for the first word of an answer that is due at once, milliseconds, doubled with each try. With the pause behind it the
 * batch comes before the server gives up one that is ahead of it (PROTOCOL N4).
 */
const ANSWER_MS = 1_500
/** Of a line on which a batch may take longer than that, bytes in a millisecond: 64 kbit/s. */
const SLOW_LINE = 8

/** How a link ended, as `SocketEvents.closed` says it. */
export interface End {
  readonly code: number
  readonly reason: string
  readonly refusal?: ErrorCode | undefined
}

/** What an answer that is none of this way says of the link. */
export async function endOf(response: Response): Promise<End> {
  const reason = `HTTP ${response.status}`
  const text = (await bodyOf(response, MAX_PROBLEM_BYTES)) ?? ''
  const code = codeOfProblem(text)
  // The server has started anew, or has closed it: what there was to say was said there.
  if (code === 'unknown-link') return { code: CLOSE.goingAway.code, reason: code }
  if (code !== null) return { code: ABNORMAL, reason, refusal: code }
  const isForeign = !isProblem(text) && !GATEWAY_STATUSES.includes(response.status)
  return { code: ABNORMAL, reason, refusal: isForeign ? 'foreign-answer' : undefined }
}
const MAX_PROBLEM_BYTES = 8 * 1024

/** Null when it is longer than that. Rejects when it breaks off. */
export async function bodyOf(response: Response, maxBytes: number = MAX_ANSWER_BYTES): Promise<string | null> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of chunksOf(response)) {
    bytes += chunk.length
    if (bytes > maxBytes) return null
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** The body as it comes; whoever stops taking cancels it. */
export async function* chunksOf({ body }: Response): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // Also of a body that broke: then there is nothing to cancel, and nobody to tell.
    reader.cancel().catch(() => undefined)
  }
}

/** How long a request may take, milliseconds; how long until it is answered at all; and what ends it before. */
export interface Patience {
  readonly timeoutMs?: number
  readonly answerMs?: number | undefined
  readonly until?: AbortSignal
}

/**
 * Time for an answer that is due at once. A connection that was kept may have died without a word, and another try goes by
 * another one; the last try has all the time there is.
 */
export function answerMs(tries: number, body: string): number | undefined {
  return tries < MAX_TRIES ? ANSWER_MS * 2 ** (tries - 1) + body.length / SLOW_LINE : undefined
}

/** By which connections requests go. */
export interface Lines {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Nobody asks any more. */
  release(): void
}

/** Those of the whole page, or program. */
export function sharedLines(): Lines {
  return { fetch: (url, init) => fetch(url, init), release: () => undefined }
}

/** The requests of one link. What it opens is over with `abort`. */
export class Requests {
  readonly #base: string
  readonly #lines: Lines
  readonly #near: string | undefined
  readonly #over = new AbortController()
  /** Of the link, from the answer that opened it. */
  #id: string | null = null

  constructor(base: string, lines: Lines, near?: string) {
    this.#base = base
    this.#lines = lines
    this.#near = near
  }

  /**
   * The request that opens the link; of two, the one that is answered first. A connection that was kept from before may be dead,
   * and whoever waits for it would take the way for blocked.
   */
  open(path: keyof typeof WAY_PATHS, body: string | null, patience: Patience = {}): Promise<Response> {
    return new Promise((resolve, reject) => {
      const tries: AbortController[] = []
      let failed = 0
      const ask = (): void => {
        const own = new AbortController()
        tries.push(own)
        this.send(path, body, { ...patience, until: own.signal }).then(
          (response) => {
            clearTimeout(again)
            for (const each of tries) if (each !== own) each.abort()
            resolve(response)
          },
          (error: Error) => {
            clearTimeout(again)
            failed += 1
            if (failed === tries.length) reject(error)
          },
        )
      }
      const again = setTimeout(ask, OPEN_AGAIN_MS)
      ask()
    })
  }

  /** Takes the link's id from the answer that opens it. False where it has none: whoever answered is not our server. */
  opens(response: Response): boolean {
    this.#id = response.headers.get(LINK_HEADER)
    return this.#id !== null
  }

  /** Whose link it is: its name stands before the id (N2), where there is one. */
  get node(): string | undefined {
    const [node, ...rest] = (this.#id ?? '').split('.')
    return rest.length > 0 ? node : undefined
  }

  /** Rejects when nobody answers. A redirection is an answer: to a page that wants a sign-in, as a rule. */
  send(
    path: keyof typeof WAY_PATHS,
    body: string | null,
    { timeoutMs, answerMs: firstMs, until }: Patience = {},
  ): Promise<Response> {
    const url = wayUrl(this.#base, WAY_PATHS[path], this.#near)
    if (url === null) return Promise.reject(new TypeError(`"${this.#base}" is not the address of a server.`))
    const signals = [this.#over.signal]
    if (timeoutMs !== undefined) signals.push(AbortSignal.timeout(timeoutMs))
    if (until !== undefined) signals.push(until)
    const late = new AbortController()
    signals.push(late.signal)
    const timer = firstMs === undefined ? undefined : setTimeout(() => late.abort(), firstMs)
    const asked = this.#lines.fetch(url, {
      method: body === null ? 'GET' : 'POST',
      headers: {
        accept: body === null ? 'text/event-stream' : 'application/json',
        ...(body !== null && { 'content-type': 'application/json' }),
        ...(this.#id !== null && { [LINK_HEADER]: this.#id }),
      },
      body,
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.any(signals),
    })
    return asked.finally(() => clearTimeout(timer))
  }

  abort(): void {
    this.#over.abort()
    this.#lines.release()
  }
}
