/** Binary messages on the ways that are text: base64 both ways, and nothing that is none (PROTOCOL N3, N8). */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { CLOSE } from '../protocol/close-codes.ts'
import { LINK_HEADER, WAY_PATHS } from '../protocol/ways.ts'
import { pollSocket } from './poll-socket.ts'
import { streamSocket } from './stream-socket.ts'
import type { SocketHandle, WayPort } from '../ports.ts'

const HEADERS = { [LINK_HEADER]: 'x'.repeat(43) }
const EVERY_BYTE = Uint8Array.from({ length: 70_000 }, (_, at) => at)
const base64 = Buffer.from(EVERY_BYTE).toString('base64')

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server that says these frames once, as they stand in a batch, and then takes what comes up. */
async function open(way: WayPort, frames: readonly unknown[]) {
  const up: unknown[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.method === 'GET') {
        response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
        for (const frame of frames)
          response.write(
            typeof frame === 'string' ? `event: bytes\ndata: ${frame}\n\n` : `data: ${JSON.stringify(frame)}\n\n`,
          )
        return
      }
      const { batch, frames: came } = JSON.parse(body) as { readonly batch: number; readonly frames: unknown[] }
      up.push(...came)
      response.writeHead(200, { ...HEADERS, 'content-type': 'application/json' })
      // A question without frames is held: there is nothing more to say.
      if (request.url !== WAY_PATHS.poll) response.end(`{"ack":${batch}}`)
      else if (batch === 1) response.end(JSON.stringify({ batch, ack: batch, frames }))
      else if (came.length > 0) response.end(JSON.stringify({ batch: 2, ack: batch, frames: [] }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const said: unknown[] = []
  const over = Promise.withResolvers<number>()
  const handle: SocketHandle = way.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    opened: () => {},
    received: (message) => said.push(message),
    closed: (code) => over.resolve(code),
  })
  closing.push(() => {
    handle.close(1000, 'end of the test')
    server.closeAllConnections()
    server.close()
  })
  return { handle, up, said, over: over.promise }
}

const WAYS: readonly (readonly [string, () => WayPort])[] = [
  ['stream', streamSocket],
  ['poll', pollSocket],
]

it.each(WAYS)('[N3] [N8] %s carries bytes both ways, in order with text', async (_way, create) => {
  const { handle, up, said } = await open(create(), [{ t: 'a' }, base64, '', { t: 'b' }])
  await expect.poll(() => said.length).toBe(4)
  expect(said).toEqual(['{"t":"a"}', EVERY_BYTE, new Uint8Array(0), '{"t":"b"}'])
  for (const message of ['{"t":"c"}', EVERY_BYTE, '{"t":"d"}']) handle.send(message)
  await expect.poll(() => up.length).toBe(3)
  expect(up).toEqual([{ t: 'c' }, base64, { t: 'd' }])
})

it('[N8] a stream is closed by bytes that are none', async () => {
  const { said, over } = await open(streamSocket(), ['AP8K', '***', 'AP8K'])
  await expect.poll(() => said.length).toBe(1)
  expect(said).toEqual([Uint8Array.of(0, 255, 10)])
  expect(await over).toBe(CLOSE.badFrame.code)
})
