import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import { sendProblem } from './problems.ts'

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Andon</title>
<h1>The server is running, but the web UI is not built yet.</h1>
<p>In the checkout, run <code>node build/run.mjs build</code>, then restart the server and reload this page.</p>
</html>
`

/**
 * The web UI. A name with a hash in it never changes its content and is kept for ever; every other file is asked for again
 * each time. What is no file but looks like somebody navigating gets `index.html`, so that links into the app work.
 */
export async function servePages(app: FastifyInstance, staticRoot: string | null): Promise<void> {
  const isBuilt = staticRoot !== null && existsSync(join(staticRoot, 'index.html'))
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: staticRoot,
      cacheControl: false,
      dotfiles: 'ignore',
      setHeaders: (reply, path) => void reply.header('cache-control', cacheControlOf(path)),
    })
  }
  app.setNotFoundHandler((request, reply) => {
    if (!isNavigation(request)) return sendProblem(reply, refuse('not-found'))
    if (isBuilt) return reply.sendFile('index.html')
    return reply.code(200).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(NOT_BUILT)
  })
}

/** Vite writes hashed files, and only those, as `assets/NAME-HASH.ext`. */
function cacheControlOf(path: string): string {
  return /[\\/]assets[\\/][^\\/]+-[\w-]{8}\.\w+$/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'
}

/** A browser going to an address of ours that is neither the API nor a file. */
function isNavigation({ method, url, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const path = url.split('?')[0] ?? ''
  if (/^\/(api|sync|assets|\.well-known)(\/|$)/.test(path)) return false
  return headers.accept?.includes('text/html') ?? false
}
