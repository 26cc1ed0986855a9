import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import { refuse } from '../../relay/protocol/errors.ts'
import { Segment } from '../../relay/protocol/ids.ts'
import { administratorsOnly } from './api-keys.ts'
import { carryOut } from './carry-out.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'
import { answers, IDEMPOTENT, jsonSchema, WITH_KEY } from './schemas.ts'

const Name = v.object({ id: Segment })

/** People over the API, for the keys of administrators of the whole site. */
export function operatorRoutes(app: FastifyInstance, options: HttpOptions): void {
  app.post(
    '/api/operators/:id/sign-out',
    {
      // Before the name as well: nobody else learns which people there are.
      preParsing: administratorsOnly,
      schema: {
        tags: ['admin'],
        security: WITH_KEY,
        summary: 'End every session of a person, on every device',
        headers: IDEMPOTENT,
        params: jsonSchema(Name),
        response: answers(200, 'Signed out everywhere'),
      },
    },
    async (request, reply) => {
      const params = v.safeParse(Name, request.params)
      const operator = params.success ? await options.store.operator(params.output.id) : null
      if (operator === null) return sendProblem(reply, refuse('unknown-operator'))
      const data = { operator: operator.id }
      return carryOut(options, { request, reply, status: 200 }, { type: 'session.revoke', data })
    },
  )
}
