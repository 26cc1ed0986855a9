import type { FastifyReply, FastifyRequest } from 'fastify'
import type { HttpSettings } from './http-settings.ts'
import type { Grant } from './session-grants.ts'

const NAME = 'andon-refresh'
const PATH = '/api/sessions'

/** Of the floor below this base. A cookie's name takes no `/` (RFC 6265 §4.1.1), and a base no `+`. */
function nameOf({ publicUrl }: HttpSettings): string {
  return `${NAME}${(publicUrl?.basePath ?? '').replaceAll('/', '+')}`
}

/**
 * Out of reach of scripts, of other sites and of every other route; and never sent in the clear where the page itself came
 * encrypted, be it from us or through a proxy (then only its Origin tells).
 */
function attributes({ request }: FastifyReply, config: HttpSettings) {
  const secure = config.tls !== null || request.headers.origin?.startsWith('https://') === true
  return { path: `${config.publicUrl?.basePath ?? ''}${PATH}`, httpOnly: true, sameSite: 'strict', secure } as const
}

/** Whether the caller keeps the refresh token itself (the kiosk, the headless relay) instead of a browser's cookie. */
export function wantsTokenInBody(request: FastifyRequest): boolean {
  return request.headers['andon-refresh'] === 'body'
}

export function readRefreshCookie(request: FastifyRequest, config: HttpSettings): string | null {
  return request.cookies[nameOf(config)] ?? null
}

export function setRefreshCookie(reply: FastifyReply, grant: Grant, config: HttpSettings): void {
  void reply.setCookie(nameOf(config), grant.refreshToken, {
    ...attributes(reply, config),
    maxAge: Math.floor(grant.lastsMs / 1000),
  })
}

export function clearRefreshCookie(reply: FastifyReply, config: HttpSettings): void {
  void reply.clearCookie(nameOf(config), attributes(reply, config))
}
