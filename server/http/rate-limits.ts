import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import { HTTP_LIMITS } from './limits.ts'
import { Refused } from './problems.ts'

const WINDOW_MS = 60_000

/**
 * Counts every route of this scope, before its body is read: by API key once that is known to be one, else by address. The
 * library counts in a hook of each route, and those run behind the hooks of the scope, so the key was looked up.
 */
export async function limitRates(app: FastifyInstance): Promise<void> {
  await app.register(rateLimit, {
    hook: 'onRequest',
    timeWindow: WINDOW_MS,
    cache: HTTP_LIMITS.countedSources,
    max: (request) => (keyOf(request) === null ? HTTP_LIMITS.perAddress : HTTP_LIMITS.perKey),
    keyGenerator: (request) => {
      const key = keyOf(request)
      return key === null ? `address ${request.client.source}` : `key ${key}`
    },
    errorResponseBuilder: () => new Refused(refuse('rate-limited')),
  })
}

/** A limit of one route, by address; of IPv6 by /64 (`clientOf`). */
export function perAddress(max: number) {
  return { max, timeWindow: WINDOW_MS, keyGenerator: (request: FastifyRequest) => `address ${request.client.source}` }
}

function keyOf(request: FastifyRequest): string | null {
  return request.apiKey?.id ?? null
}
