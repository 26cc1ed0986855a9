import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Message } from '../protocol/binary.ts'
import { LIMITS } from '../protocol/limits.ts'
import { socketContract } from '../testing/socket.contract.ts'
import { wsSocket } from './ws-socket.ts'

socketContract('ws', wsSocket)

describe('the ws socket', () => {
  it.each<[string, string, string | undefined, number?]>([
    ['a problem', '{"code":"upgrade-missing"}', 'upgrade-missing'],
    ['a code that is not known', '{"code":"made-up"}', undefined],
    ['the page of a proxy', '<h1>Not here</h1>', 'upgrade-blocked'],
    ['more than a problem is', 'x'.repeat(20_000), 'upgrade-blocked'],
    ['a proxy whose server is away', '<h1>Bad Gateway</h1>', undefined, 502],
  ])('[R51] says why it was not let in, where that is known: %s', async (_what, body, refusal, status = 426) => {
    const server = createHttpServer((_request, response) => response.writeHead(status).end(body))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const said = await new Promise((resolve) =>
      wsSocket().open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
        opened: () => undefined,
        received: () => undefined,
        closed: (code, reason, why) => resolve([code, reason, why]),
      }),
    )
    expect(said).toEqual([1006, `HTTP ${status}`, refusal])
    server.close()
  })

  it('[Z2] takes what comes deflated, bounded like everything else, and deflates nothing itself', async () => {
    const perMessageDeflate = { serverNoContextTakeover: true, threshold: 0 }
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate })
    await once(server, 'listening')
    const text = JSON.stringify({ t: 'page', says: 'pressure low '.repeat(2_000) })
    const closed = Promise.withResolvers<number>()
    const received = Promise.withResolvers<Message>()
    const accepted = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>
    const socket = wsSocket().open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      opened: () => undefined,
      received: received.resolve,
      closed: closed.resolve,
    })
    const [peer, request] = await accepted
    expect(peer.extensions).toBe('permessage-deflate')
    peer.send(text)
    expect(await received.promise).toBe(text)
    const before = request.socket.bytesRead
    socket.send(text)
    await once(peer, 'message')
    expect(request.socket.bytesRead - before).toBeGreaterThan(text.length)
    peer.send(' '.repeat(LIMITS.maxFrameBytes * 4 + 1))
    await closed.promise
    server.close()
  })

  it('ends at a message no Andon server would send', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    const closed = Promise.withResolvers<number>()
    let received = 0
    const accepted = once(server, 'connection') as Promise<[WebSocket]>
    wsSocket().open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      opened: () => undefined,
      received: () => received++,
      closed: (code) => closed.resolve(code),
    })
    const [peer] = await accepted
    peer.send('x'.repeat(LIMITS.maxFrameBytes * 4 + 1))
    await closed.promise
    expect(received).toBe(0)
    server.close()
  })

  it('cuts the line two seconds after a close that the peer does not answer', async () => {
    // Speaks the handshake and then nothing: a server that hangs, or a line that died.
    const server = createServer((socket: Socket) => {
      socket.once('data', (request: Buffer) => {
        const key = /Sec-WebSocket-Key: (.+)\r\n/i.exec(request.toString())?.[1] ?? ''
        void accept(key).then((answer) => socket.write(answer))
      })
      socket.on('error', () => undefined) // the cut we are waiting for
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const closed = Promise.withResolvers<number>()
    const opened = Promise.withResolvers<void>()
    const handle = wsSocket().open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      opened: () => opened.resolve(),
      received: () => undefined,
      closed: (code) => closed.resolve(code),
    })
    await opened.promise
    handle.close(1000, '')
    expect(await closed.promise).toBe(1006)
    server.close()
  })
})

/** The answer to an upgrade, RFC 6455 §4.2.2. */
async function accept(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  const digest = Buffer.from(await crypto.subtle.digest('SHA-1', bytes)).toString('base64')
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade']
  return [...lines, `Sec-WebSocket-Accept: ${digest}`, 'Sec-WebSocket-Protocol: andon.v1', '', ''].join('\r\n')
}
