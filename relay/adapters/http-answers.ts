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

/** A newer server may refuse with a code that is not in our table: what its status says is what we do about it. */
function codeOf(status: number): Refusal['code'] {
  if (status === 401) return 'session-ended'
  if (status === 403) return 'forbidden'
  if (status === 429) return 'rate-limited'
  return status >= 500 ? 'unavailable' : 'bad-request'
}
