import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuse } from '../../relay/protocol/errors.ts'
import type { HttpOptions } from './options.ts'
import { isHashedAsset, keepGenerations, type EarlierAssets } from './page-generations.ts'
import { sendProblem } from './problems.ts'

const FOR_EVER = 'public, max-age=31536000, immutable'

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Andon</title>
<h1>The server is running, but the web UI is not built yet.</h1>
<p>In the checkout, run <code>node build/run.mjs build</code>, then restart the server and reload this page.</p>
</html>
`

/**
 * The web UI. A name with a hash in it never changes its content and is kept for ever; every other file (`sw.js` and the pages
 * above all) is asked for again each time. What is no file but looks like somebody navigating is sent to the page, whose own
 * addresses are relative. Assets of the two builds before this one are served, too: a page of theirs may still be open.
 */
export async function servePages(
  app: FastifyInstance,
  { staticRoot, keptPages, log, clock }: Pick<HttpOptions, 'staticRoot' | 'keptPages' | 'log' | 'clock'>,
): Promise<void> {
  const isBuilt = staticRoot !== null && existsSync(join(staticRoot, 'index.html'))
  let earlier: EarlierAssets = new Map()
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: staticRoot,
      cacheControl: false,
      dotfiles: 'ignore',
      preCompressed: true,
      setHeaders: (reply, path) => void reply.header('cache-control', cacheControlOf(path)),
    })
    try {
      if (keptPages !== null) earlier = keepGenerations(staticRoot, keptPages, clock.now())
    } catch (cause) {
      // Only pages that outlive an update miss something, and the bar that tells them of it is in what they have.
      log.warn({ event: 'page-generations-failed', cause })
    }
  }
  app.setNotFoundHandler((request, reply) => {
    const folder = earlier.get(assetIn(request))
    if (folder !== undefined) return reply.sendFile(assetIn(request), folder)
    if (!isNavigation(request)) return sendProblem(reply, refuse('not-found'))
    const base = isBuilt ? toBase(request) : null
    if (base !== null) return reply.redirect(base, 302)
    return reply.code(200).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(NOT_BUILT)
  })
}

function cacheControlOf(path: string): string {
  return /[\\/]assets[\\/][^\\/]+$/.test(path) && isHashedAsset(basename(path)) ? FOR_EVER : 'no-cache'
}

/** `index-B3x_9-Aq.js` of a request for `/assets/index-B3x_9-Aq.js`, else nothing. */
function assetIn({ method, url }: FastifyRequest): string {
  if (method !== 'GET' && method !== 'HEAD') return ''
  return /^\/assets\/([\w.-]+)$/.exec(url.split('?')[0] ?? '')?.[1] ?? ''
}

/** The page's own address, seen from where a browser is: no proxy has to be known for that. Null where it is there. */
function toBase({ url }: FastifyRequest): string | null {
  const path = url.split('?')[0] ?? '/'
  return path === '/' ? null : '../'.repeat(path.split('/').length - 2) || './'
}

/** A browser going to an address of ours that is neither the API nor a file. */
function isNavigation({ method, url, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const path = url.split('?')[0] ?? ''
  if (/^\/(api|sync|assets|\.well-known)(\/|$)/.test(path)) return false
  return headers.accept?.includes('text/html') ?? false
}
