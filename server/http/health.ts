import type { FastifyInstance } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import type { StoreAdministration } from '../ports/store-administration.ts'
import { ClocksApart } from '../ports/store-errors.ts'
import { HTTP_LIMITS } from './limits.ts'
import type { HttpOptions } from './options.ts'
import { sendProblem } from './problems.ts'

/** `/healthz`: the process lives. `/readyz`: the store takes writes, and has the time of this machine. Neither is rate-limited. */
export function healthRoutes(app: FastifyInstance, { store, version }: HttpOptions): void {
  const isReady = coalesced(() => probe(store))
  app.get('/healthz', { schema: { tags: ['health'], summary: 'The process lives' } }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'ok', name: 'andon', version }),
  )
  app.get('/readyz', { schema: { tags: ['health'], summary: 'The store takes writes' } }, async (request, reply) => {
    void reply.header('cache-control', 'no-store')
    const trouble = await isReady()
    if (trouble === null) return { status: 'ready' }
    request.log.warn({ event: 'http-not-ready', err: trouble })
    const says = trouble instanceof ClocksApart ? trouble.message : 'The store does not take writes right now.'
    return sendProblem(reply, refuse('unavailable', says))
  })
}

/** Null when the store took a write in time, the trouble otherwise. */
async function probe(store: StoreAdministration): Promise<unknown> {
  const late = AbortSignal.timeout(HTTP_LIMITS.readyMs)
  try {
    await Promise.race([
      store.probe(),
      new Promise((_resolve, reject) => late.addEventListener('abort', () => reject(late.reason), { once: true })),
    ])
    return null
  } catch (error) {
    return error
  }
}

/** Callers that come while one is under way share its answer: each probe is an fsync, and anybody may ask. */
function coalesced<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null
  return () => {
    running ??= work().finally(() => {
      running = null
    })
    return running
  }
}
