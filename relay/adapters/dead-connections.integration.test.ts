/** Links by requests behind a proxy that forgets connections without a word: what was kept from before is dead, and nobody says so. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { HostileProxy } from '../../test/support/hostile-proxy.ts'
import { LINK_HEADER } from '../protocol/ways.ts'
import { ownLines } from './node-proxy.ts'
import { pollSocket } from './poll-socket.ts'
import { sharedLines, type Lines } from './request-link.ts'
import { streamSocket } from './stream-socket.ts'
import type { SocketHandle, WayPort } from '../ports.ts'

type OpenLines = () => Lines
const WAYS: readonly (readonly [string, (lines: OpenLines) => WayPort])[] = [
  ['stream', streamSocket],
  ['poll', pollSocket],
]

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server that opens every link and answers every batch, behind such a proxy. */
async function serve() {
  const batches: number[] = []
  const server = createServer((request, response) => void answer(request, response))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { [LINK_HEADER]: 'x'.repeat(43) }
    if (request.url === '/page') return void response.end('page')
    if (request.method === 'GET') {
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' }).flushHeaders()
      return
    }
    const up = JSON.parse(await text(request)) as { batch: number; frames: readonly object[] }
    if (up.frames.length > 0) batches.push(up.batch)
    else if (up.batch > 1) return // held
    response.writeHead(200, { ...headers, 'content-type': 'application/json' })
    response.end(JSON.stringify({ batch: up.batch, ack: up.batch, frames: [] }))
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = new HostileProxy((server.address() as AddressInfo).port, 'none')
  const url = await proxy.listen()
  closing.push(() => {
    void proxy.close()
    server.closeAllConnections()
    server.close()
  })
  return { url, proxy, batches }
}

function open(way: WayPort, url: string) {
  const opened = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()
  const handle: SocketHandle = way.open(url, {
    opened: () => opened.resolve(),
    received: () => undefined,
    closed: () => over.resolve(),
  })
  closing.push(() => handle.close(1000, 'end of the test'))
  return { handle, opened: opened.promise, over: over.promise }
}

it.each(WAYS)('[R56] by %s, a link opens although the connection that its program kept is dead', async (_way, make) => {
  const { url, proxy } = await serve()
  await (await fetch(`${url}/page`)).text()
  // Kept by then.
  await setImmediate()
  proxy.fallSilent()
  proxy.lift()
  await open(make(sharedLines), url).opened
})

it.each(WAYS)(
  '[R56] by %s, a link begins with connections of its own, whatever became of the one before',
  async (_way, make) => {
    const { url, proxy } = await serve()
    const way = make(() => ownLines(() => Promise.resolve(null)))
    const first = open(way, url)
    await first.opened
    first.handle.send('{"t":"a"}')
    proxy.fallSilent()
    first.handle.close(1000, 'silent')
    await first.over
    proxy.lift()
    await open(way, url).opened
  },
)

it.each(WAYS)('[R56] [N4] by %s, a batch that died with its connection goes by another one', async (_way, make) => {
  const { url, proxy, batches } = await serve()
  const link = open(make(sharedLines), url)
  await link.opened
  link.handle.send('{"t":"a"}')
  await expect.poll(() => batches.length).toBe(1)
  proxy.fallSilent()
  proxy.lift()
  link.handle.send('{"t":"b"}')
  await expect.poll(() => batches.length, { timeout: 20_000 }).toBe(2)
})
