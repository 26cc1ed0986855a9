import type { FastifyInstance } from 'fastify'
import { Gauge, type Registry } from 'prom-client'
import { unreachable } from '../../relay/protocol/rights.ts'
import type { ReviewRow } from '../ports/site.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import { administratorsOnly } from './api-keys.ts'
import { HTTP_LIMITS } from './limits.ts'
import type { HttpOptions } from './options.ts'
import { ReviewList } from './review-list.ts'
import { answers, jsonSchema, WITH_KEY } from './schemas.ts'

/** What outboxes did that a person should look at (T13), for keys of administrators of the whole site. */
export function reviewRoutes(app: FastifyInstance, { store }: Pick<HttpOptions, 'store'>): void {
  app.get(
    '/api/admin/reviews',
    {
      preParsing: administratorsOnly,
      schema: {
        tags: ['admin'],
        security: WITH_KEY,
        summary: 'Outboxes that were skipped, forked or forgotten, oldest first',
        response: answers(200, 'Reviews', jsonSchema(ReviewList)),
      },
    },
    async (_request, reply) => {
      const [{ rows, dropped }, devices] = await Promise.all([store.reviews(), store.devices()])
      const names = new Map(devices.map(({ id, name }) => [id, name]))
      const reviews = rows.map((row) => ({ ...row, name: names.get(row.device) ?? '', message: sentence(row) }))
      const list: ReviewList = { reviews, dropped }
      return reply.send(list)
    },
  )
}

function sentence({ kind, detail }: ReviewRow): string {
  switch (kind) {
    case 'skipped-range': {
      const { lane, from, to } = detail
      const what =
        from === to ? `Command ${from} of its ${lane} lane was` : `Commands ${from} to ${to} of its ${lane} lane were`
      return `${what} answered before and this store knows nothing of them: it was restored or rolled back. Check what may be missing.`
    }
    case 'outbox-forked':
      return `Its outbox is a copy or was rolled back: command ${detail.seq} of its ${detail.lane} lane is another than the one that was taken. What waited on the device is under “Not accepted”.`
    case 'forgotten':
      return `This store did not know it, though it had sent commands before (urgent up to ${detail.oldest.urgent - 1}, normal up to ${detail.oldest.normal - 1}). What waited on the device is under “Not accepted”.`
    default:
      return unreachable(kind)
  }
}

/** How many there are and how many went (P8), read when somebody asks; a store that is stuck must not hide the other numbers. */
export function measureReviews(registry: Registry, store: Pick<StoreAdministration, 'reviews'>): void {
  const gauge: Gauge<'state'> = new Gauge({
    name: 'andon_reviews',
    help: 'Outboxes that were skipped, forked or forgotten: listed for people, and dropped because there were too many.',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), HTTP_LIMITS.readyMs).unref())
      const reviews = await Promise.race([store.reviews().catch(() => null), late])
      if (reviews === null) return gauge.reset()
      gauge.set({ state: 'listed' }, reviews.rows.length)
      return gauge.set({ state: 'dropped' }, reviews.dropped)
    },
  })
}
