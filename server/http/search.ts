import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as v from 'valibot'
import { channelName, parseChannel, URGENT_CHANNEL, type ChannelName } from '../../relay/protocol/channels.ts'
import { check, type Checked } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { canRead, type Reader } from '../../relay/protocol/rights.ts'
import { SEARCH_KINDS, SearchPage, SearchQuery, type SearchKind } from '../../relay/protocol/search.ts'
import { askerOf, personOf } from './askers.ts'
import { HTTP_LIMITS } from './limits.ts'
import type { HttpOptions } from './options.ts'
import { Refused, sendProblem } from './problems.ts'
import { perAddress } from './rate-limits.ts'
import { answers, jsonSchema } from './schemas.ts'
import { measureSearch } from './search-metrics.ts'
import { UnderWay } from './under-way.ts'

/** As it stands in the address: kinds are apart by commas. */
const Asked = v.strictObject({
  q: v.string(),
  kinds: v.optional(v.string()),
  area: v.optional(v.string()),
  after: v.optional(v.string()),
})

/** `GET /api/search`: what was said and written, for an API key or a signed-in person, of where they may read at this moment (Q3). */
export function searchRoute(app: FastifyInstance, options: HttpOptions): void {
  const { search, store } = options
  const under = new UnderWay({ each: LIMITS.maxSearches, all: HTTP_LIMITS.searches })
  measureSearch(options, () => under.refused)

  app.get(
    '/api/search',
    {
      config: { rateLimit: perAddress(HTTP_LIMITS.historyPerAddress) },
      schema: {
        tags: ['search'],
        security: [{ apiKey: [] }, { accessToken: [] }],
        summary: 'Messages, work orders, alerts and notes in which these words are',
        description: `Every word must be there, in any order and within longer words; one of one or two letters of an alphabet, or digits, only where a word begins. Signs are no words. A page has the order of just this number first, then the newest, ${LIMITS.maxSearchHits} at most.`,
        querystring: {
          type: 'object',
          properties: {
            q: { type: 'string', maxLength: LIMITS.maxSearchText },
            kinds: {
              type: 'string',
              description: `Some of ${SEARCH_KINDS.join(', ')}, apart by commas; all by default.`,
            },
            area: { type: 'string' },
            after: { type: 'string', description: 'The "next" of the page before.' },
          },
          required: ['q'],
        },
        response: answers(200, 'A page; `next` is where the next one begins', jsonSchema(SearchPage)),
      },
    },
    async (request, reply) => {
      const asker = await askerOf(request, options)
      if (!asker.ok) {
        void reply.header('www-authenticate', 'Bearer')
        return sendProblem(reply, asker)
      }
      const reader = personOf(asker.value)
      if (!reader.ok) return sendProblem(reply, reader)
      const query = queryOf(request)
      if (!query.ok) return sendProblem(reply, query)
      const { q, kinds = SEARCH_KINDS, area = null, after = null } = query.value
      const areas = await store.areas()
      if (area !== null && !areas.includes(area))
        return sendProblem(reply, refuse('unknown-area', `There is no area "${area}".`))
      const channels = channelsOf(areas, kinds).filter((name) => isReadable(reader.value, name))
      const leave = under.enter(asker.value.source)
      if (leave === null)
        return sendProblem(reply, refuse('rate-limited', 'Too many searches are under way; try again in a moment.'))
      try {
        const found = await search.find({ q, channels, area, after }).catch(searchGone(request))
        if (found.kind === 'unsearchable')
          return sendProblem(reply, refuse('bad-request', 'A search needs at least one letter or digit.'))
        const page: SearchPage = { hits: [...found.hits], next: found.next, isWhole: found.isWhole }
        return await reply.send(page)
      } finally {
        leave()
      }
    },
  )
}

function queryOf({ query }: FastifyRequest): Checked<SearchQuery> {
  const asked = check(Asked, query, 'bad-request')
  if (!asked.ok) return asked
  const { kinds, ...rest } = asked.value
  return check(SearchQuery, kinds === undefined ? rest : { ...rest, kinds: kinds.split(',') }, 'bad-request')
}

/** Where things of these kinds are. */
function channelsOf(areas: readonly string[], kinds: readonly SearchKind[]): readonly ChannelName[] {
  const urgent = kinds.includes('alerts') ? [URGENT_CHANNEL] : []
  return [...urgent, ...kinds.flatMap((kind) => areas.map((area) => channelName(kind, area)))]
}

function isReadable(reader: Reader, name: ChannelName): boolean {
  const channel = parseChannel(name)
  return channel !== null && canRead(reader, channel)
}

/** The floor goes on without its search; who asks is told so. */
function searchGone(request: FastifyRequest): (cause: unknown) => never {
  return (cause) => {
    request.log.error({ event: 'search-unavailable', cause })
    throw new Refused(refuse('unavailable', 'The server cannot search right now.'))
  }
}
