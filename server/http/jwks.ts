import type { FastifyInstance } from 'fastify'
import type { Tokens } from '../ports/tokens.ts'

/** The public keys of access tokens (RFC 7517), for other programs that want to check them. */
export function jwksRoute(app: FastifyInstance, tokens: Tokens): void {
  app.get(
    '/.well-known/jwks.json',
    { schema: { tags: ['sessions'], summary: 'Public keys of access tokens' } },
    async (_request, reply) => reply.header('cache-control', 'public, max-age=300').send(tokens.jwks()),
  )
}
