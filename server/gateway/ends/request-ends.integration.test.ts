import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { buffer, text as textOf } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { afterEach, expect, it } from 'vitest'
import { CLOSE } from '../../../relay/protocol/close-codes.ts'
import { WAY_PATHS, type Way } from '../../../relay/protocol/ways.ts'
import { openLink, type Link } from '../../../test/support/way-links.ts'
import { ask, openPoll } from '../../../test/support/way-requests.ts'
import { Deflater } from './deflater.ts'
import { joinBytes, SharedBytes } from '../shared-bytes.ts'
import type { FrameEnd } from '../frame-end.ts'
import { frameEndContract, type EndUnderTest, type FramePeer } from '../frame-end.contract.ts'
import { RequestDoor } from './request-door.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

class Peer implements FramePeer {
  readonly heard: string[] = []
  readonly heardBytes: Uint8Array[] = []
  closed: FramePeer['closed'] = null
  readonly vanish: FramePeer['vanish']
  readonly #link: Link

  constructor(way: Way, url: string) {
    this.#link = openLink(
      way,
      url,
      {},
      {
        frame: (frame) => (typeof frame === 'string' ? this.heard.push(frame) : this.heardBytes.push(frame)),
        closed: (code, says) => (this.closed = { code, says }),
      },
    )
    this.vanish = way === 'poll' ? null : () => this.#link.vanish()
  }
  send(text: string): void {
    this.#link.send(text)
  }
  sendBinary(bytes: Buffer): void {
    this.#link.send(bytes)
  }
  stopReading(): void {
    this.#link.pause()
  }
  readOn(): void {
    this.#link.resume()
  }
  close(): void {
    this.#link.close()
  }
}

/** Each call of a stream's `_write` or `_writev` is one to the system. */
function countWrites(socket: Socket, counted: () => void): void {
  for (const name of ['_write', '_writev'] as const) {
    const call = socket[name]?.bind(socket) as ((...args: unknown[]) => void) | undefined
    Object.assign(socket, {
      [name]: (...args: unknown[]): void => {
        counted()
        call?.(...args)
      },
    })
  }
}

/** A server of links. `entered`: its first end. */
async function serve(watch: (socket: Socket) => void = () => {}, isDeflating = false) {
  const entered = Promise.withResolvers<FrameEnd>()
  const door = new RequestDoor({
    gateway: { isOpen: true, enter: (end) => entered.resolve(end) },
    guard: { belongsToDevice: () => {} },
    say: () => {},
    admit: () => null,
    sourceOf: () => 'here',
    heartbeatMs: 10_000,
    isDeflating,
  })
  const http = createServer((request, response) => {
    if (request.url === '/sync/stream') door.stream(request, response)
    else if (request.url === '/sync/frames') door.frames(request, response)
    else door.poll(request, response)
  })
  servers.push(http)
  http.on('connection', watch)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { port: (http.address() as AddressInfo).port, entered: entered.promise }
}

async function open(way: Way, isDeflating = false): Promise<EndUnderTest> {
  let writes = 0
  let sockets = 0
  const { port, entered } = await serve((socket) => {
    sockets += 1
    // Beside a stream its requests have answers of their own.
    if (way === 'poll' || sockets === 1) countWrites(socket, () => (writes += 1))
  }, isDeflating)
  const peer = new Peer(way, `http://127.0.0.1:${port}`)
  return { end: await entered, peer, writes: () => writes }
}

frameEndContract('a stream with requests beside it', () => open('stream'))
frameEndContract('a stream in gzip', () => open('stream', true))
frameEndContract('requests that are held', () => open('poll'))

it('[H5] [N6] a question is held for as long as the pace of its relay allows', async () => {
  const { port, entered } = await serve()
  const url = `http://127.0.0.1:${port}`
  const { link } = await openPoll(url)
  const end = await entered
  end.holdAtMost?.(300)
  const held = await ask(url, WAY_PATHS.poll, { link, body: { batch: 2, ack: 1, holdMs: 60_000, frames: [] } })
  expect(held).toMatchObject({ status: 200, body: { batch: 2, frames: [] } })
})

it('[N7, N9] a link that closes with two batches unacknowledged repeats each once, and says then why it is over', async () => {
  const { port, entered } = await serve()
  const url = `http://127.0.0.1:${port}`
  const { link } = await openPoll(url)
  const end = await entered
  end.start({ took: () => {}, holding: () => {}, drained: () => {}, ended: () => {} })
  const poll = async (batch: number, ack: number) => {
    const body = { batch, ack, holdMs: 0, frames: [] }
    const { body: down } = await ask(url, WAY_PATHS.poll, { link, body })
    return down
  }
  for (const [batch, frame] of [
    [2, '{"t":"a"}'],
    [3, '{"t":"b"}'],
  ] as const) {
    end.write(new SharedBytes([frame]))
    expect(await poll(batch, 1)).toMatchObject({ batch, frames: [JSON.parse(frame)] })
  }
  end.close(CLOSE.normal)
  const { code, says } = CLOSE.normal
  // From the close on nothing of a body is read any more, and so no `ack` in it.
  expect(await poll(4, 1)).toMatchObject({ batch: 2, frames: [{ t: 'a' }] })
  expect(await poll(4, 3)).toMatchObject({ batch: 4, close: { code, says } })
})

