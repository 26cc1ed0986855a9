import { readFileSync } from 'node:fs'
import cookie from '@fastify/cookie'
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import { adminRoutes } from './admin.ts'
import { alertRoutes } from './alerts.ts'
import { requireApiKey } from './api-keys.ts'
import { healthRoutes } from './health.ts'
import { acceptJsonBodies } from './json-bodies.ts'
import { jwksRoute } from './jwks.ts'
import { HTTP_LIMITS } from './limits.ts'
import { equipmentRoutes } from './equipment.ts'
import { describedRoute, describeRoutes } from './openapi.ts'
import type { HttpOptions } from './options.ts'
import { operatorRoutes } from './operators.ts'
import { orderRoutes } from './orders.ts'
import { answerBrokenRequest, answerErrors, sendProblem } from './problems.ts'
import { limitRates } from './rate-limits.ts'
import { guardRequests } from './request-gate.ts'
import { measureGateway, measureProcess, measureRequests } from './request-metrics.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { sessionRoutes } from './sessions.ts'
import { measureReviews, reviewRoutes } from './reviews.ts'
import { servePages } from './static-pages.ts'
import { historyRoute } from './telemetry-history.ts'
import { intakeRoute } from './telemetry.ts'
import { measureTelemetry } from './telemetry-metrics.ts'

/**
 * The HTTP half of the server, not yet listening: `app.server` is there for the upgrade of `/sync`, `app.listen` starts it,
 * `app.close` drains it. Rejects when the TLS files cannot be read.
 *
 * The order is the design. For every request: headers, numbers, gate. Within `/api`, then: who asks, how often, and only
 * then the body.
 */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const { config, metrics, store, tokens, version } = options
  const app = createApp(options)
  app.decorateRequest('apiKey', null)
  answerErrors(app)
  acceptJsonBodies(app)
  await addSecurityHeaders(app, { isTls: config.tls !== null })
  measureProcess(metrics)
  measureGateway(metrics, options.counts)
  measureTelemetry(metrics, options)
  measureReviews(metrics, store)
  measureRequests(app, metrics)
  guardRequests(app, config)
  await app.register(cookie)
  await describeRoutes(app, { version })

  healthRoutes(app, options)
  jwksRoute(app, tokens)
  await app.register(async (api) => {
    api.addHook('onRequest', async (_request, reply) => {
      void reply.header('cache-control', 'no-store')
    })
    describedRoute(api)
    await api.register(async (people) => {
      await limitRates(people)
      sessionRoutes(people, options)
    })
    await api.register(async (programs) => {
      await limitRates(programs)
      requireApiKey(programs, store)
      alertRoutes(programs, options)
      orderRoutes(programs, options)
      operatorRoutes(programs, options)
      adminRoutes(programs, options)
      reviewRoutes(programs, options)
      equipmentRoutes(programs, options)
      intakeRoute(programs, options)
    })
    await api.register(async (readers) => {
      await limitRates(readers)
      historyRoute(readers, options)
    })
  })
  await servePages(app, options)
  return app
}

function createApp({ config, log }: HttpOptions): FastifyInstance {
  const common = {
    loggerInstance: log as FastifyBaseLogger,
    // Our own line per request says less and enough (`measureRequests`).
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: HTTP_LIMITS.maxBodyBytes,
    requestTimeout: HTTP_LIMITS.requestMs,
    // The gate answers while closing, in our words instead of Fastify's.
    return503OnClosing: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (_error: unknown, _request: unknown, reply: Parameters<typeof sendProblem>[0]) => {
      sendProblem(reply, refuse('not-found', 'This address is not well-formed.'))
    },
  }
  if (config.tls === null) return fastify(common)
  const https = { cert: readFileSync(config.tls.cert), key: readFileSync(config.tls.key) }
  // The same app on another kind of socket; nothing here or above touches what differs.
  return fastify({ ...common, https })
}
