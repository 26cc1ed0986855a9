import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import { clientOf, proxiesOf, type Client } from '../core/client-address.ts'
import { pacedLog } from '../core/paced-log.ts'
import { RecentSources } from '../core/recent-sources.ts'
import type { Entrance } from './entrance.ts'
import type { HttpSettings } from './http-settings.ts'
import { sendProblem } from './problems.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Where it came from, for limits and the log. */
    client: Client
  }
  interface FastifyContextConfig {
    /** Answers while the server stops, too. */
    servesDrain?: boolean
  }
}

/** Before anything else, so that every limit can count by it. */
export function identifyClients(app: FastifyInstance, { trustProxy }: Pick<HttpSettings, 'trustProxy'>): void {
  const proxies = proxiesOf(trustProxy)
  /** Without a proxy whoever is at the other end of a connection is its client, for all requests of it. */
  const known = new WeakMap<object, Client>()
  app.decorateRequest('client')
  app.addHook('onRequest', (request, _reply, done) => {
    const { socket, headers } = request
    const client = known.get(socket) ?? clientOf(socket.remoteAddress, headers, proxies)
    if (proxies.length === 0) known.set(socket, client)
    request.client = client
    done()
  })
}

/** Letters of a name of DNS. */
const MAX_NAME = 253

/** What is asked of every request before anything else looks at it. `now`: milliseconds. */
export function guardRequests(app: FastifyInstance, entrance: Entrance, now: () => number): void {
  const say = pacedLog(app.log, now)
  // A name that is asked for again and again is told once, and again after a minute of quiet.
  const told = new RecentSources()
  let draining = false
  app.addHook('preClose', async () => {
    draining = true
  })
  app.addHook('onRequest', async (request, reply) => {
    const refused = entrance.admits(request)
    if (refused === 'bad-host') warn(request)
    if (refused !== null) return sendProblem(reply, refuse(refused))
    if (draining && request.routeOptions.config.servesDrain !== true) {
      void reply.header('connection', 'close')
      return sendProblem(reply, refuse('unavailable', 'The server is stopping.'), 1000)
    }
    // GET and HEAD change nothing, and a foreign page cannot read the answer (CORP, no CORS).
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    const foreign = isRead ? null : entrance.admitsPage(request)
    return foreign === null ? undefined : sendProblem(reply, refuse(foreign))
  })

  /** An administrator who forgot a name finds it here; the answer repeats nothing that was sent. Anybody can make up more. */
  function warn({ headers, client }: FastifyRequest): void {
    const host = (headers.host ?? '').slice(0, MAX_NAME)
    const isTold = told.has(host, now())
    told.note(host, now())
    const todo = 'If it is yours: --hosts'
    if (!isTold) say('warn', { event: 'host-refused', code: 'bad-host', host, from: client.address, todo })
  }
}