it.each(['1.1', '1.0'])(
  '[N8] a stream is whole in the manner of HTTP/%s: in chunks to their end, or to that of its connection',
  async (version) => {
    const { port, entered } = await serve()
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /sync/stream HTTP/${version}\r\nHost: here\r\n\r\n`)
    const end = await entered
    end.write(new SharedBytes(['{"t":"a"}', '{"t":"위급"}']))
    end.close(CLOSE.normal)
    const [head = '', ...body] = (await textOf(socket)).split('\r\n\r\n')
    const events = 'data: {"t":"a"}\n\ndata: {"t":"위급"}\n\n'
    const last = `event: close\ndata: ${JSON.stringify({ code: CLOSE.normal.code, says: CLOSE.normal.says })}\n\n`
    const inChunk = (event: string) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`
    const isChunked = version === '1.1'
    expect(/^transfer-encoding: chunked$/im.test(head)).toBe(isChunked)
    expect(body.join('\r\n\r\n')).toBe(isChunked ? `${inChunk(events)}${inChunk(last)}0\r\n\r\n` : events + last)
  },
)

it.each<[string | undefined, boolean]>([
  ['gzip, deflate, br', true],
  ['br;q=1.0, GZIP;q=0.5', true],
  ['gzip;q=0', false],
  ['identity', false],
  [undefined, false],
])('[Z4] a poll that accepts %s has deflated frames in gzip: %s', async (accepts, isPacked) => {
  const { port, entered } = await serve()
  const link = { id: '', batch: 0 }
  async function poll() {
    link.batch += 1
    const request = httpRequest(`http://127.0.0.1:${port}/sync/poll`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(accepts !== undefined && { 'accept-encoding': accepts }),
        ...(link.id !== '' && { 'andon-link': link.id }),
      },
    })
    request.end(JSON.stringify({ batch: link.batch, ack: link.batch - 1, holdMs: 0, frames: [] }))
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    link.id ||= String(response.headers['andon-link'])
    const coding = response.headers['content-encoding']
    const body = await buffer(response)
    expect(Number(response.headers['content-length'])).toBe(body.length)
    const { frames } = JSON.parse((coding === 'gzip' ? gunzipSync(body) : body).toString()) as { frames: unknown }
    return { coding, frames }
  }
  expect(await poll()).toEqual({ coding: undefined, frames: [] })
  const end = await entered
  end.start({ took: () => {}, holding: () => {}, drained: () => {}, ended: () => {} })
  const page = { t: 'page', says: 'pressure low '.repeat(500) }
  const deflated = await new Deflater().deflated(new SharedBytes([JSON.stringify(page)]))
  end.writeAll([deflated, deflated])
  expect(await poll()).toEqual({ coding: isPacked ? 'gzip' : undefined, frames: [page, page] })
  end.writeAll([deflated, new SharedBytes(['{"t":"authed"}'])])
  expect(await poll()).toEqual({ coding: undefined, frames: [page, { t: 'authed' }] })
})

it.each<[string, boolean, string, boolean]>([
  ['1.1', true, 'gzip', true],
  ['1.0', true, 'gzip', true],
  ['1.1', true, 'br', false],
  ['1.1', false, 'gzip', false],
])(
  '[Z4] a stream of HTTP/%s from a server that deflates (%s) for whoever accepts %s is gzip: %s, whole to its end',
  async (version, isDeflating, accepts, isGzip) => {
    const { port, entered } = await serve(() => {}, isDeflating)
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /sync/stream HTTP/${version}\r\nHost: here\r\nAccept-Encoding: ${accepts}\r\n\r\n`)
    const end = await entered
    const long = JSON.stringify({ t: 'page', says: '위급 pump '.repeat(9_000) })
    const own = JSON.stringify({ t: 'authed', says: 'secret '.repeat(20_000) })
    const deflated = await new Deflater().deflated(new SharedBytes([long]))
    end.write(new SharedBytes([own]))
    end.writeAll([
      deflated,
      joinBytes([new SharedBytes(['{"n":1}']), deflated, deflated, new SharedBytes(['{"n":2}'])]),
    ])
    end.close(CLOSE.normal)
    const whole = await buffer(socket)
    const at = whole.indexOf('\r\n\r\n') + 4
    const head = whole.subarray(0, at).toString()
    const body = /^transfer-encoding: chunked$/im.test(head) ? unchunked(whole.subarray(at)) : whole.subarray(at)
    expect(/^content-encoding: gzip$/im.test(head)).toBe(isGzip)
    const frames = [own, long, '{"n":1}', long, long, '{"n":2}']
    const { code, says } = CLOSE.normal
    const events = [
      ...frames.map((frame) => `data: ${frame}\n\n`),
      `event: close\ndata: ${JSON.stringify({ code, says })}\n\n`,
    ]
    expect((isGzip ? gunzipSync(body) : body).toString()).toBe(events.join(''))
    // What is of one reader is in there as it is.
    expect(body.includes('secret '.repeat(100))).toBe(true)
    expect(body.includes('위급 pump '.repeat(100))).toBe(!isGzip)
  },
)

/** A body without the marks of its chunks (RFC 9112 §7.1). */
function unchunked(body: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; ;) {
    const from = body.indexOf('\r\n', at) + 2
    const length = Number.parseInt(body.subarray(at, from).toString(), 16)
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(body.subarray(from, from + length))
    at = from + length + 2
  }
}
