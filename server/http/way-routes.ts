import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { WAY_PATHS } from '../../relay/protocol/ways.ts'

type TakesRequest = (request: IncomingMessage, response: ServerResponse) => void

/** Who answers the requests of `/sync`, from before their bodies to the end. */
export interface WayRequests {
  readonly stream: TakesRequest
  readonly frames: TakesRequest
  readonly poll: TakesRequest
}

/**
 * The ways of `/sync` beside its upgrade (PROTOCOL, "Other ways"). What is asked of every request was asked before; from there on
 * nothing of this app looks at them: neither a parser at their bodies, nor anything at their answers.
 */
export function wayRoutes(app: FastifyInstance, ways: WayRequests | null): void {
  if (ways === null) return
  for (const [method, name] of [
    ['GET', 'stream'],
    ['POST', 'frames'],
    ['POST', 'poll'],
  ] as const)
    app.route({
      method,
      url: WAY_PATHS[name],
      schema: { hide: true },
      // Whoever is here is told goodbye; who comes anew is refused by the door itself.
      config: { servesDrain: true },
      // A question after a stream would open one.
      exposeHeadRoute: false,
      // Of no use to what is never shown, and more of each answer than most batches are. The door says what counts (`LINK_HEADERS`).
      helmet: false,
      onRequest: async (request, reply) => {
        reply.hijack()
        ways[name](request.raw, reply.raw)
      },
      handler: () => {},
    })
}
