/** Who sends a request so slowly that it never ends, and as many of them as one machine has sockets for. */
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { besiegeFloor, SITE_KEY } from './besieged-floor.ts'

/** Between two bytes of somebody who is always just about to go on, milliseconds: less than any patience. */
const DRIP_MS = 20
/** More than browsers and proxies of a site open at once; each holds a socket for as long as the server lets it. */
const MANY = 300

const floor = besiegeFloor({ script: 'test/attacks/impatient-server.ts' })

/** Sends `head` at once and `byte` for ever, nothing where it is empty; resolves with what the server said until it closed. */
async function drip(head: string, byte: string): Promise<string> {
  const socket = connect({ port: Number(new URL(floor.url()).port), host: '127.0.0.1' })
  let said = ''
  socket.on('error', () => socket.destroy())
  socket.write(head)
  // After everything that came was read: a byte that crosses the answer makes the system drop what was not.
  const dripping = setInterval(() => setImmediate(() => said === '' && byte !== '' && socket.write(byte)), DRIP_MS)
  socket.on('data', (bytes: Buffer) => (said += bytes.toString()))
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
  clearInterval(dripping)
  return said
}

const host = (): string => new URL(floor.url()).host
const headers = (byte: string): Promise<string> => drip(`GET /healthz HTTP/1.1\r\nHost: ${host()}\r\nX-Slow: `, byte)
const body = (byte: string): Promise<string> =>
  drip(
    [
      'POST /api/alerts HTTP/1.1',
      `Host: ${host()}`,
      `Authorization: Bearer ${SITE_KEY}`,
      'Content-Type: application/json',
      'Content-Length: 20000',
      '',
      '{"title":"',
    ].join('\r\n'),
    byte,
  )

/** Status and code of every answer in these bytes. */
function inShort(answer: string): string {
  const codes = [...answer.matchAll(/HTTP\/1\.1 (\d{3})|"code":"([\w-]+)"/g)].map(([, status, code]) => status ?? code)
  return codes.join(' ')
}

describe('a request that never ends [X7]', () => {
  it('because its headers come byte by byte is answered 408 and closed', async () => {
    expect(inShort(await headers('x'))).toBe('408 request-timeout')
  })

  it('because its first line never comes is answered 408 and closed', async () => {
    expect(inShort(await drip('GET /', 'x'))).toBe('408 request-timeout')
  })

  it('because nothing comes at all is answered 408 and closed', async () => {
    expect(inShort(await drip('', ''))).toBe('408 request-timeout')
  })

  it('because its body comes byte by byte is answered 408 and closed', async () => {
    expect(inShort(await body('x'))).toBe('408 request-timeout')
  })

  it('because its body comes in chunks without an end is answered 408 and closed', async () => {
    const head = `POST /api/alerts HTTP/1.1\r\nHost: ${host()}\r\nAuthorization: Bearer ${SITE_KEY}\r\n`
    const chunked = 'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
    expect(inShort(await drip(head + chunked, '1\r\n \r\n'))).toBe('408 request-timeout')
  })

  it('behind one that came, because its second half never does, gets the answer to the first, then 408', async () => {
    const first = `GET /healthz HTTP/1.1\r\nHost: ${host()}\r\n\r\n`
    expect(inShort(await drip(`${first}GET /healthz HTTP/1.1\r\nX: `, ''))).toBe('200 408 request-timeout')
  })

  it('three hundred at once each get theirs, and programs and devices are answered meanwhile', async () => {
    const slow = Array.from({ length: MANY }, (_, at) => (at % 2 === 0 ? headers('') : body('')))
    await floor.raise('In the middle of slow requests')
    const { client } = await floor.stranger()
    client.send({ t: 'ping', nonce: 'not slow' })
    await client.next('pong')
    const ends = await Promise.all(slow)
    expect(new Set(ends.map(inShort))).toEqual(new Set(['408 request-timeout']))
  })
})
