import type { FastifyInstance } from 'fastify'
import type * as v from 'valibot'
import { check, type Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { Refused } from './problems.ts'

/** Bodies are JSON or nothing. An empty one is allowed here: whether a route needs one is its schema's business. */
export function acceptJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    const content = String(body)
    if (content.trim() === '') return done(null, undefined)
    try {
      done(null, JSON.parse(content))
    } catch {
      done(new Refused(refuse('bad-json')))
    }
  })
}

/** Body, query or parameters against a schema; `bad-request` naming the field. */
export function checkRequest<T>(schema: v.GenericSchema<unknown, T>, value: unknown): Checked<T> {
  return value === undefined
    ? refuse('bad-request', 'This request needs a JSON body.')
    : check(schema, value, 'bad-request')
}
