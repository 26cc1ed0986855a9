/** `docs/network.md` as it stands there, in front of a real server; and what is said where it is done wrong. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { whyNotOpen } from '../relay/adapters/uplink-probe.ts'
import { wsSocket } from '../relay/adapters/ws-socket.ts'
import { SUBPROTOCOL } from '../relay/protocol/version.ts'
import { run, serve, useFolder } from '../server/testing/command-processes.ts'
import { found, FrontProgram, nginxOf } from './support/front-program.ts'
import { freePort } from './support/processes.ts'

const DOCUMENT = readFileSync(new URL('../docs/network.md', import.meta.url), 'utf8')
const CONFIGURATION = /^```nginx\n([\s\S]*?)^```/m.exec(DOCUMENT)?.[1] ?? ''

const folder = useFolder()
const proxies: FrontProgram[] = []
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((program) => program.kill()))
})

interface Site {
  readonly port: number
  readonly upstream: string
}

/** The document's configuration with ports and files of this run. */
function configuration({ port, upstream }: Site): string {
  return CONFIGURATION.replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('127.0.0.1:7070', new URL(upstream).host)
    .replaceAll('/etc/ssl', folder())
}

/** The same as people write it who have not read so far: plain, and with nothing about WebSocket. */
function plain(text: string): string {
  return text
    .replace(/^map [\s\S]*?^}/m, '')
    .replace(' ssl;', ';')
    .replaceAll(/^\s*(ssl_certificate\w*|proxy_http_version|proxy_set_header (Upgrade|Connection)) .*$/gm, '')
}

async function proxy(text: string, port: number): Promise<void> {
  proxies.push(await FrontProgram.start('nginx', nginxOf(text, folder()), { folder: folder(), port }))
}

/** A certificate of its own for `localhost`, and its key. */
function certify(): string {
  const [cert, key] = [join(folder(), 'andon.example.pem'), join(folder(), 'andon.example.key')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '2']
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', [...made, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  return cert
}

/** What one attempt of a relay on Node ends with. */
function attempt(base: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    wsSocket().open(base, { opened() {}, received() {}, closed: (_code, _reason, refusal) => resolve(refusal) })
  })
}

describe.skipIf(found('nginx') === undefined)('behind nginx', () => {
  it('[X20] the configuration of the document hands on pages and WebSockets, and the doctor says so', async () => {
    const port = await freePort()
    const site = `https://localhost:${port}`
    const { url } = await serve('--demo', '--origins', site)
    const cert = certify()
    await proxy(configuration({ port, upstream: url }), port)
    const ca = readFileSync(cert)
    const [page] = (await once(get(`${site}/healthz`, { ca }), 'response')) as [
      NodeJS.ReadableStream & { statusCode: number },
    ]
    expect(page.statusCode).toBe(200)
    const socket = new WebSocket(`${site.replace('https', 'wss')}/sync`, SUBPROTOCOL, { ca, origin: site })
    expect(String((await once(socket, 'message'))[0])).toContain('"challenge"')
    socket.terminate()
    const doctor = await run(['doctor', '--port', '0', '--url', site], { env: { NODE_EXTRA_CA_CERTS: cert } })
    expect(doctor.out).toContain(`✓ uplink: A WebSocket of a page at ${site} comes through.`)
    const stranger = await run(['doctor', '--port', '0', '--url', site])
    expect(stranger.out).toMatch(/✗ address: The certificate of .* is not trusted on this machine/)
    const listed = await run(['alert', 'list', '--server', site, '--key', 'demo-key'])
    expect(listed.err).toMatch(
      /^andon: The certificate of .* is not trusted on this machine \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
    )
    expect(await attempt(site)).toBe('bad-certificate')
  })

  it('[X20] without --origins page and doctor say that the server does not know their address', async () => {
    const port = await freePort()
    const site = `https://localhost:${port}`
    const { url } = await serve('--demo')
    const cert = certify()
    await proxy(configuration({ port, upstream: url }), port)
    const doctor = await run(['doctor', '--port', '0', '--url', site], { env: { NODE_EXTRA_CA_CERTS: cert } })
    expect(doctor.out).toMatch(/✗ uplink: Pages of this address may not use this server\./)
    expect(doctor.out).toContain(
      `→ Start the server with --public-url ${site}, or with --origins ${site} where that is a further address.`,
    )
    // As the page asks, for which the way through TLS is the browser's.
    expect(await whyNotOpen(url, site)).toBe('bad-origin')
  })

  it('[X20] without Upgrade page, relay, log and doctor name it', async () => {
    const port = await freePort()
    const site = `http://localhost:${port}`
    const { url, child } = await serve('--demo', '--origins', site, '--log-level', 'warn')
    let log = ''
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
    await proxy(plain(configuration({ port, upstream: url })), port)
    expect(await whyNotOpen(site, site)).toBe('upgrade-blocked')
    expect(await attempt(site)).toBe('upgrade-missing')
    expect(await whyNotOpen(site, site)).toBe('upgrade-missing')
    const doctor = await run(['doctor', '--port', '0', '--url', site])
    expect(doctor.out).toMatch(/✗ uplink: Something between .* takes "Upgrade" out .* → docs\/network\.md/)
    expect(log).toContain('"event":"upgrade-missing"')
  })
})
