import * as v from 'valibot'
import { refuse } from '../protocol/errors.ts'
import { SessionId } from '../protocol/ids.ts'
import { Role } from '../protocol/records.ts'
import { problemIn, readJson, unreachable } from './http-answers.ts'
import { apiUrl } from './sync-url.ts'
import type { SecretPlace, SessionFailure, SessionGrant, SessionPort } from '../ports.ts'

/** How long the server may take to answer, milliseconds. */
const TIMEOUT_MS = 10_000

export interface HttpSessionsOptions {
  readonly serverUrl: string
  /**
   * `cookie`: the browser keeps the refresh token where no script reads it (httpOnly). `memory`: it comes in the answer
   * and stays in this object; after a restart the person signs in again, unless a place is named where it is kept, too.
   */
  readonly refreshToken: 'cookie' | 'memory' | SecretPlace
  /** For tests. */
  readonly fetch?: typeof fetch
}

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Granted = v.object({
  session: SessionId,
  operator: v.string(),
  role: Role,
  areas: v.array(v.string()),
  accessToken: v.string(),
  generation: Count,
  expiresInMs: Count,
  refreshToken: v.optional(v.string()),
})

/** What is kept between two refreshes, and in a `SecretPlace` over a restart. */
const Kept = v.object({ session: SessionId, refreshToken: v.string() })
type Kept = v.InferOutput<typeof Kept>

/** Sign-in over HTTP below `{server}/api/sessions`. Every answer is checked; what is not Andon's own is `unreachable`. */
export function httpSessions(options: HttpSessionsOptions): SessionPort {
  const call = options.fetch ?? fetch
  const isCookie = options.refreshToken === 'cookie'
  const place = typeof options.refreshToken === 'object' ? options.refreshToken : null
  /** Where there is no cookie. */
  let kept: Kept | null = null

  async function keep(next: Kept | null): Promise<void> {
    kept = next
    await place?.write(next === null ? null : JSON.stringify(next))
  }

  async function ask(path: string, body: unknown, deviceToken: string | null): Promise<Response | SessionFailure> {
    const url = apiUrl(options.serverUrl, path)
    if (url === null) return unreachable()
    const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json' }
    if (deviceToken !== null) headers['Authorization'] = `Bearer ${deviceToken}`
    if (!isCookie) headers['Andon-Refresh'] = 'body'
    try {
      return await call(url, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
        credentials: isCookie ? 'same-origin' : 'omit',
        cache: 'no-store',
        redirect: 'error', // a captive portal: never hand it a PIN
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
    } catch {
      return unreachable() // no route, no answer in time, a refused certificate: for the person all one
    }
  }

  async function grant(path: string, body: unknown, deviceToken: string): Promise<SessionGrant | SessionFailure> {
    const response = await ask(path, body, deviceToken)
    if (!(response instanceof Response)) return response
    const answer = await readJson(response)
    if (!response.ok) return problemIn(response.status, answer)
    const parsed = v.safeParse(Granted, answer)
    if (!parsed.success) return unreachable()
    const { refreshToken, ...granted } = parsed.output
    if (!isCookie && refreshToken !== undefined) await keep({ session: granted.session, refreshToken })
    return { ok: true, ...granted }
  }

  return {
    signIn: ({ operator, pin, deviceToken }) => grant('sessions', { operator, pin }, deviceToken),
    async refresh({ session, deviceToken }) {
      if (isCookie) return grant('sessions/refresh', { session }, deviceToken)
      kept ??= readKept(await place?.read())
      if (kept?.session !== session) return refuse('session-ended')
      return grant('sessions/refresh', kept, deviceToken)
    },
    async forget() {
      await keep(null)
      if (isCookie) await ask('sessions/forget', {}, null)
    },
  }
}

/** Null for whatever we have not written. */
function readKept(text: string | null | undefined): Kept | null {
  if (text === null || text === undefined) return null
  try {
    const parsed = v.safeParse(Kept, JSON.parse(text))
    return parsed.success ? parsed.output : null
  } catch {
    return null // not JSON, so not ours
  }
}
