import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import { channelName, URGENT_CHANNEL } from '../../relay/protocol/channels.ts'
import { COMMANDS } from '../../relay/protocol/commands.ts'
import { refuse, type Refusal } from '../../relay/protocol/errors.ts'
import { CommandId, Segment } from '../../relay/protocol/ids.ts'
import { isUrgent } from '../../relay/protocol/record-words.ts'
import { AlertRecord, Priority } from '../../relay/protocol/records.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import { keyOf } from './api-keys.ts'
import { carryOut } from './carry-out.ts'
import { checkRequest } from './json-bodies.ts'
import { HTTP_LIMITS } from './limits.ts'
import { areasOf, listRecords } from './list-records.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'
import { answers, IDEMPOTENT, jsonSchema, WITH_KEY } from './schemas.ts'

const Filter = v.strictObject({ area: v.optional(Segment), priority: v.optional(Priority) })
const Id = v.object({ id: CommandId })
const shared = { tags: ['alerts'], security: WITH_KEY }
const record = jsonSchema(AlertRecord)

/** Alerts over the API: rights of the key are checked by the domain's rules where something changes, here where it is read. */
export function alertRoutes(app: FastifyInstance, options: HttpOptions): void {
  const { store } = options

  app.post(
    '/api/alerts',
    {
      bodyLimit: HTTP_LIMITS.maxBodyBytes,
      schema: {
        ...shared,
        summary: 'Raise an alert',
        headers: IDEMPOTENT,
        body: jsonSchema(COMMANDS['alert.raise'].data),
        response: answers(201, 'Raised', record),
      },
    },
    async (request, reply) => {
      const body = checkRequest(COMMANDS['alert.raise'].data, request.body)
      if (!body.ok) return sendProblem(reply, body)
      return carryOut(options, { request, reply, status: 201 }, { type: 'alert.raise', data: body.value })
    },
  )

  for (const [verb, type, summary] of [
    ['ack', 'alert.ack', 'Acknowledge an alert in the name of the API key'],
    ['resolve', 'alert.resolve', 'Say that the condition is over'],
  ] as const) {
    app.post(
      `/api/alerts/:id/${verb}`,
      {
        schema: {
          ...shared,
          summary,
          headers: IDEMPOTENT,
          params: jsonSchema(Id),
          response: answers(200, 'Done', record),
        },
      },
      async (request, reply) => {
        const id = alertId(request.params)
        if (id === null) return sendProblem(reply, refuse('alert-not-found'))
        return carryOut(options, { request, reply, status: 200 }, { type, data: { id } })
      },
    )
  }

  app.get(
    '/api/alerts',
    {
      schema: {
        ...shared,
        summary: 'Active alerts, highest priority first',
        querystring: jsonSchema(Filter),
        response: answers(200, 'Alerts'),
      },
    },
    async (request, reply) => {
      const filter = checkRequest(Filter, request.query)
      if (!filter.ok) return sendProblem(reply, filter)
      const areas = await areasOf(store, keyOf(request), filter.value.area)
      if (!areas.ok) return sendProblem(reply, areas)
      const { priority } = filter.value
      const ofArea = areas.value.map((area) => channelName('alerts', area))
      const channels =
        priority === undefined ? [URGENT_CHANNEL, ...ofArea] : isUrgent(priority) ? [URGENT_CHANNEL] : ofArea
      const { records, truncated } = await listRecords<AlertRecord>(
        store,
        channels,
        (alert) => areas.value.includes(alert.area) && (priority === undefined || alert.priority === priority),
      )
      const alerts = records.toSorted((a, b) => compare(a.priority, b.priority) || compare(b.raised.at, a.raised.at))
      return reply.send(truncated ? { alerts, truncated } : { alerts })
    },
  )

  app.get(
    '/api/alerts/:id/evidence',
    {
      schema: {
        ...shared,
        summary: 'What each device has proved about an alert',
        params: jsonSchema(Id),
        response: answers(200, 'Evidence'),
      },
    },
    async (request, reply) => {
      const id = alertId(request.params)
      const receipts = id === null ? [] : await store.receipts(id)
      const found = id === null ? null : await store.record('alerts', id)
      // Only this domain writes its records. Evidence outlives the alert, whose area is then no longer known.
      const area = found === null ? null : (found.record as AlertRecord).area
      const trouble = whyHidden({ exists: found !== null || receipts.length > 0, area, areas: keyOf(request).areas })
      if (trouble !== null) return sendProblem(reply, trouble)
      return reply.send({ alert: id, receipts: receipts.map(({ device, kind, at }) => ({ device, kind, at })) })
    },
  )
}

function whyHidden({
  exists,
  area,
  areas,
}: {
  exists: boolean
  area: string | null
  areas: readonly string[]
}): Refusal | null {
  if (!exists || (area === null && !areas.includes('*'))) return refuse('alert-not-found')
  return area === null || coversArea(areas, area) ? null : refuse('forbidden', `This API key may not see ${area}.`)
}

function alertId(params: unknown): CommandId | null {
  const parsed = v.safeParse(Id, params)
  return parsed.success ? parsed.output.id : null
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
