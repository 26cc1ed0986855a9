import * as v from 'valibot'
import { isErrorCode, refuse, type Refusal } from '../protocol/errors.ts'
import type { SessionFailure } from '../ports.ts'

const Problem = v.object({ code: v.string(), detail: v.optional(v.string()) })

export function unreachable(): Extract<SessionFailure, { code: 'unreachable' }> {
  return { ok: false, code: 'unreachable', message: 'The server did not answer. Check the network and try again.' }
}

export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return null // a proxy's page, or the line broke in the middle: no answer of Andon's either way
  }
}

/** What an answer that is no success says: a problem (RFC 9457) of ours, or nothing we know. */
export function problemIn(status: number, answer: unknown): SessionFailure {
  const parsed = v.safeParse(Problem, answer)
  if (!parsed.success) return unreachable()
  const { code, detail } = parsed.output
  return refuse(isErrorCode(code) ? code : codeOf(status), detail)
}

/** How long the server may take to answer, milliseconds. */
const TIMEOUT_MS = 10_000

/** Reads an address of the server as a person. Every answer is checked; what is not Andon's own is `unreachable`. */
export async function readAs<T>(
  bearer: string,
  {
    url,
    schema,
    call,
  }: { readonly url: string; readonly schema: v.GenericSchema<unknown, T>; readonly call: typeof fetch },
): Promise<{ readonly ok: true; readonly value: T } | SessionFailure> {
  let response: Response
  try {
    response = await call(url, {
      headers: { Authorization: `Bearer ${bearer}`, Accept: 'application/json' },
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error', // a captive portal: never hand it a token
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch {
    return unreachable() // no route, no answer in time, a refused certificate: for the person all one
  }
  const answer = await readJson(response)
  if (!response.ok) return problemIn(response.status, answer)
  const parsed = v.safeParse(schema, answer)
  return parsed.success ? { ok: true, value: parsed.output } : unreachable()
}

/** A newer server may refuse with a code that is not in our table: what its status says is what we do about it. */
function codeOf(status: number): Refusal['code'] {
  if (status === 401) return 'session-ended'
  if (status === 403) return 'forbidden'
  if (status === 429) return 'rate-limited'
  return status >= 500 ? 'unavailable' : 'bad-request'
}
