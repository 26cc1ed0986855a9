import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../../../relay/protocol/version.ts'
import type { FrameEnd } from '../frame-end.ts'
import { frameEndContract, type EndUnderTest, type FramePeer } from '../frame-end.contract.ts'
import { WebSocketDoor } from './web-socket-door.ts'

let http: Server
const clients: WebSocket[] = []
/** Calls to the system for each socket, in the order in which they came. */
const writes: { count: number }[] = []
let entered: PromiseWithResolvers<FrameEnd> = Promise.withResolvers()

beforeAll(async () => {
  http = createServer()
  http.on('connection', (socket: Socket) => writes.push(countWrites(socket)))
  const door = new WebSocketDoor({
    gateway: {
      isOpen: true,
      enter: (end) => entered.resolve(end),
    },
    guard: { belongsToDevice: () => {} },
    say: () => {},
    admit: () => null,
    sourceOf: () => 'here',
  })
  door.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
})
afterEach(() => {
  for (const client of clients.splice(0)) client.terminate()
})
afterAll(() => http.close())

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
    const { _socket: socket } = this.#ws as unknown as { readonly _socket: Socket }
    socket.resetAndDestroy()
  }
}

async function open(): Promise<EndUnderTest> {
  entered = Promise.withResolvers()
  const { port } = http.address() as AddressInfo
  const ws = new WebSocket(`ws://127.0.0.1:${port}/sync`, SUBPROTOCOL)
  clients.push(ws)
  const peer = new Peer(ws)
  const [end] = await Promise.all([entered.promise, once(ws, 'open')])
  const counter = writes.at(-1)
  return { end, peer, writes: () => counter?.count ?? 0 }
}

frameEndContract('WebSocket', open)
