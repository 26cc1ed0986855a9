import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get as getHttp, type IncomingMessage } from 'node:http'
import { Agent, get } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { connect, type ConnectionOptions } from 'node:tls'
import pino from 'pino'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wsSocket } from '../../relay/adapters/ws-socket.ts'
import { FIRST, SECOND } from '../testing/certificates.ts'
import { openFloor, type Floor } from '../testing/http-floor.ts'
import { Certificate } from './certificate.ts'

const folder = mkdtempSync(join(tmpdir(), 'andon-tls-'))
const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
const CA = [FIRST.cert, SECOND.cert]
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function put({ cert, key }: { readonly cert: string; readonly key: string }): void {
  writeFileSync(tls.cert, cert)
  writeFileSync(tls.key, key)
}

let floor: Floor
let port: number
beforeEach(async () => {
  put(FIRST)
  const certificate = new Certificate({
    files: tls,
    log: pino({ level: 'silent' }),
    now: () => Date.now(),
    lookMs: 10,
  })
  const patience = { requestMs: 6_000, headersMs: 3_000, checkMs: 50 }
  floor = await openFloor({ tls }, () => ({ certificate, patience }))
  await floor.app.listen({ host: '127.0.0.1', port: 0 })
  port = (floor.app.server.address() as { readonly port: number }).port
})
afterEach(() => floor.close())

async function healthz(agent: Agent | false = false): Promise<IncomingMessage & { readonly isReused: boolean }> {
  const asked = get({ host: 'localhost', port, path: '/healthz', ca: CA, agent })
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  await text(response)
  return Object.assign(response, { isReused: asked.reusedSocket })
}

/** By a connection of its own: what the server shows now. */
async function shown(options: ConnectionOptions = {}): Promise<{ cert: string; protocol: string | null }> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: CA, ...options })
  await once(socket, 'secureConnect')
  const cert = socket.getPeerX509Certificate()?.toString() ?? ''
  const protocol = socket.getProtocol()
  socket.destroy()
  return { cert, protocol }
}

describe('with TLS of its own', () => {
  it('it speaks HTTPS, says so for the future, and its cookie never leaves it', async () => {
    const response = await healthz()
    expect(response.statusCode).toBe(200)
    expect(response.headers['strict-transport-security']).toBe('max-age=31536000')
    const forgotten = await floor.inject({
      method: 'POST',
      url: '/api/sessions/forget',
      headers: { origin: 'https://localhost', host: 'localhost' },
    })
    expect(forgotten.headers['set-cookie']).toContain('Secure')
  })

  it('[X22] it speaks TLS 1.2 and newer, and nothing older', async () => {
    expect((await shown({ maxVersion: 'TLSv1.2' })).protocol).toBe('TLSv1.2')
    expect((await shown()).protocol).toBe('TLSv1.3')
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await expect(shown(old)).rejects.toMatchObject({ code: expect.stringMatching(/PROTOCOL_VERSION|ECONNRESET/) })
  })

  it('[X22] it shows a replaced certificate without a restart, and who is connected stays so', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect((await healthz(agent)).isReused).toBe(false)
    expect((await shown()).cert).toBe(FIRST.cert)
    put({ cert: 'garbage', key: SECOND.key })
    expect((await shown()).cert).toBe(FIRST.cert)
    put(SECOND)
    await expect.poll(async () => (await shown()).cert).toBe(SECOND.cert)
    expect((await shown({ maxVersion: 'TLSv1.2' })).protocol).toBe('TLSv1.2')
    expect(await healthz(agent)).toMatchObject({ statusCode: 200, isReused: true })
    agent.destroy()
  })
})

describe('[X23] plain HTTP on an address of TLS', () => {
  async function plainly(headers: Record<string, string> = {}): Promise<IncomingMessage> {
    const asked = getHttp({ host: '127.0.0.1', port, path: '/x?y=1', agent: false, headers })
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return response
  }

  it('is told where to go, programs and people alike, and never by a redirect', async () => {
    const program = await plainly()
    expect([program.statusCode, program.headers.location, program.headers.connection]).toEqual([
      426,
      undefined,
      'close',
    ])
    expect(await json(program)).toMatchObject({
      code: 'https-required',
      detail: `This address speaks HTTPS only: open https://127.0.0.1:${port}/`,
    })
    const person = await plainly({ accept: 'text/html', host: 'andon.example:7070' })
    expect([person.statusCode, person.headers.location]).toEqual([426, undefined])
    expect(await text(person)).toContain('<a href="https://andon.example:7070/">')
  })

  it('repeats nothing that is no name', async () => {
    for (const host of ['x"><script>', 'a b', 'kim@andon.example', 'andon.example/x', 'x'.repeat(300)]) {
      const answer = await text(await plainly({ accept: 'text/html', host }))
      expect(answer).not.toContain('<a')
      expect(answer).toContain('This address speaks HTTPS only.')
    }
  })

  it('a relay and its window read why', async () => {
    const refusal = await new Promise((resolve) => {
      const closed = (_code: number, _reason: string, why?: string) => resolve(why)
      wsSocket().open(`http://127.0.0.1:${port}`, { opened() {}, received() {}, closed })
    })
    expect(refusal).toBe('https-required')
  })

  it('costs nothing: what says nothing, goes on for ever or is neither, is closed', async () => {
    const endless = 'GET / HTTP/1.1\r\nX: '
    const openings = [
      '',
      'G',
      endless,
      '\u0016',
      '\u0016\u0003\u0001\u0002\u0000garbage',
      '\u0000\u0000',
      '\u0080\u002e\u0001',
    ]
    const closed = openings.map(async (first) => {
      const socket = connectTcp(port, '127.0.0.1')
      socket.on('error', () => {})
      const drip = setInterval(() => first === endless && socket.write('x'), 20)
      socket.write(Buffer.from(first, 'latin1'))
      socket.resume()
      // `once` of node:events would reject where the end is a reset, which it may be.
      await new Promise((resolve) => socket.once('close', resolve))
      clearInterval(drip)
    })
    await Promise.all(closed)
    expect((await healthz()).statusCode).toBe(200)
  })
})
