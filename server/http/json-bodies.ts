import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type * as v from 'valibot'
import { check, type Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { isWithinDepth } from '../../relay/protocol/json-depth.ts'
import { HTTP_LIMITS } from './limits.ts'
import { Refused } from './problems.ts'

const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)
/** A byte order mark, which some writers put first, is not part of the text; bytes that are no UTF-8 are refused, not replaced. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** For whoever takes none: nothing of a body is held, inflated or parsed, whatever its type; Node reads it away and drops it. */
export function ignoreBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
}

/**
 * Bodies are JSON in UTF-8, plain or gzipped, or nothing; a route's `bodyLimit` holds for what came and for what it inflates
 * to. An empty one is allowed here: whether a route needs one is its schema's business. `parse` throws on what is no JSON.
 */
export function acceptJsonBodies(app: FastifyInstance, parse: (content: string) => unknown = JSON.parse): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const content = decoded(await inflated(request, body))
    if (content.trim() === '') return undefined
    return withinDepth(parsed(content, parse))
  })
}

function parsed(content: string, parse: (content: string) => unknown): unknown {
  try {
    return parse(content)
  } catch {
    throw new Refused(refuse('bad-json'))
  }
}

/** No route takes anything deeper than a command, and what looks at a body walks down into it. */
function withinDepth(value: unknown): unknown {
  if (isWithinDepth(value, LIMITS.maxCommandDepth)) return value
  throw new Refused(refuse('bad-request', `A request body may be nested ${LIMITS.maxCommandDepth} levels deep.`))
}

/** Body, query or parameters against a schema; `bad-request` naming the field. */
export function checkRequest<T>(schema: v.GenericSchema<unknown, T>, value: unknown): Checked<T> {
  return value === undefined
    ? refuse('bad-request', 'This request needs a JSON body.')
    : check(schema, value, 'bad-request')
}

/** At most as many bytes as the route takes: a small body that inflates to a large one is stopped on its way, at the bound. */
async function inflated(request: FastifyRequest, body: Buffer): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity') return body
  if (encoding !== 'gzip' && encoding !== 'x-gzip')
    throw new Refused(refuse('bad-request', 'Send the body as it is, or with "Content-Encoding: gzip".'))
  const maxBytes = request.routeOptions.bodyLimit ?? HTTP_LIMITS.maxSmallBytes
  try {
    return await inflate(body, { maxOutputLength: maxBytes })
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError
    throw new Refused(
      isTooLarge
        ? refuse('frame-too-large', `A request body may have ${maxBytes} bytes here once it is inflated.`)
        : refuse('bad-request', 'The body is damaged or cut short: it is not what gzip makes.'),
    )
  }
}

function decoded(body: Buffer): string {
  try {
    return UTF_8.decode(body)
  } catch {
    throw new Refused(refuse('bad-json', 'The body is not text in UTF-8.'))
  }
}
