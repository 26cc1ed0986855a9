import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import { belowBase, type PublicAddress } from '../core/public-address.ts'
import { sendProblem } from './problems.ts'

/** What programs ask for, with the base before it or without: they need no proxy and keep no names. */
const PROGRAMS = /^\/(api|sync|\.well-known|healthz|readyz|metrics)(\/|$)/

/** The address as routes know it, for `rewriteUrl` of Fastify. What is not below the base stays as it is. */
export function withoutBase(
  publicUrl: PublicAddress | null,
): (request: { readonly url?: string | undefined }) => string {
  const basePath = publicUrl?.basePath ?? ''
  return ({ url = '/' }) => belowBase(url, basePath) ?? url
}

/**
 * Pages live below the base and nowhere else (X21): what they keep in a browser, and the path of its cookie, go by it. Whoever
 * asks elsewhere is told where they are. That is no redirect: a proxy that takes the base away would send it round for ever.
 */
export function keepPagesBelow(app: FastifyInstance, publicUrl: PublicAddress | null): void {
  if (publicUrl === null || publicUrl.basePath === '') return
  const { origin, basePath } = publicUrl
  const strip = withoutBase(publicUrl)
  app.server.prependListener('upgrade', (request: IncomingMessage) => {
    request.url = strip(request)
  })
  app.addHook('onRequest', async (request, reply) => {
    if (request.originalUrl !== request.url) return undefined
    const [path = '', ...query] = request.url.split('?')
    if (PROGRAMS.test(path)) return undefined
    // `/andon`: what its page names is beside it, and that has to be below `/andon/`.
    if (path === basePath) return reply.redirect([`${lastOf(basePath)}/`, ...query].join('?'), 302)
    return sayWhere(request, reply, `${origin}${basePath}/`)
  })
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function sayWhere({ headers }: FastifyRequest, reply: FastifyReply, address: string): FastifyReply {
  const hint = 'A proxy on the way has to hand on the path as it comes.'
  if (headers.accept?.includes('text/html') !== true)
    return sendProblem(reply, refuse('not-found', `Andon is at ${address}. ${hint}`))
  void reply.code(404).type('text/html; charset=utf-8').header('cache-control', 'no-store')
  return reply.send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Andon</title>
<h1>Andon is at <a href="${address}">${address}</a></h1>
<p>${hint}</p>
</html>
`)
}
