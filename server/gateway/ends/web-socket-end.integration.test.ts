import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket, type ClientOptions } from 'ws'
import { SUBPROTOCOL } from '../../../relay/protocol/version.ts'
import { Deflater } from './deflater.ts'
import type { FrameEnd } from '../frame-end.ts'
import { frameEndContract, type EndUnderTest, type FramePeer } from '../frame-end.contract.ts'
import { SharedBytes } from '../shared-bytes.ts'
import { WebSocketDoor } from './web-socket-door.ts'

let http: Server
/** Whose clients and door deflate. */
let deflatingHttp: Server
const clients: WebSocket[] = []
/** Calls to the system for each socket, in the order in which they came. */
const writes: { count: number }[] = []
let entered: PromiseWithResolvers<FrameEnd> = Promise.withResolvers()

beforeAll(async () => {
  http = await listen(false)
  deflatingHttp = await listen(true)
})

async function listen(isDeflating: boolean): Promise<Server> {
  const server = createServer()
  server.on('connection', (socket: Socket) => writes.push(countWrites(socket)))
  const door = new WebSocketDoor({
    gateway: {
      isOpen: true,
      enter: (end) => entered.resolve(end),
    },
    guard: { belongsToDevice: () => {} },
    say: () => {},
    admit: () => null,
    sourceOf: () => 'here',
    isDeflating,
  })
  door.attach(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
afterEach(() => {
  for (const client of clients.splice(0)) client.terminate()
})
afterAll(() => {
  http.close()
  deflatingHttp.close()
})

/** Each call of a stream's `_write` or `_writev` is one to the system. */
function countWrites(socket: Socket): { count: number } {
  const counter = { count: 0 }
  for (const name of ['_write', '_writev'] as const) {
    const call = socket[name]?.bind(socket) as ((...args: unknown[]) => void) | undefined
    const counted = (...args: unknown[]): void => {
      counter.count += 1
      call?.(...args)
    }
    Object.assign(socket, { [name]: counted })
  }
  return counter
}

function socketOf(ws: WebSocket): Socket {
  const { _socket: socket } = ws as unknown as { readonly _socket: Socket }
  return socket
}

class Peer implements FramePeer {
  readonly heard: string[] = []
  readonly heardBytes: Uint8Array[] = []
  closed: FramePeer['closed'] = null
  readonly #ws: WebSocket

  constructor(ws: WebSocket) {
    this.#ws = ws
    ws.on('message', (data: Buffer, isBinary) =>
      isBinary ? this.heardBytes.push(data) : this.heard.push(data.toString()),
    )
    ws.on('close', (code, reason) => (this.closed = { code, says: reason.toString() }))
    ws.on('error', () => {})
  }
  send(text: string): void {
    this.#ws.send(text)
  }
  sendBinary(bytes: Buffer): void {
    this.#ws.send(bytes)
  }
  stopReading(): void {
    this.#ws.pause()
  }
  readOn(): void {
    this.#ws.resume()
  }
  close(): void {
    this.#ws.close(1000)
  }
  vanish(): void {
    socketOf(this.#ws).resetAndDestroy()
  }
}

async function open(server: Server, deflates: ClientOptions['perMessageDeflate'] = false) {
  entered = Promise.withResolvers()
  const { port } = server.address() as AddressInfo
  const ws = new WebSocket(`ws://127.0.0.1:${port}/sync`, SUBPROTOCOL, { perMessageDeflate: deflates })
  clients.push(ws)
  const peer = new Peer(ws)
  const [end] = await Promise.all([entered.promise, once(ws, 'open')])
  const counter = writes.at(-1)
  return { end, peer, writes: () => counter?.count ?? 0, ws }
}

frameEndContract('WebSocket', (): Promise<EndUnderTest> => open(http))
// Everything that the client sends is deflated.
frameEndContract('WebSocket that deflates', (): Promise<EndUnderTest> => open(deflatingHttp, { threshold: 0 }))

describe('shared bytes with a deflated form', () => {
  const page = JSON.stringify({ t: 'page', says: 'pressure low, pump stopped '.repeat(2_000) })
  const parts = async () => [
    new SharedBytes(['{"before":1}']),
    await new Deflater().deflated(new SharedBytes([page])),
    new SharedBytes(['{"behind":1}', '{"behind":2}']),
  ]

  it('[Z1] [Z2] reach whoever deflates in that form, everybody else as they are, all in their order', async () => {
    const ends = [await open(deflatingHttp, true), await open(deflatingHttp), await open(http, true)]
    expect(ends.map(({ ws }) => ws.extensions)).toEqual(['permessage-deflate', '', ''])
    const written = await parts()
    const messages = written.flatMap((part) => part.messages)
    const bytes: number[] = []
    for (const { end, peer } of ends) {
      end.write(written[1] ?? new SharedBytes([]))
      end.writeAll(written)
      await expect.poll(() => peer.heard.length, { timeout: 30_000 }).toBe(5)
      expect(peer.heard).toEqual([page, ...messages])
    }
    for (const { ws } of ends) bytes.push(socketOf(ws).bytesRead)
    const [deflated = 0, plain = 0, declined = 0] = bytes
    expect(deflated).toBeLessThan(page.length / 10)
    expect([plain > 2 * page.length, declined > 2 * page.length]).toEqual([true, true])
  })

  it('[Z2] opens without for whoever asks for a smaller window, and for whoever asks for something else', async () => {
    const { ws } = await open(deflatingHttp, { serverMaxWindowBits: 10 })
    expect([ws.readyState, ws.extensions]).toEqual([WebSocket.OPEN, ''])
  })
})
