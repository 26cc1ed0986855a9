import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as v from 'valibot'
import { parseChannel } from '../../relay/protocol/channels.ts'
import { check, type Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { Segment } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { Moment } from '../../relay/protocol/moment.ts'
import { canRead } from '../../relay/protocol/rights.ts'
import { telemetryChannel } from '../../relay/protocol/machine-names.ts'
import { SeriesPage } from '../../relay/protocol/telemetry.ts'
import { askerOf } from './askers.ts'
import { HTTP_LIMITS } from './limits.ts'
import type { HttpOptions } from './options.ts'
import { Refused, sendProblem } from './problems.ts'
import { perAddress } from './rate-limits.ts'
import { answers, jsonSchema } from './schemas.ts'

const Address = v.strictObject({ area: Segment, machine: Segment, signal: Segment })
const Points = v.pipe(
  v.string(),
  v.regex(/^\d{1,6}$/, 'must be a whole number'),
  v.transform(Number),
  v.minValue(1),
  v.maxValue(LIMITS.maxSeriesPoints),
)
const Range = v.strictObject({
  from: v.optional(Moment),
  to: v.optional(Moment),
  points: v.optional(Points),
})

const DEFAULT_RANGE_MS = 3_600_000
const DEFAULT_POINTS = 300
/** Nothing is kept longer, and no clock is right about more. */
const MAX_RANGE_MS = 500 * 24 * 3_600_000

/**
 * `GET /api/telemetry/{area}/{machine}/{signal}`: the past of one signal, for whoever may read its live channel: an API
 * key, a signed-in person, or the device itself, as a wall board reads.
 */
export function historyRoute(app: FastifyInstance, options: HttpOptions): void {
  const { series, clock } = options

  app.get(
    '/api/telemetry/:area/:machine/:signal',
    {
      config: { rateLimit: perAddress(HTTP_LIMITS.historyPerAddress) },
      schema: {
        tags: ['telemetry'],
        security: [{ apiKey: [] }, { accessToken: [] }, { deviceToken: [] }],
        summary: 'The past of one signal, in at most `points` intervals with lowest, mean and highest',
        params: jsonSchema(Address),
        querystring: {
          type: 'object',
          properties: {
            from: { type: 'string', format: 'date-time', description: 'Inclusive; an hour before `to` by default.' },
            to: { type: 'string', format: 'date-time', description: 'Exclusive; now by default.' },
            points: { type: 'integer', minimum: 1, maximum: LIMITS.maxSeriesPoints, default: DEFAULT_POINTS },
          },
        },
        response: answers(200, 'A page; `next` is where the next one begins', jsonSchema(SeriesPage)),
      },
    },
    async (request, reply) => {
      const asker = await askerOf(request, options)
      if (!asker.ok) {
        void reply.header('www-authenticate', 'Bearer')
        return sendProblem(reply, asker)
      }
      const address = check(Address, request.params, 'bad-request')
      if (!address.ok) return sendProblem(reply, address)
      const { area, machine, signal } = address.value
      const channel = parseChannel(telemetryChannel(area, machine))
      if (channel === null || !canRead(asker.value.reader, channel))
        return sendProblem(reply, refuse('forbidden', `You may not read ${area}.`))
      const range = rangeOf(request.query, clock.now())
      if (!range.ok) return sendProblem(reply, range)
      const read = await series.read({ area, machine, signal, ...range.value }).catch(historyGone(request))
      if (read === null)
        return sendProblem(reply, refuse('signal-not-found', `Nothing is known of ${area}/${machine}/${signal}.`))
      const { unit, points, resolutionMs, nextMs } = read
      const page: SeriesPage = {
        points: [...points],
        unit,
        resolutionMs,
        next: nextMs === null ? null : new Date(nextMs).toISOString(),
      }
      return reply.send(page)
    },
  )
}

function rangeOf(query: unknown, nowMs: number): Checked<{ fromMs: number; toMs: number; points: number }> {
  const checked = check(Range, query, 'bad-request')
  if (!checked.ok) return checked
  const { from, to, points = DEFAULT_POINTS } = checked.value
  const toMs = to === undefined ? nowMs : Date.parse(to)
  const fromMs = from === undefined ? toMs - DEFAULT_RANGE_MS : Date.parse(from)
  if (!(fromMs < toMs)) return refuse('bad-request', '"from" must be before "to".')
  if (!(fromMs >= 0 && toMs - fromMs <= MAX_RANGE_MS))
    return refuse('bad-request', `A page may reach over ${MAX_RANGE_MS / 86_400_000} days.`)
  return { ok: true, value: { fromMs, toMs, points } }
}

/** The floor goes on without its history; who asks for it is told so. */
export function historyGone(request: FastifyRequest): (cause: unknown) => never {
  return (cause) => {
    request.log.error({ event: 'history-unavailable', cause })
    throw new Refused(refuse('unavailable', 'The history cannot be read or written right now.'))
  }
}
