import type { IncomingMessage } from 'node:http'
import type { Server as TlsServer } from 'node:tls'
import cookie from '@fastify/cookie'
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import { adminRoutes } from './admin.ts'
import { alertRoutes } from './alerts.ts'
import { requireApiKey } from './api-keys.ts'
import { keepPagesBelow, withoutBase } from './base-path.ts'
import { attachmentRoutes } from './attachments.ts'
import { asyncApiRoute } from './asyncapi.ts'
import { MIN_TLS, type Certificate, type TlsPair } from './certificate.ts'
import { healthRoutes } from './health.ts'
import { acceptJsonBodies, ignoreBodies } from './json-bodies.ts'
import { jwksRoute } from './jwks.ts'
import { HTTP_LIMITS, HTTP_PATIENCE } from './limits.ts'
import { equipmentRoutes } from './equipment.ts'
import { describedRoute, describeRoutes } from './openapi.ts'
import { metricsRoute } from './metrics.ts'
import type { HttpOptions } from './options.ts'
import { operatorRoutes } from './operators.ts'
import { orderRoutes } from './orders.ts'
import { answerPlainHttp } from './plain-http.ts'
import { answerBrokenRequest, answerErrors, sendProblem } from './problems.ts'
import { limitRates } from './rate-limits.ts'
import { readNumbers } from './read-numbers.ts'
import { letRefusalsBeRead } from './read-refusals.ts'
import { guardRequests, identifyClients } from './request-gate.ts'
import { measureGateway, measureProcess, measureRequests } from './request-metrics.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { searchRoute } from './search.ts'
import { sessionRoutes } from './sessions.ts'
import { measureDevices } from './device-metrics.ts'
import { measureReviews, reviewRoutes } from './reviews.ts'
import { measureTimers } from './timer-metrics.ts'
import { servePages } from './static-pages.ts'
import { talkPastRoute } from './talk-past.ts'
import { historyRoute } from './telemetry-history.ts'
import { intakeRoute } from './telemetry.ts'
import { measureTelemetry } from './telemetry-metrics.ts'
import { uplinkRoutes } from './uplink.ts'
import { wayRoutes } from './way-routes.ts'

/**
 * The HTTP half of the server, not yet listening: `app.server` is there for the upgrade of `/sync`, `app.listen` starts it,
 * `app.close` drains it.
 *
 * The order is the design. For every request: who, headers, numbers, gate. Within `/api`, then: who asks, how often, whether
 * they may, and only then the body, of which a route takes little unless it says otherwise (X8).
 */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { config, metrics, store, tokens, version } = options
  const app = createApp(options)
  app.decorateRequest('apiKey', null)
  if (options.certificate !== null) keepCertificate(app, options.certificate, options)
  identifyClients(app, config)
  answerErrors(app)
  ignoreBodies(app)
  letRefusalsBeRead(app)
  await addSecurityHeaders(app, { isTls: config.tls !== null })
  measureProcess(metrics)
  measureGateway(metrics, options.counts)
  measureTelemetry(metrics, options)
  measureReviews(metrics, store)
  measureDevices(metrics, store)
  measureTimers(metrics, store)
  measureRequests(app, metrics)
  guardRequests(app, options.entrance, () => options.clock.now())
  keepPagesBelow(app, config.publicUrl)
  await app.register(cookie)
  await describeRoutes(app, { version, publicUrl: config.publicUrl })

  healthRoutes(app, options)
  await app.register(async (scope) => metricsRoute(scope, options))
  jwksRoute(app, tokens)
  uplinkRoutes(app, options)
  wayRoutes(app, options.ways)
  await app.register(async (api) => {
    api.addHook('onRequest', async (_request, reply) => {
      void reply.header('cache-control', 'no-store')
    })
    describedRoute(api)
    asyncApiRoute(api, { version, publicUrl: config.publicUrl })
    await api.register(async (people) => {
      await limitRates(people)
      acceptJsonBodies(people)
      sessionRoutes(people, options)
    })
    await api.register(async (programs) => {
      await limitRates(programs)
      requireApiKey(programs, store)
      acceptJsonBodies(programs)
      alertRoutes(programs, options)
      orderRoutes(programs, options)
      operatorRoutes(programs, options)
      adminRoutes(programs, options)
      reviewRoutes(programs, options)
      equipmentRoutes(programs, options)
      await programs.register(async (gateways) => {
        acceptJsonBodies(gateways, readNumbers)
        intakeRoute(gateways, options)
      })
    })
    await api.register(async (readers) => {
      await limitRates(readers)
      historyRoute(readers, options)
      searchRoute(readers, options)
      talkPastRoute(readers, options)
      attachmentRoutes(readers, options)
    })
  })
  await servePages(app, options)
  return app
}

/** Shows each successor of the certificate from then on, and tells plain HTTP where to go. */
function keepCertificate(app: FastifyInstance, certificate: Certificate, options: HttpOptions): void {
  // A server of TLS under the type of a plain one, as Fastify has both.
  const server = app.server as unknown as TlsServer
  const release = certificate.watch((pair) => server.setSecureContext({ ...tlsOf(pair), minVersion: MIN_TLS }))
  app.addHook('onClose', async () => release())
  const { publicUrl } = options.config
  answerPlainHttp(app.server, {
    waitMs: (options.patience ?? HTTP_PATIENCE).headersMs,
    publicAddress: publicUrl === null ? null : `${publicUrl.origin}${publicUrl.basePath}/`,
  })
}

function tlsOf({ cert, key }: TlsPair): Pick<TlsPair, 'cert' | 'key'> {
  return { cert, key }
}

function createApp({ config, certificate, log, patience = HTTP_PATIENCE }: HttpOptions): FastifyInstance {
  const common = {
    loggerInstance: log as FastifyBaseLogger,
    // Our own line per request says less and enough (`measureRequests`).
    logController: new LogController({ disableRequestLogging: true }),
    rewriteUrl: withoutBase(config.publicUrl),
    bodyLimit: HTTP_LIMITS.maxSmallBytes,
    requestTimeout: patience.requestMs,
    keepAliveTimeout: HTTP_LIMITS.restMs,
    // The gate answers while closing, in our words instead of Fastify's.
    return503OnClosing: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (_error: unknown, _request: unknown, reply: Parameters<typeof sendProblem>[0]) => {
      sendProblem(reply, refuse('not-found', 'This address is not well-formed.'))
    },
  }
  const times = {
    headersTimeout: patience.headersMs,
    connectionsCheckingInterval: patience.checkMs,
    shouldUpgradeCallback: wantsWebSocket,
  }
  if (certificate === null) return fastify({ ...common, http: times })
  const handshakeTimeout = patience.headersMs
  const https = { ...times, handshakeTimeout, ...tlsOf(certificate.pair), minVersion: MIN_TLS } as const
  // The same app on another kind of socket; nothing here or above touches what differs.
  return fastify({ ...common, https })
}

/**
 * Everything else that asks to become something else goes on as the request it is (RFC 9110 §7.8): clients of Java ask so for
 * HTTP/2 in every request. Node before 24.9 hands those to the door of WebSockets, which knows no such address.
 */
function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}
