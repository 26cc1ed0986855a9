import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import { channelName } from '../../relay/protocol/channels.ts'
import { COMMANDS } from '../../relay/protocol/commands.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { Segment } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { MachineRecord } from '../../relay/protocol/telemetry.ts'
import { keyOf } from './api-keys.ts'
import { carryOut } from './carry-out.ts'
import { checkRequest } from './json-bodies.ts'
import { areasOf, listRecords } from './list-records.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'
import { answers, IDEMPOTENT, jsonSchema, WITH_KEY } from './schemas.ts'

const Filter = v.strictObject({ area: v.optional(Segment) })
const Description = COMMANDS['machine.describe'].data
const shared = { tags: ['telemetry'], security: WITH_KEY }

/** Machines over the API: which there are, and what one is called. A sample makes its machine known by itself. */
export function equipmentRoutes(app: FastifyInstance, options: HttpOptions): void {
  const { store, machines } = options

  app.get(
    '/api/equipment',
    {
      schema: {
        ...shared,
        summary: 'Machines with their signals, by area and id',
        querystring: jsonSchema(Filter),
        response: answers(200, 'Machines'),
      },
    },
    async (request, reply) => {
      const filter = checkRequest(Filter, request.query)
      if (!filter.ok) return sendProblem(reply, filter)
      const areas = await areasOf(store, keyOf(request), filter.value.area)
      if (!areas.ok) return sendProblem(reply, areas)
      const channels = areas.value.map((area) => channelName('equipment', area))
      const { records, truncated } = await listRecords<MachineRecord>(store, channels, () => true)
      return reply.send(truncated ? { machines: records, truncated } : { machines: records })
    },
  )

  app.post(
    '/api/equipment',
    {
      schema: {
        ...shared,
        summary: 'Say what a machine is called, whether it is simulated, and what it measures',
        headers: IDEMPOTENT,
        body: jsonSchema(Description),
        response: answers(200, 'Described', jsonSchema(MachineRecord)),
      },
    },
    async (request, reply) => {
      const body = checkRequest(Description, request.body)
      if (!body.ok) return sendProblem(reply, body)
      const { area, machine, signals } = body.value
      const known = machines.get(area, machine)
      const { room } = machines
      if (known === null && room.machines < 1)
        return sendProblem(reply, refuse('too-many-signals', `A site may have ${LIMITS.maxMachines} machines.`))
      const added = signals.filter(({ name }) => known?.signals.every((signal) => signal.name !== name) !== false)
      if (added.length > room.signals)
        return sendProblem(reply, refuse('too-many-signals', `A site may have ${LIMITS.maxSignals} signals.`))
      return carryOut(options, { request, reply, status: 200 }, { type: 'machine.describe', data: body.value })
    },
  )
}
