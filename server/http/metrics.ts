import type { FastifyInstance } from 'fastify'
import { readApiKey, refuseKey } from './api-keys.ts'
import { isLocalRequest } from './demo-gate.ts'
import type { HttpOptions } from './options.ts'
import { limitRates } from './rate-limits.ts'
import { WITH_KEY } from './schemas.ts'

/**
 * `GET /metrics` for Prometheus: to this machine, or to whoever has an API key. The numbers tell how many screens there are,
 * which routes are used and how far the store is: what somebody wants to know who means harm. A request that a proxy on this
 * machine forwards for somebody else is not local (X6).
 */
export async function metricsRoute(app: FastifyInstance, { store, metrics }: HttpOptions): Promise<void> {
  await limitRates(app)
  readApiKey(app, store)
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['health'],
        security: WITH_KEY,
        summary: 'Prometheus metrics; without an API key for this machine only',
        produces: ['text/plain'],
      },
    },
    async (request, reply) => {
      if (request.apiKey === null && !isLocalRequest(request.socket.remoteAddress, request.headers))
        return refuseKey(reply, 'From another machine the metrics need an API key ("Authorization: Bearer").')
      return reply.type(metrics.contentType).send(await metrics.metrics())
    },
  )
}
