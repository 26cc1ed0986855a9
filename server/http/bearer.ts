import type { FastifyRequest } from 'fastify'
import { HTTP_LIMITS } from './limits.ts'

/** The bearer of `Authorization` (RFC 6750), null when there is none or it is too long to be one. */
export function bearerOf(request: FastifyRequest): string | null {
  const bearer = /^Bearer +([^\s]+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  return bearer === undefined || bearer.length > HTTP_LIMITS.maxToken ? null : bearer
}
