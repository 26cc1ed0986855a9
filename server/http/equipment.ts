import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import { channelName } from '../../relay/protocol/channels.ts'
import { COMMANDS } from '../../relay/protocol/commands.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { Segment } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { MachineAddress, MachineRecord } from '../../relay/protocol/telemetry.ts'
import { reserved } from '../core/samples.ts'
import { keyOf } from './api-keys.ts'
import { carryOut } from './carry-out.ts'
import { checkRequest } from './json-bodies.ts'
import { HTTP_LIMITS } from './limits.ts'
import { areasOf, listRecords } from './list-records.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'
import { answers, IDEMPOTENT, jsonSchema, WITH_KEY } from './schemas.ts'

const Filter = v.strictObject({ area: v.optional(Segment) })
const Description = COMMANDS['machine.describe'].data
/** `area/machine` of what is gone. */
const Removed = v.strictObject({ id: v.string() })
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
      bodyLimit: HTTP_LIMITS.maxBodyBytes,
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
      if (machines.isReserved(area, machine)) return sendProblem(reply, reserved(area, machine))
      const known = machines.get(area, machine)
      const { room } = machines
      if (known === null && room.machines < 1)
        return sendProblem(
          reply,
          refuse('too-many-signals', `A site may have ${LIMITS.maxMachines} machines; remove one that is not needed.`),
        )
      const added = signals.filter(({ name }) => known?.signals.every((signal) => signal.name !== name) !== false)
      if (added.length > room.signals)
        return sendProblem(
          reply,
          refuse(
            'too-many-signals',
            `A site may have ${LIMITS.maxSignals} signals; remove a machine that is not needed.`,
          ),
        )
      return carryOut(options, { request, reply, status: 200 }, { type: 'machine.describe', data: body.value })
    },
  )

  app.delete(
    '/api/equipment/:area/:machine',
    {
      schema: {
        ...shared,
        summary: 'Remove a machine with its signals; a sample that comes afterwards makes it known anew',
        description: 'For keys of supervisors and administrators. Its past stays readable as long as history is kept.',
        headers: IDEMPOTENT,
        params: jsonSchema(MachineAddress),
        response: answers(200, 'Removed', jsonSchema(Removed)),
      },
    },
    async (request, reply) => {
      const address = checkRequest(MachineAddress, request.params)
      if (!address.ok) return sendProblem(reply, address)
      const { area, machine } = address.value
      if (machines.isReserved(area, machine)) return sendProblem(reply, reserved(area, machine))
      return carryOut(options, { request, reply, status: 200 }, { type: 'machine.remove', data: address.value })
    },
  )
}
