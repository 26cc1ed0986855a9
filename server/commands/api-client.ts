import * as v from 'valibot'
import { isCertificateCode } from '../../relay/protocol/certificate-codes.ts'

/** Long enough for a busy server, short enough for a person at a terminal. */
const PATIENCE_MS = 10_000

export type Answer = { readonly ok: true; readonly body: unknown } | { readonly ok: false; readonly message: string }

const Problem = v.object({ code: v.string(), detail: v.string() })

/** One request to the HTTP API; whatever goes wrong is one sentence. */
export async function callApi(
  { server, key }: { readonly server: string; readonly key: string },
  { method, path, body, idempotencyKey }: { method: string; path: string; body?: unknown; idempotencyKey?: string },
): Promise<Answer> {
  const url = `${server.replace(/\/+$/, '')}${path}`
  let response: Response
  let content: string
  try {
    response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    content = await response.text()
  } catch (error) {
    return { ok: false, message: unreachable(server, error) }
  }
  const answer = parse(content)
  if (response.ok && answer !== undefined) return { ok: true, body: answer }
  return { ok: false, message: apiProblem(server, response.status, content) }
}

/** What an answer that is no success says, as one sentence. */
export function apiProblem(server: string, status: number, content: string): string {
  const problem = v.safeParse(Problem, parse(content))
  if (problem.success) return `${problem.output.detail} (${problem.output.code})`
  return `What answers at ${server} is not Andon (HTTP ${status}); check --server.`
}

/** Why a request had no answer, as one sentence. */
export function unreachable(server: string, error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') {
    return `The server at ${server} did not answer within ${PATIENCE_MS / 1000} seconds.`
  }
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (isCertificateCode(code)) return untrusted(server, code)
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return `What answers at ${server} speaks no HTTPS; name it with http://, or check the port.`
  const why = code === '' || code === 'ECONNREFUSED' ? '' : ` (${code})`
  return `No server answers at ${server}${why}; start it with "andon server", or name another with --server.`
}

/** A server whose certificate this machine does not accept is there all the same. */
export function untrusted(server: string, code: string): string {
  return `The certificate of ${server} is not trusted on this machine (${code}); name the file of its authority in NODE_EXTRA_CA_CERTS, and use the name that is in it.`
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content) as unknown
  } catch {
    return undefined // not ours: the caller says so
  }
}
