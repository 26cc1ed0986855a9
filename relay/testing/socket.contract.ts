/** What every `WayPort` must do against a real server on this machine. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Message } from '../protocol/binary.ts'
import { SUBPROTOCOL } from '../protocol/version.ts'
import type { SocketEvents, SocketHandle, WayPort } from '../ports.ts'

type Happening =
  | { kind: 'opened' }
  | { kind: 'received'; message: Message }
  | { kind: 'closed'; code: number; reason: string }

const EVERY_BYTE = Uint8Array.from({ length: 70_000 }, (_, at) => at)

export function socketContract(name: string, create: () => WayPort): void {
  describe(`${name} as a WayPort`, () => {
    let http: Server
    let sockets: WebSocketServer
    let base: string
    beforeEach(async () => {
      http = createServer((_request, response) => response.writeHead(404).end())
      sockets = new WebSocketServer({ server: http, path: '/sync', handleProtocols: () => SUBPROTOCOL })
      await listen(http)
      base = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    })
    afterEach(async () => {
      for (const client of sockets.clients) client.terminate()
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    })

    async function open(): Promise<{ handle: SocketHandle; log: Recorder; peer: WebSocket }> {
      const log = new Recorder()
      const accepted = once(sockets, 'connection') as Promise<[WebSocket]>
      const handle = create().open(base, log)
      const [peer] = await accepted
      await log.until('opened')
      return { handle, log, peer }
    }

    it('opens /sync below the base and speaks the subprotocol', async () => {
      const { peer, handle, log } = await open()
      expect(peer.protocol).toBe(SUBPROTOCOL)
      expect(log.all).toEqual([{ kind: 'opened' }])
      handle.close(1000, '')
      await log.until('closed')
    })

    it('carries text both ways, in order and unchanged', async () => {
      const { handle, log, peer } = await open()
      const heard: string[] = []
      peer.on('message', (data) => heard.push((data as Buffer).toString('utf8')))
      const texts = ['{"t":"ping"}', '', 'ü 한국어 🛑 \u0000', 'x'.repeat(200_000)]
      for (const text of texts) {
        handle.send(text)
        peer.send(text)
      }
      await log.until('received', texts.length)
      expect(log.all.slice(1)).toEqual(texts.map((message) => ({ kind: 'received', message })))
      handle.close(1000, '')
      await log.until('closed')
      expect(heard).toEqual(texts)
    })

    it('tells the code and reason of the server, once and last', async () => {
      const { log, peer } = await open()
      peer.close(4409, 'elsewhere')
      await log.until('closed')
      expect(log.all.at(-1)).toEqual({ kind: 'closed', code: 4409, reason: 'elsewhere' })
      expect(log.count('closed')).toBe(1)
    })

    it('tells the server our code and reason, and then ends', async () => {
      const { handle, log, peer } = await open()
      const gone = once(peer, 'close') as Promise<[number, Buffer]>
      handle.close(4408, 'silent')
      handle.close(4408, 'twice')
      const [code, reason] = await gone
      expect([code, reason.toString()]).toEqual([4408, 'silent'])
      await log.until('closed')
      expect(log.count('closed')).toBe(1)
    })

    it('does not throw on codes and reasons that WebSocket forbids', async () => {
      const { handle, log } = await open()
      handle.close(1006, 'x'.repeat(500))
      await log.until('closed')
    })

    it('ends with 1006 when the line is cut', async () => {
      const { log, peer } = await open()
      peer.terminate()
      await log.until('closed')
      expect(log.all.at(-1)).toMatchObject({ kind: 'closed', code: 1006 })
    })

    it('ignores what is sent before it is open and after it is closed', async () => {
      const log = new Recorder()
      const accepted = once(sockets, 'connection') as Promise<[WebSocket]>
      const handle = create().open(base, log)
      handle.send('too early')
      const [peer] = await accepted
      const heard: unknown[] = []
      peer.on('message', (data) => heard.push(data))
      await log.until('opened')
      handle.close(1000, '')
      handle.send('too late')
      await log.until('closed')
      handle.send('much too late')
      handle.close(1000, '')
      expect(heard).toEqual([])
      expect(handle.bufferedBytes()).toBeGreaterThanOrEqual(0)
    })

    it('[B2] carries bytes both ways, in order with text and unchanged', async () => {
      const { handle, log, peer } = await open()
      const heard: Message[] = []
      peer.on('message', (data: Buffer, isBinary) => heard.push(isBinary ? bytesOf(data) : data.toString('utf8')))
      const messages = [Uint8Array.of(0, 255, 10), '{"t":"ping"}', new Uint8Array(0), EVERY_BYTE, 'behind']
      for (const message of messages) {
        handle.send(message)
        peer.send(message)
      }
      await log.until('received', messages.length)
      const came = log.all.flatMap((each) => (each.kind === 'received' ? [each.message] : []))
      expect(came.map((message) => (typeof message === 'string' ? message : bytesOf(message)))).toEqual(messages)
      handle.close(1000, '')
      await log.until('closed')
      expect(heard).toEqual(messages)
    })

    it('says closed, once, when nobody listens', async () => {
      const closed = createServer()
      await listen(closed)
      const { port } = closed.address() as AddressInfo
      await new Promise((resolve) => closed.close(resolve))
      const log = new Recorder()
      create().open(`http://127.0.0.1:${port}`, log)
      await log.until('closed')
      expect(log.all).toMatchObject([{ kind: 'closed', code: 1006 }])
    })

    it('says closed, once, when the server refuses the upgrade', async () => {
      const log = new Recorder()
      create().open(`${base}/elsewhere`, log)
      await log.until('closed')
      expect(log.all).toMatchObject([{ kind: 'closed', code: 1006 }])
    })

    it('says closed, once and not before open has returned, for an address that is none', async () => {
      const log = new Recorder()
      create().open('floor seven', log)
      expect(log.all).toEqual([])
      await log.until('closed')
      expect(log.all).toMatchObject([{ kind: 'closed', code: 1006 }])
    })

    it('says closed, once, when it is closed while opening', async () => {
      const log = new Recorder()
      const handle = create().open(base, log)
      handle.close(1000, 'changed my mind')
      await log.until('closed')
      expect(log.count('opened')).toBe(0)
      expect(log.count('closed')).toBe(1)
    })

    it('opens many at once without mixing them up', async () => {
      const opened = []
      for (let index = 0; index < 5; index++) opened.push(await open())
      for (const [index, { peer }] of opened.entries()) peer.send(`for ${index}`)
      for (const [index, { log, handle }] of opened.entries()) {
        await log.until('received')
        expect(log.all.at(-1)).toEqual({ kind: 'received', message: `for ${index}` })
        handle.close(1000, '')
        await log.until('closed')
      }
    })
  })
}

class Recorder implements SocketEvents {
  readonly all: Happening[] = []
  readonly #waiting = new Set<() => void>()

  opened(): void {
    this.#add({ kind: 'opened' })
  }
  received(message: Message): void {
    this.#add({ kind: 'received', message })
  }
  closed(code: number, reason: string): void {
    this.#add({ kind: 'closed', code, reason })
  }

  count(kind: Happening['kind']): number {
    return this.all.filter((happening) => happening.kind === kind).length
  }

  async until(kind: Happening['kind'], times = 1): Promise<void> {
    while (this.count(kind) < times) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  #add(happening: Happening): void {
    this.all.push(happening)
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** As values that are compared: a `Buffer` is none. */
function bytesOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes)
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
}
