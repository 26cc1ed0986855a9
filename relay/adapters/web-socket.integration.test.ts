// Node's own WebSocket is the browser's interface (WHATWG), so the adapter meets a real server without a browser.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { socketContract } from '../testing/socket.contract.ts'
import { askingWhy } from './asking-why.ts'
import { whyNotOpen } from './uplink-probe.ts'
import { webSocket } from './web-socket.ts'

const PAGE = 'https://page.example'

socketContract('The browser WebSocket', webSocket)

describe('a WebSocket that does not open', () => {
  let http: Server
  afterEach(() => http.close())

  /** What `closed` says was the reason, of so many attempts in a row. */
  async function attempts(
    count: number,
    answer: (path: string) => { status: number; body: string },
  ): Promise<unknown[]> {
    http = createServer((request, response) => {
      const { status, body } = answer(request.url ?? '')
      response.writeHead(status, { connection: 'close' }).end(body)
    })
    http.on('upgrade', (request, socket) => {
      const { status, body } = answer(request.url ?? '')
      socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    const port = askingWhy(webSocket(), (server) => whyNotOpen(server, PAGE))
    const said: unknown[] = []
    for (let index = 0; index < count; index += 1)
      said.push(
        await new Promise((resolve) =>
          port.open(base, { opened() {}, received() {}, closed: (_code, _reason, refusal) => resolve(refusal) }),
        ),
      )
    return said
  }
  const uplink = `/api/uplink?origin=${encodeURIComponent(PAGE)}`

  it('[R51] asks the server why from the second attempt on, as the page of its origin', async () => {
    const problem = { status: 403, body: '{"code":"bad-origin"}' }
    expect(await attempts(3, (path) => (path === uplink ? problem : { status: 403, body: '' }))).toEqual([
      undefined,
      'bad-origin',
      'bad-origin',
    ])
  })

  it('[R51] knows that something blocks it when the server answers and has heard of nothing', async () => {
    const nothing = { status: 200, body: '{"uplink":"nothing"}' }
    expect(await attempts(2, (path) => (path === uplink ? nothing : { status: 502, body: '' }))).toEqual([
      undefined,
      'upgrade-blocked',
    ])
  })

  it('[R51] claims nothing where what answers is not the server', async () => {
    expect(await attempts(2, () => ({ status: 200, body: '<h1>Welcome</h1>' }))).toEqual([undefined, undefined])
    http.close()
    expect(await attempts(2, () => ({ status: 502, body: '<h1>Bad Gateway</h1>' }))).toEqual([undefined, undefined])
  })
})
