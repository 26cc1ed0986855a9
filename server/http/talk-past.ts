import type { FastifyInstance } from 'fastify'
import * as v from 'valibot'
import { channelName, parseChannel } from '../../relay/protocol/channels.ts'
import { check } from '../../relay/protocol/check.ts'
import { refuse } from '../../relay/protocol/errors.ts'
import { Segment } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { canRead } from '../../relay/protocol/rights.ts'
import { PastPage, PastQuery } from '../../relay/protocol/talk-past.ts'
import { askerOf, personOf } from './askers.ts'
import { HTTP_LIMITS } from './limits.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'
import { perAddress } from './rate-limits.ts'
import { answers, jsonSchema } from './schemas.ts'
import { UnderWay } from './under-way.ts'

const Asked = v.strictObject({ before: v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'must be an offset')) })

/** As much as a snapshot brings. */
const PAGE = { maxItems: LIMITS.logSnapshotEvents, maxBytes: 256 * 1024 } as const

/** `GET /api/chat/{line}`: what was said in a line before an offset, for an API key or a signed-in person who may read it now (K5). */
export function talkPastRoute(app: FastifyInstance, options: HttpOptions): void {
  const { store } = options
  const under = new UnderWay({ each: LIMITS.maxSearches, all: HTTP_LIMITS.searches })

  app.get(
    '/api/chat/:line',
    {
      config: { rateLimit: perAddress(HTTP_LIMITS.historyPerAddress) },
      schema: {
        tags: ['chat'],
        security: [{ apiKey: [] }, { accessToken: [] }],
        summary: 'What was said in a line before an offset of its channel, oldest first',
        params: jsonSchema(v.strictObject({ line: Segment })),
        querystring: {
          type: 'object',
          properties: { before: { type: 'string', description: 'The offset that the page ends in front of.' } },
          required: ['before'],
        },
        response: answers(200, 'A page; `first` is the oldest offset that is kept', jsonSchema(PastPage)),
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
      const asked = check(Asked, request.query, 'bad-request')
      if (!asked.ok) return sendProblem(reply, asked)
      const query = check(
        PastQuery,
        { ...(request.params as object), before: Number(asked.value.before) },
        'bad-request',
      )
      if (!query.ok) return sendProblem(reply, query)
      const { line, before } = query.value
      const name = channelName('chat', line)
      const channel = parseChannel(name)
      if (channel === null || !canRead(reader.value, channel))
        return sendProblem(reply, refuse('forbidden', `You may not read ${line}.`))
      const leave = under.enter(asker.value.source)
      if (leave === null) return sendProblem(reply, refuse('rate-limited', 'Too many pages are under way.'))
      try {
        const events = before === 0 ? [] : await store.lastEvents(name, before - 1, PAGE)
        // Read after them: an epoch that has turned meanwhile is said, and what is gone is not said to be kept.
        const { epoch, offset } = await store.oldest(name)
        const page: PastPage = { epoch, events: [...events], first: offset + 1 }
        return await reply.send(page)
      } finally {
        leave()
      }
    },
  )
}
