import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import { refuse } from '../../relay/protocol/errors.ts'
import { pacedLog } from '../core/paced-log.ts'
import { RecentSources } from '../core/recent-sources.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'

/** An origin is a scheme, a name and a port. */
const MAX_ORIGIN = 300
const Query = v.object({ origin: v.optional(v.pipe(v.string(), v.maxLength(MAX_ORIGIN))) })

/**
 * What becomes of a WebSocket that does not come through (X20). `GET /sync` is one that lost its `Upgrade` on the way, or a
 * person who looks; `GET /api/uplink?origin=` tells a page whose WebSocket did not open why, which no browser does.
 */
export function uplinkRoutes(
  app: FastifyInstance,
  { entrance, clock, log }: Pick<HttpOptions, 'entrance' | 'clock' | 'log'>,
): void {
  const say = pacedLog(log, () => clock.now())
  const stripped = new RecentSources()
  app.get('/sync', { schema: { hide: true } }, async (request, reply) => {
    const { headers, client } = request
    // Every WebSocket brings a key, and no proxy takes that out: only hop-by-hop headers go (RFC 9110 §7.6.1).
    if (headers['sec-websocket-key'] !== undefined) {
      stripped.note(client.source, clock.now())
      const { via, host } = headers
      say('warn', { event: 'upgrade-missing', code: 'upgrade-missing', address: client.address, host, via })
    }
    void reply.header('upgrade', 'websocket').header('cache-control', 'no-store')
    return sendProblem(reply, refuse('upgrade-missing'))
  })
  app.get(
    '/api/uplink',
    { schema: { tags: ['health'], summary: 'Why a WebSocket of this page does not open' } },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      const query = v.safeParse(Query, request.query)
      if (!query.success) return sendProblem(reply, refuse('bad-request'))
      const { headers, socket, client } = request
      const { origin } = query.output
      const refusal = origin === undefined ? null : entrance.admitsPage({ headers: { ...headers, origin }, socket })
      if (refusal !== null) return sendProblem(reply, refuse(refusal))
      if (stripped.has(client.source, clock.now())) return sendProblem(reply, refuse('upgrade-missing'))
      return reply.send({ uplink: 'nothing is known to be in its way' })
    },
  )
}
