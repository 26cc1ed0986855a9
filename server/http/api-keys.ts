import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import type { ApiKeyRow } from '../ports/site.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import { bearerOf } from './bearer.ts'
import { sha256 } from './hashes.ts'
import { Refused, sendProblem } from './problems.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key of `Authorization: Bearer`, on routes that take one; null when it is missing or not known. */
    apiKey: ApiKeyRow | null
  }
}

/** Looks up the key of every request of this scope, if it has one. */
export function readApiKey(app: FastifyInstance, store: Pick<StoreAdministration, 'apiKeyByHash'>): void {
  app.addHook('onRequest', async (request) => {
    const bearer = bearerOf(request)
    request.apiKey = bearer === null ? null : await store.apiKeyByHash(sha256(bearer))
  })
}

/**
 * Every route of this scope needs an API key. Looked up first, so that the rate limit counts by key; refused after the rate
 * limit, so that guessing keys is limited, too, and before the body, so that nobody else's is read (X8).
 */
export function requireApiKey(app: FastifyInstance, store: Pick<StoreAdministration, 'apiKeyByHash'>): void {
  readApiKey(app, store)
  app.addHook('preParsing', async (request, reply) => {
    if (request.apiKey !== null) return
    void reply.header('www-authenticate', 'Bearer')
    throw new Refused(refuse('bad-key'))
  })
}

export function refuseKey(reply: FastifyReply, message?: string): FastifyReply {
  void reply.header('www-authenticate', 'Bearer')
  return sendProblem(reply, refuse('bad-key', message))
}

/** `preParsing` of a route: refuses everybody but the key of an administrator of every area, before the body is read. */
export async function administratorsOnly(request: FastifyRequest): Promise<void> {
  const { role, areas } = keyOf(request)
  if (role === 'admin' && areas.includes('*')) return
  throw new Refused(refuse('forbidden', 'Only the key of an administrator of every area may do this.'))
}

/** The key of a request that `requireApiKey` let pass. */
export function keyOf(request: FastifyRequest): ApiKeyRow {
  if (request.apiKey === null) throw new Refused(refuse('bad-key'))
  return request.apiKey
}
