import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { HttpOptions } from './options.ts'

/** Counts and times every request by route (never by address: an unknown one is `none`), and logs what failed. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const labelNames = ['method', 'route', 'status'] as const
  const count = new Counter({
    name: 'andon_http_requests_total',
    help: 'HTTP requests answered.',
    labelNames,
    registers: [registry],
  })
  const seconds = new Histogram({
    name: 'andon_http_request_seconds',
    help: 'Time from request to answer.',
    labelNames: ['route'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
    registers: [registry],
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    count.inc({ method: request.method, route, status: reply.statusCode })
    seconds.observe({ route }, reply.elapsedTime / 1000)
    request.log.debug({
      event: 'http-answered',
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    })
  })
}

/** What the gateway holds, read when somebody asks. */
export function measureGateway(registry: Registry, counts: HttpOptions['counts']): void {
  for (const [name, help, of] of [
    ['andon_connections', 'Connections of `/sync`.', 'connections'],
    ['andon_subscriptions', 'Subscriptions of all connections.', 'subscriptions'],
    ['andon_waiting_bytes', 'Bytes handed to sockets and not yet written.', 'waitingBytes'],
    ['andon_receipts_dropped', 'Receipts of alerts that are not known.', 'receiptsDropped'],
    ['andon_silent_connections', 'Connections of `/sync` that have not said hello.', 'silent'],
    ['andon_greeting_connections', 'Connections of `/sync` whose hello is being looked at.', 'greeting'],
    ['andon_turned_away', 'Connections told to come back because the door was full.', 'turnedAway'],
    ['andon_gave_way', 'Silent connections closed to make room for others.', 'gaveWay'],
    ['andon_held_bytes', 'Bytes of frames of `/sync` that are not whole.', 'heldBytes'],
    ['andon_held_too_much', 'Connections closed because too many such bytes were held.', 'heldTooMuch'],
    ['andon_upgrades_refused', 'Upgrades answered with a problem.', 'upgradesRefused'],
    ['andon_links_refused', 'Links by requests that were refused with a problem.', 'linksRefused'],
    ['andon_left_plain', 'Frames that were not deflated because too many waited for it.', 'leftPlain'],
    ['andon_sockets', 'Open sockets of the server.', 'sockets'],
    ['andon_sockets_refused', 'Sockets closed at once because there were as many as may be.', 'socketsRefused'],
    ['andon_sockets_cut', 'Sockets closed to make room for others.', 'socketsCut'],
  ] as const) {
    const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(counts()[of]) })
  }
  const links: Gauge<'way'> = new Gauge({
    name: 'andon_links',
    help: 'Connections of `/sync` by the way their frames come and go.',
    labelNames: ['way'],
    registers: [registry],
    collect: () => {
      for (const [way, count] of Object.entries(counts().links)) links.set({ way }, count)
    },
  })
}

/** How fine the delay of the loop is sampled; each sample wakes the process, and at 10 ms that is what an idle server does all day. */
const LOOP_DELAY_MS = 100

/** The process's own numbers, once per registry. */
export function measureProcess(registry: Registry): void {
  if (registry.getSingleMetric('process_cpu_user_seconds_total') === undefined)
    collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_DELAY_MS })
}
