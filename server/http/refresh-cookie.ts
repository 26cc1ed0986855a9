import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpSettings } from './options.ts'
import type { Grant } from './session-grants.ts'

const NAME = 'andon-refresh'
const PATH = '/api/sessions'

/**
 * Out of reach of scripts, of other sites and of every other route; and never sent in the clear where the page itself came
 * encrypted, be it from us or through a proxy (then only its Origin tells).
 */
function attributes({ request }: FastifyReply, config: HttpSettings) {
  const secure = config.tls !== null || request.headers.origin?.startsWith('https://') === true
  return { path: PATH, httpOnly: true, sameSite: 'strict', secure } as const
}

/** Whether the caller keeps the refresh token itself (the kiosk, the headless relay) instead of a browser's cookie. */
export function wantsTokenInBody(request: FastifyRequest): boolean {
  return request.headers['andon-refresh'] === 'body'
}

export function readRefreshCookie(request: FastifyRequest): string | null {
  return request.cookies[NAME] ?? null
}

export function setRefreshCookie(reply: FastifyReply, grant: Grant, config: HttpSettings): void {
  void reply.setCookie(NAME, grant.refreshToken, {
    ...attributes(reply, config),
    maxAge: Math.floor(grant.lastsMs / 1000),
  })
}

export function clearRefreshCookie(reply: FastifyReply, config: HttpSettings): void {
  void reply.clearCookie(NAME, attributes(reply, config))
}
