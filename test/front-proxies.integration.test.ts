/** The proxies of `docs/network.md` as they stand there, in front of a real server: every way of a relay, at the root and below a path. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { WAYS } from '../relay/protocol/ways.ts'
import { SECOND } from '../server/testing/certificates.ts'
import { serve, useFolder } from '../server/testing/command-processes.ts'
import { found, FrontProgram, nginxOf, type FrontName } from './support/front-program.ts'
import { freePort, isLive, startRelay, type Program } from './support/processes.ts'

const DOCUMENT = readFileSync(new URL('../docs/network.md', import.meta.url), 'utf8')

interface Site {
  readonly folder: string
  readonly port: number
  /** `host:port` of the server. */
  readonly upstream: string
}

interface Kind {
  readonly name: FrontName
  /** Words of the document that stand for the root, and for a path. */
  readonly root: string
  readonly below: string
  /** The document's words with ports and files of this run, as the program takes them. */
  configure(words: string, site: Site): string
}

const KINDS: readonly Kind[] = [
  {
    name: 'nginx',
    root: 'location / {',
    below: 'location /andon {',
    configure: (words, { folder, port }) =>
      nginxOf(words.replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`), folder),
  },
  {
    name: 'haproxy',
    root: 'path_beg / }',
    below: 'path_beg /andon }',
    configure: (words, { port }) => words.replace('bind :443', `bind 127.0.0.1:${port}`),
  },
  {
    name: 'caddy',
    root: 'handle /* {',
    below: 'handle /andon* {',
    configure: (words, { port }) =>
      `{\n  admin off\n  auto_https disable_redirects\n  skip_install_trust\n}\n` +
      words.replace('andon.example {', `https://localhost:${port} {\n  bind 127.0.0.1`),
  },
]

const folder = useFolder()
const fronts: FrontProgram[] = []
const programs: Program[] = []
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.kill()))
  await Promise.all(fronts.splice(0).map((program) => program.kill()))
})

function wordsOf({ name }: Kind): string {
  return new RegExp(`^\`\`\`${name}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(DOCUMENT)?.[1] ?? ''
}

/** Runs the proxy with these words of the document until the end of the test. */
async function front(kind: Kind, words: string, site: Site): Promise<void> {
  writeFileSync(join(site.folder, 'andon.example.pem'), SECOND.cert + SECOND.key)
  writeFileSync(join(site.folder, 'andon.example.key'), SECOND.key)
  const placed = words.replaceAll('127.0.0.1:7070', site.upstream).replaceAll('/etc/ssl', site.folder)
  fronts.push(await FrontProgram.start(kind.name, kind.configure(placed, site), site))
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage & { body: string }> {
  const [response] = (await once(get(url, { ca: SECOND.cert, headers, agent: false }), 'response')) as [IncomingMessage]
  return Object.assign(response, { body: await text(response) })
}

/** A relay that signs a person in and posts, by this way and no other. */
async function post(url: string, way: string): Promise<void> {
  const ca = join(folder(), 'ca.pem')
  writeFileSync(ca, SECOND.cert)
  const extra = ['--transport', way, '--ca', ca]
  const program = startRelay({ url, folder: join(folder(), `relay-${way}`), user: ['kim', '1111'], extra })
  programs.push(program)
  await program.until(isLive)
  program.send({ ref: 'r1', command: 'chat.post', data: { line: 'line-3', text: `By ${way}` } })
  expect(await program.until(({ kind }) => kind === 'result')).toMatchObject({ outcome: 'applied' })
}

it('the document has a configuration of each, with what stands for the root in it once', () => {
  for (const kind of KINDS) expect([kind.name, wordsOf(kind).split(kind.root).length]).toEqual([kind.name, 2])
})

for (const kind of KINDS) {
  describe.skipIf(found(kind.name) === undefined)(`behind ${kind.name}`, () => {
    it('[X21] pages and every way of a relay come through', async () => {
      const port = await freePort()
      const site = `https://localhost:${port}`
      const { url } = await serve('--demo', '--public-url', site, '--trust-proxy', '127.0.0.1')
      await front(kind, wordsOf(kind), { folder: folder(), port, upstream: new URL(url).host })
      expect((await ask(`${site}/`, { accept: 'text/html' })).statusCode).toBe(200)
      for (const way of WAYS) await post(site, way)
    })

    it('[X21] below a path, too, where that takes the place of the root', async () => {
      const port = await freePort()
      const site = `https://localhost:${port}/andon`
      const { url } = await serve('--demo', '--public-url', site, '--trust-proxy', '127.0.0.1')
      const words = wordsOf(kind).replace(kind.root, kind.below)
      await front(kind, words, { folder: folder(), port, upstream: new URL(url).host })
      expect((await ask(`${site}/healthz`)).statusCode).toBe(200)
      expect((await ask(`${site}/`, { accept: 'text/html' })).statusCode).toBe(200)
      const bare = await ask(site, { accept: 'text/html' })
      expect([bare.statusCode, new URL(bare.headers.location ?? '', site).href]).toEqual([302, `${site}/`])
      await post(site, 'ws')
    })
  })
}

describe.skipIf(found('nginx') === undefined)('behind an nginx that takes the path away', () => {
  it('[X21] pages say where they belong, and are sent round by nobody', async () => {
    const [nginx] = KINDS
    if (nginx === undefined) throw new Error('no nginx')
    const port = await freePort()
    const site = `https://localhost:${port}/andon`
    const { url } = await serve('--demo', '--public-url', site)
    const words = wordsOf(nginx).replace(nginx.root, 'location /andon/ {').replace(':7070;', ':7070/;')
    await front(nginx, words, { folder: folder(), port, upstream: new URL(url).host })
    const page = await ask(`${site}/`, { accept: 'text/html' })
    expect([page.statusCode, page.headers.location]).toEqual([404, undefined])
    expect(page.body).toContain(`<a href="${site}/">`)
    // Programs need no page, and no path.
    expect((await ask(`${site}/healthz`)).statusCode).toBe(200)
  })
})

const HAS_IPV6 = Object.values(networkInterfaces()).some((entries) => entries?.some(({ address }) => address === '::1'))

describe.skipIf(!HAS_IPV6)('at an IPv6 address', () => {
  it('[X21] however it is written, every way of a relay comes through, and its pages are its own', async () => {
    const port = await freePort()
    const site = `http://[::1]:${port}/andon`
    await serve('--demo', '--host', '::1', '--port', String(port), '--public-url', site)
    for (const way of WAYS) await post(site.replace('::1', '0:0::1'), way)
    const forgotten = await fetch(`${site}/api/sessions/forget`, {
      method: 'POST',
      headers: { origin: new URL(site).origin },
    })
    expect(forgotten.headers.get('set-cookie')).toMatch(/^andon-refresh\+andon=;/)
    const foreign = { origin: `http://[::2]:${port}` }
    expect((await fetch(`${site}/api/sessions/forget`, { method: 'POST', headers: foreign })).status).toBe(403)
  })
})
