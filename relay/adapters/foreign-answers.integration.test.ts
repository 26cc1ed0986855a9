/** Each way where something else answers in place of the server from the first word on: it is named, and asked no more than once. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { LINK_HEADER, WAYS, type Way } from '../protocol/ways.ts'
import type { WayPort } from '../ports.ts'
import { pollSocket } from './poll-socket.ts'
import { streamSocket } from './stream-socket.ts'
import { whyNotOpen } from './uplink-probe.ts'
import { wsSocket } from './ws-socket.ts'

const PORTS: Readonly<Record<Way, () => WayPort>> = { ws: wsSocket, stream: streamSocket, poll: pollSocket }
/** What a WebSocket knows is only that it was not let in; why, the other ways find out. */
const CODES: Readonly<Record<Way, string>> = {
  ws: 'upgrade-blocked',
  stream: 'foreign-answer',
  poll: 'foreign-answer',
}
const PAGE = '<h1>Welcome</h1>'
/** As browsers and Node follow (WHATWG Fetch, "HTTP-redirect fetch"). */
const MAX_REDIRECTIONS = 20

const FOREIGN: Readonly<Record<string, (response: ServerResponse, path: string) => void>> = {
  'a page with status 200': (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE),
  'a page that calls itself a stream': (response) =>
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(PAGE),
  'a page that calls itself JSON, of a link': (response) =>
    response.writeHead(200, { 'content-type': 'application/json', [LINK_HEADER]: 'x'.repeat(43) }).end(PAGE),
  'a redirection to itself': (response, path) => response.writeHead(302, { location: path }).end(),
  'a redirection to a page': (response) => response.writeHead(307, { location: '/sign-in' }).end(),
}

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Answers everything like this, requests for a WebSocket too. */
async function foreign(what: string) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    FOREIGN[what]?.(response, request.url ?? '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

it.each(WAYS.flatMap((way) => Object.keys(FOREIGN).map((what) => [way, what] as const)))(
  '[R51 R56] [N2] by %s %s is no server, and is followed nowhere',
  async (way, what) => {
    const { url, asked } = await foreign(what)
    const said = await new Promise((resolve) => {
      PORTS[way]().open(url, {
        opened: () => resolve('opened'),
        received: () => resolve('received'),
        closed: (code, _reason, refusal) => resolve([code, refusal]),
      })
    })
    expect([said, asked.length]).toEqual([[1006, CODES[way]], 1])
  },
)

it('[R51] whoever asks why is led round by nothing', async () => {
  const { url, asked } = await foreign('a redirection to itself')
  expect(await whyNotOpen(url, url)).toBeNull()
  expect(asked.length).toBeLessThanOrEqual(MAX_REDIRECTIONS + 1)
})
