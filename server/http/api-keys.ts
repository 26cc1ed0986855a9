import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import type { ApiKeyRow, Store } from '../ports/store.ts'
import { bearerOf } from './bearer.ts'
import { sha256 } from './hashes.ts'
import { Refused, sendProblem } from './problems.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key of `Authorization: Bearer`, on routes that take one; null when it is missing or not known. */
    apiKey: ApiKeyRow | null
  }
}

/**
 * Every route of this scope needs an API key. Looked up first, so that the rate limit counts by key; refused after the rate
 * limit, so that guessing keys is limited, too.
 */
export function requireApiKey(app: FastifyInstance, store: Pick<Store, 'apiKeyByHash'>): void {
  app.addHook('onRequest', async (request) => {
    const bearer = bearerOf(request)
    request.apiKey = bearer === null ? null : await store.apiKeyByHash(sha256(bearer))
  })
  app.addHook('preValidation', async (request, reply) => {
    if (request.apiKey !== null) return undefined
    void reply.header('www-authenticate', 'Bearer')
    return sendProblem(reply, refuse('bad-key'))
  })
}

/** Refuses everybody but the key of an administrator of every area. */
export function requireAdministrator(request: FastifyRequest): void {
  const { role, areas } = keyOf(request)
  if (role === 'admin' && areas.includes('*')) return
  throw new Refused(refuse('forbidden', 'Only the key of an administrator of every area may do this.'))
}

/** The key of a request that `requireApiKey` let pass. */
export function keyOf(request: FastifyRequest): ApiKeyRow {
  if (request.apiKey === null) throw new Refused(refuse('bad-key'))
  return request.apiKey
}
