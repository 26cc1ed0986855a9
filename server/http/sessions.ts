import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Counter } from 'prom-client'
import * as v from 'valibot'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import { Segment, SessionId } from '../../relay/protocol/ids.ts'
import { readDevice, requireDevice } from './device-bearer.ts'
import { checkRequest } from './json-bodies.ts'
import { HTTP_LIMITS } from './limits.ts'
import type { HttpOptions } from './options.ts'
import { OwnPinBudget } from './own-pin-budget.ts'
import { PinGate } from './pin-gate.ts'
import { sendProblem } from './problems.ts'
import { perAddress } from './rate-limits.ts'
import { clearRefreshCookie, readRefreshCookie, setRefreshCookie, wantsTokenInBody } from './refresh-cookie.ts'
import { answers, jsonSchema, WITH_DEVICE } from './schemas.ts'
import { openSession, refreshSession, type Grant } from './session-grants.ts'

const SignIn = v.strictObject({
  operator: Segment,
  pin: v.pipe(v.string(), v.minLength(1, 'must not be empty'), v.maxLength(HTTP_LIMITS.maxPin, 'is too long')),
})
const Refresh = v.strictObject({
  session: SessionId,
  refreshToken: v.optional(v.pipe(v.string(), v.maxLength(HTTP_LIMITS.maxToken, 'is too long'))),
})
const ANDON_REFRESH = {
  type: 'object',
  properties: {
    'Andon-Refresh': {
      type: 'string',
      enum: ['body'],
      description: 'Answer the refresh token in the body instead of a cookie.',
    },
  },
}
const shared = { tags: ['sessions'], security: WITH_DEVICE }

/**
 * Sign-in and refresh, by a device that has been greeted. The refresh token goes into a cookie that no script can read, or
 * with `Andon-Refresh: body` to callers that keep it themselves. Signing out is the command `session.end`.
 */
export function sessionRoutes(app: FastifyInstance, options: HttpOptions): void {
  const { store, pins, clock, config } = options
  const devicesOnly = requireDevice(app, options)
  const gate = new PinGate(options.pinBudget ?? new OwnPinBudget(() => clock.now()))
  const signIns = new Counter({
    name: 'andon_sign_ins_total',
    help: 'Sign-ins by how they ended.',
    labelNames: ['end'],
    registers: [options.metrics],
  })

  app.post(
    '/api/sessions',
    {
      config: { rateLimit: perAddress(HTTP_LIMITS.signInsPerAddress) },
      bodyLimit: HTTP_LIMITS.maxSessionBytes,
      preParsing: devicesOnly,
      schema: {
        ...shared,
        summary: 'Sign in',
        headers: ANDON_REFRESH,
        body: jsonSchema(SignIn),
        response: answers(200, 'Signed in'),
      },
    },
    async (request, reply) => {
      const body = checkRequest(SignIn, request.body)
      if (!body.ok) return sendProblem(reply, body)

      const device = readDevice(request)
      const { operator: name, pin } = body.value
      const past = await store.pastSignIns(device.id, name)
      const attempt = { device: device.id, operator: name, source: request.client.source, past }
      const verdict = await gate.decide(attempt, async () => {
        const operator = await store.operator(name)
        const isRight = await pins.verify(operator?.pinHash ?? null, pin)
        return isRight && operator?.status === 'active' ? operator : null
      })
      if (verdict.kind === 'locked') {
        signIns.inc({ end: 'pin-locked' })
        return sendProblem(reply, refuse('pin-locked'), verdict.ms)
      }
      if (verdict.who === null) {
        signIns.inc({ end: 'bad-pin' })
        return sendProblem(reply, refuse('bad-pin'))
      }
      signIns.inc({ end: 'signed-in' })
      return sendGrant({ request, reply, options }, await openSession(options, verdict.who, device.id))
    },
  )

  app.post(
    '/api/sessions/refresh',
    {
      config: { rateLimit: perAddress(HTTP_LIMITS.refreshesPerAddress) },
      bodyLimit: HTTP_LIMITS.maxSessionBytes,
      preParsing: devicesOnly,
      schema: {
        ...shared,
        summary: 'Next access token',
        headers: ANDON_REFRESH,
        body: jsonSchema(Refresh),
        response: answers(200, 'Refreshed'),
      },
    },
    async (request, reply) => {
      const body = checkRequest(Refresh, request.body)
      if (!body.ok) return sendProblem(reply, body)
      const device = readDevice(request)
      const { session, refreshToken } = body.value
      const token = refreshToken ?? readRefreshCookie(request, config)
      return sendGrant(
        { request, reply, options },
        await refreshSession(options, { id: session, token, device: device.id }),
      )
    },
  )

  app.post(
    '/api/sessions/forget',
    { schema: { tags: ['sessions'], summary: 'Clear the refresh cookie' } },
    async (_request, reply) => {
      clearRefreshCookie(reply, config)
      return reply.code(204).send()
    },
  )
}

function sendGrant(
  {
    request,
    reply,
    options,
  }: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly options: HttpOptions },
  granted: Grant | Refusal,
): FastifyReply {
  if (!granted.ok) return sendProblem(reply, granted)
  const { session, operator } = granted
  const answer = {
    session: session.id,
    operator: operator.id,
    role: operator.role,
    areas: operator.areas,
    accessToken: granted.accessToken,
    generation: session.generation,
    expiresInMs: granted.expiresInMs,
  }
  if (wantsTokenInBody(request)) return reply.send({ ...answer, refreshToken: granted.refreshToken })
  setRefreshCookie(reply, granted, options.config)
  return reply.send(answer)
}
