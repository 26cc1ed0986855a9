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

/** How long a request may take, milliseconds, and what ends it before. */
export interface Patience {
  readonly timeoutMs?: number
  readonly until?: AbortSignal
}

/** The requests of one link. What it opens is over with `abort`. */
export class Requests {
  readonly #base: string
  readonly #over = new AbortController()
  /** Of the link, from the answer that opened it. */
  #id: string | null = null

  constructor(base: string) {
    this.#base = base
  }

  /** Takes the link's id from the answer that opens it. False where it has none: whoever answered is not our server. */
  opens(response: Response): boolean {
    this.#id = response.headers.get(LINK_HEADER)
    return this.#id !== null
  }

  /** Rejects when nobody answers. A redirection is an answer: to a page that wants a sign-in, as a rule. */
  send(path: keyof typeof WAY_PATHS, body: string | null, { timeoutMs, until }: Patience = {}): Promise<Response> {
    const url = wayUrl(this.#base, WAY_PATHS[path])
    if (url === null) return Promise.reject(new TypeError(`"${this.#base}" is not the address of a server.`))
    const signals = [this.#over.signal]
    if (timeoutMs !== undefined) signals.push(AbortSignal.timeout(timeoutMs))
    if (until !== undefined) signals.push(until)
    return fetch(url, {
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
  }

  abort(): void {
    this.#over.abort()
  }
}
