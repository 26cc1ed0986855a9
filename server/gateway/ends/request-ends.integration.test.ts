import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach } from 'vitest'
import type { Way } from '../../../relay/protocol/ways.ts'
import { openLink, type Link } from '../../../test/support/way-links.ts'
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
  closed: FramePeer['closed'] = null
  readonly vanish: FramePeer['vanish']
  readonly #link: Link

  constructor(way: Way, url: string) {
    this.#link = openLink(
      way,
      url,
      {},
      {
        frame: (text) => this.heard.push(text),
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

async function open(way: Way): Promise<EndUnderTest> {
  const entered = Promise.withResolvers<FrameEnd>()
  const door = new RequestDoor({
    gateway: { isOpen: true, enter: (end) => entered.resolve(end) },
    guard: { belongsToDevice: () => {} },
    say: () => {},
    admit: () => null,
    sourceOf: () => 'here',
    heartbeatMs: 10_000,
  })
  const http = createServer((request, response) => {
    if (request.url === '/sync/stream') door.stream(request, response)
    else if (request.url === '/sync/frames') door.frames(request, response)
    else door.poll(request, response)
  })
  servers.push(http)
  let writes = 0
  let sockets = 0
  http.on('connection', (socket: Socket) => {
    sockets += 1
    // Beside a stream its requests have answers of their own.
    if (way === 'poll' || sockets === 1) countWrites(socket, () => (writes += 1))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const peer = new Peer(way, `http://127.0.0.1:${port}`)
  return { end: await entered.promise, peer, writes: () => writes }
}

frameEndContract('a stream with requests beside it', () => open('stream'))
frameEndContract('requests that are held', () => open('poll'))
