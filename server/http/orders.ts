import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import { channelName } from '../../relay/protocol/channels.ts'
import { COMMANDS } from '../../relay/protocol/commands.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { CommandId, Segment } from '../../relay/protocol/ids.ts'
import { OrderRecord } from '../../relay/protocol/records.ts'
import { coversArea } from '../../relay/protocol/rights.ts'
import { keyOf } from './api-keys.ts'
import { carryOut } from './carry-out.ts'
import { checkRequest } from './json-bodies.ts'
import { HTTP_LIMITS } from './limits.ts'
import { areasOf, listRecords } from './list-records.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'
import { answers, IDEMPOTENT, jsonSchema, WITH_KEY } from './schemas.ts'

const Filter = v.strictObject({ area: v.optional(Segment) })
const Id = v.object({ id: CommandId })
const Edit = v.omit(COMMANDS['order.update'].data, ['id'])
const shared = { tags: ['orders'], security: WITH_KEY }
const record = jsonSchema(OrderRecord)

/** Work orders over the API. */
export function orderRoutes(app: FastifyInstance, options: HttpOptions): void {
  const { store } = options

  app.get(
    '/api/orders',
    {
      schema: {
        ...shared,
        summary: 'Work orders by number',
        querystring: jsonSchema(Filter),
        response: answers(200, 'Orders'),
      },
    },
    async (request, reply) => {
      const filter = checkRequest(Filter, request.query)
      if (!filter.ok) return sendProblem(reply, filter)
      const areas = await areasOf(store, keyOf(request), filter.value.area)
      if (!areas.ok) return sendProblem(reply, areas)
      const channels = areas.value.map((area) => channelName('orders', area))
      const { records, truncated } = await listRecords<OrderRecord>(store, channels, () => true)
      const orders = records.toSorted((a, b) => (a.number < b.number ? -1 : 1))
      return reply.send(truncated ? { orders, truncated } : { orders })
    },
  )

  app.post(
    '/api/orders',
    {
      bodyLimit: HTTP_LIMITS.maxBodyBytes,
      schema: {
        ...shared,
        summary: 'Create a work order',
        headers: IDEMPOTENT,
        body: jsonSchema(COMMANDS['order.plan'].data),
        response: answers(201, 'Created', record),
      },
    },
    async (request, reply) => {
      const body = checkRequest(COMMANDS['order.plan'].data, request.body)
      if (!body.ok) return sendProblem(reply, body)
      return carryOut(options, { request, reply, status: 201 }, { type: 'order.plan', data: body.value })
    },
  )

  app.get(
    '/api/orders/:id',
    {
      schema: { ...shared, summary: 'One work order', params: jsonSchema(Id), response: answers(200, 'Order', record) },
    },
    async (request, reply) => {
      const id = orderId(request.params)
      const found = id === null ? null : await store.record('orders', id)
      if (found === null) return sendProblem(reply, refuse('order-not-found'))
      // Only this domain writes its records.
      const order = found.record as OrderRecord
      if (!coversArea(keyOf(request).areas, order.area)) {
        return sendProblem(reply, refuse('forbidden', `This API key may not see ${order.area}.`))
      }
      return reply.send(order)
    },
  )

  app.patch(
    '/api/orders/:id',
    {
      bodyLimit: HTTP_LIMITS.maxBodyBytes,
      schema: {
        ...shared,
        summary: 'Edit fields of a work order, on the version they were read at',
        headers: IDEMPOTENT,
        params: jsonSchema(Id),
        body: jsonSchema(Edit),
        response: answers(200, 'Edited', record),
      },
    },
    async (request, reply) => {
      const id = orderId(request.params)
      if (id === null) return sendProblem(reply, refuse('order-not-found'))
      const body = checkRequest(Edit, request.body)
      if (!body.ok) return sendProblem(reply, body)
      return carryOut(options, { request, reply, status: 200 }, { type: 'order.update', data: { id, ...body.value } })
    },
  )
}

function orderId(params: unknown): CommandId | null {
  const parsed = v.safeParse(Id, params)
  return parsed.success ? parsed.output.id : null
}
