import type { FastifyInstance } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import { isLocalRequest } from './demo-gate.ts'
import type { HttpSettings } from './options.ts'
import { originAllowed } from './origin.ts'
import { sendProblem } from './problems.ts'

/** What is asked of every request before anything else looks at it. */
export function guardRequests(app: FastifyInstance, config: HttpSettings): void {
  const isLocalOnly = config.demo && !config.demoOpen
  const isTls = config.tls !== null
  let draining = false
  app.addHook('preClose', async () => {
    draining = true
  })
  app.addHook('onRequest', async (request, reply) => {
    const { headers } = request
    if (isLocalOnly && !isLocalRequest(request.socket.remoteAddress, headers)) {
      return sendProblem(reply, refuse('demo-loopback-only'))
    }
    if (draining) {
      void reply.header('connection', 'close')
      return sendProblem(reply, refuse('unavailable', 'The server is stopping.'), 1000)
    }
    // GET and HEAD change nothing, and a foreign page cannot read the answer (CORP, no CORS).
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead && !originAllowed(headers.origin, headers.host, isTls, config.origins)) {
      return sendProblem(reply, refuse('bad-origin'))
    }
    return undefined
  })
}
