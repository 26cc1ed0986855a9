import type { ErrorCode } from '../protocol/errors.ts'
import { codeOfProblem } from './problem-code.ts'
import { apiUrl } from './sync-url.ts'

/** Patience with the answer, milliseconds: the next attempt waits for it. */
const PATIENCE_MS = 2_000

/**
 * Why a WebSocket does not open, asked over plain HTTP: a browser tells a page nothing about it, and what cuts a request off
 * tells nobody. `origin`: of the page, where there is one. Null where the server does not answer either, or what answers is not
 * ours. Never rejects.
 */
export async function whyNotOpen(base: string, origin: string | null = null): Promise<ErrorCode | null> {
  const url = apiUrl(base, 'uplink')
  if (url === null) return null
  try {
    const response = await fetch(origin === null ? url : `${url}?origin=${encodeURIComponent(origin)}`, {
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const text = await response.text()
    // It answers, and knows of nothing: the request for the uplink never came to it.
    if (response.ok) return isUplinkAnswer(text) ? 'upgrade-blocked' : null
    return codeOfProblem(text)
  } catch {
    return null // nobody there
  }
}

/**
 * The same of a stream that nobody answered. Where the server answers everything else, something on the way did that, and takes
 * no response that does not end; what the server knows of Upgrades says nothing of it.
 */
export async function whyNoStream(base: string, origin: string | null = null): Promise<ErrorCode | null> {
  const why = await whyNotOpen(base, origin)
  return why === 'upgrade-blocked' || why === 'upgrade-missing' ? 'foreign-answer' : why
}

function isUplinkAnswer(text: string): boolean {
  try {
    const answer = JSON.parse(text) as unknown
    return typeof answer === 'object' && answer !== null && 'uplink' in answer
  } catch {
    return false // somebody else's page
  }
}
