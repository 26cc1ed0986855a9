import * as v from 'valibot'
import { AttachmentType, filePath, UploadState, type FilePlace } from '../protocol/attachments.ts'
import { refuse } from '../protocol/errors.ts'
import { LIMITS } from '../protocol/limits.ts'
import type { AttachmentPort, FileResult, SessionFailure, UploadResult } from '../ports.ts'
import { problemIn, readJson, unreachable } from './http-answers.ts'
import { apiUrl } from './sync-url.ts'

/** How long the server may take for a question, milliseconds; for a piece on a slow link; for the next byte of a file. */
const ASK_MS = 10_000
const PIECE_MS = 60_000
const SILENT_MS = 20_000

interface Request extends Omit<RequestInit, 'headers'> {
  readonly bearer: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Photos and files below `{server}/api/attachments`. Every answer is checked; what is not Andon's own is `unreachable`. */
export function httpAttachments(options: {
  readonly serverUrl: string
  readonly fetch?: typeof fetch
}): AttachmentPort {
  const call = options.fetch ?? fetch
  const gate = new Gate()

  /** `query` begins with its question mark. */
  async function ask(path: string, query: string, { bearer, ...request }: Request): Promise<Response | SessionFailure> {
    const url = apiUrl(options.serverUrl, path)
    if (url === null) return unreachable()
    try {
      const response = await call(url + query, {
        ...request,
        headers: { ...request.headers, Authorization: `Bearer ${bearer}` },
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error', // a captive portal: never hand it a token, or a photo
      })
      return response.ok ? response : problemIn(response.status, await readJson(response))
    } catch {
      return unreachable() // no route, no answer in time, aborted: whoever asked knows which
    }
  }

  async function stateOf(asked: Promise<Response | SessionFailure>): Promise<UploadResult> {
    const response = await asked
    if (!(response instanceof Response)) return response
    const parsed = v.safeParse(UploadState, await readJson(response))
    return parsed.success ? { ok: true, value: parsed.output } : unreachable()
  }

  function askState(method: string, place: FilePlace, bearer: string, signal: AbortSignal): Promise<UploadResult> {
    const request = { bearer, method, headers: { Accept: 'application/json' }, signal: within(ASK_MS, signal) }
    return stateOf(ask(`${filePath(place)}/upload`, '', request))
  }

  return {
    state: (place, bearer, signal) => askState('GET', place, bearer, signal),
    giveUp: (place, bearer, signal) => askState('DELETE', place, bearer, signal),
    send(place, { offset, bytes }, bearer, signal) {
      return stateOf(
        ask(`${filePath(place)}/upload`, `?offset=${offset}`, {
          bearer,
          method: 'PATCH',
          headers: { 'Content-Type': 'application/octet-stream', Accept: 'application/json' },
          body: bytes,
          signal: within(PIECE_MS, signal),
        }),
      )
    },
    hold: (isHeld) => gate.hold(isHeld),
    async read(place: FilePlace, size, bearer): Promise<FileResult> {
      const query = size === 'small' ? '?size=small' : ''
      const silence = silenceOf(SILENT_MS)
      const received = new Received()
      try {
        for (;;) {
          await gate.opened(silence.signal)
          if (silence.signal.aborted) return unreachable()
          const closed = gate.closing()
          const headers: Record<string, string> = received.size > 0 ? { Range: `bytes=${received.size}-` } : {}
          const signal = AbortSignal.any([silence.signal, closed])
          const response = await ask(filePath(place), query, { bearer, signal, headers })
          const result = response instanceof Response ? await received.take(response, silence.heard) : response
          if (result.ok || silence.signal.aborted || !closed.aborted) return result
        }
      } finally {
        silence.end()
      }
    },
  }
}

/** Shut while something urgent is on its way. */
class Gate {
  #closing = new AbortController()
  #open: (() => void) | null = null
  #opened = Promise.resolve()

  hold(isHeld: boolean): void {
    if (isHeld === this.#closing.signal.aborted) return
    if (isHeld) {
      this.#opened = new Promise((resolve) => (this.#open = resolve))
      this.#closing.abort()
    } else {
      this.#closing = new AbortController()
      this.#open?.()
    }
  }

  /** Aborts when it is shut the next time. */
  closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Resolves when it is open, or nobody waits any more. */
  opened(given: AbortSignal): Promise<unknown> {
    return Promise.race([this.#opened, new Promise((resolve) => given.addEventListener('abort', resolve))])
  }
}

function within(ms: number, signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ms)])
}

interface Silence {
  /** Aborts once nothing was heard for so long. */
  readonly signal: AbortSignal
  readonly heard: () => void
  readonly end: () => void
}

/** A file takes as long as it takes, on a link that still brings bytes. */
function silenceOf(ms: number): Silence {
  const cut = new AbortController()
  const arm = () => setTimeout(() => cut.abort(), ms)
  let timer = arm()
  return {
    signal: cut.signal,
    heard() {
      clearTimeout(timer)
      timer = arm()
    },
    end: () => clearTimeout(timer),
  }
}

/** What has come of a file, over as many answers as it takes. */
class Received {
  #parts: Uint8Array<ArrayBuffer>[] = []
  size = 0

  /** No more than a file may have, whoever answers. */
  async take(response: Response, heard: () => void): Promise<FileResult> {
    const type = v.safeParse(AttachmentType, response.headers.get('Content-Type')?.split(';')[0]?.trim())
    if (!type.success || response.body === null) return unreachable()
    if (!this.#goesOn(response)) this.#parts = []
    this.size = this.#parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
    try {
      const reader = response.body.getReader()
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        heard()
        this.size += next.value.byteLength
        if (this.size > LIMITS.maxAttachmentBytes) {
          await reader.cancel()
          return refuse('file-too-large')
        }
        this.#parts.push(next.value)
      }
    } catch {
      return unreachable() // the line broke in the middle, or something urgent did
    }
    return { ok: true, value: { type: type.output, bytes: this.#whole() } }
  }

  /** A server of before, or a proxy, begins anew. */
  #goesOn({ status, headers }: Response): boolean {
    return status === 206 && headers.get('Content-Range')?.startsWith(`bytes ${this.size}-`) === true
  }

  #whole(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.size)
    let at = 0
    for (const part of this.#parts) {
      whole.set(part, at)
      at += part.byteLength
    }
    return whole
  }
}
