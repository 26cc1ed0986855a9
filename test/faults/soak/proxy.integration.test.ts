import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../relay/testing/virtual-clock.ts'
import { FaultProxy } from './proxy.ts'

let server: Server
let accepted: Socket[] = []
let proxy: FaultProxy
let clock: VirtualClock
const clients: Client[] = []

beforeEach(async () => {
  accepted = []
  clock = new VirtualClock()
  server = createServer((socket) => {
    accepted.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => socket.write(bytes.toString().toUpperCase()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  proxy = await FaultProxy.open({ port, clock, random: () => 0.5 })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy()
  await proxy.close()
  for (const socket of accepted) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})

/** A connection through the proxy, and everything it heard. */
class Client {
  readonly socket: Socket
  readonly closed: Promise<string>
  heard = ''
  #waiting: (() => void)[] = []

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' })
    let why = 'ended'
    this.socket.on('data', (bytes) => {
      this.heard += bytes.toString()
      for (const resolve of this.#waiting.splice(0)) resolve()
    })
    this.socket.on('error', (error: NodeJS.ErrnoException) => (why = error.code ?? error.message))
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve(why)))
  }

  async hears(text: string): Promise<void> {
    while (!this.heard.includes(text)) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}

function open(): Client {
  const client = new Client(proxy.port)
  clients.push(client)
  return client
}

/** Unlike `once`, which rejects when a reset comes before the close. */
function endOf(socket: Socket | undefined): Promise<void> {
  return new Promise((resolve) => socket?.on('close', () => resolve()))
}

/** Proves that nothing is on its way any more: a second connection made after went there and back. */
async function turnAround(): Promise<void> {
  const other = open()
  other.socket.write('ping')
  await other.hears('PING')
}

describe('a working proxy', () => {
  it('passes bytes both ways, in order', async () => {
    const client = open()
    client.socket.write('one ')
    client.socket.write('two')
    await client.hears('ONE TWO')
  })

  it('passes an end, each way by itself', async () => {
    const client = open()
    client.socket.end('last words')
    await client.hears('LAST WORDS')
    expect(await client.closed).toBe('ended')
  })

  it('passes on that the server is gone', async () => {
    const client = open()
    client.socket.write('hello')
    await client.hears('HELLO')
    accepted[0]?.resetAndDestroy()
    expect(await client.closed).toBe('ECONNRESET')
  })

  it('carries more than its buffers hold', async () => {
    const client = open()
    const text = 'x'.repeat(3 * 1024 * 1024)
    client.socket.write(text)
    while (client.heard.length < text.length) await once(client.socket, 'data')
    expect(client.heard).toBe(text.toUpperCase())
  })

  it('resets a client when nobody listens behind it', async () => {
    const lonely = await FaultProxy.open({ port: 1, clock, random: () => 0 })
    const client = new Client(lonely.port)
    expect(await client.closed).toBe('ECONNRESET')
    await lonely.close()
  })
})

describe('faults', () => {
  it('cut: resets both ends, and new connections pass', async () => {
    const client = open()
    client.socket.write('hello')
    await client.hears('HELLO')
    const ended = endOf(accepted[0])
    proxy.cut()
    expect(await client.closed).toBe('ECONNRESET')
    await ended
    await turnAround()
  })

  it('refuse: resets new connections until healed', async () => {
    const heal = proxy.refuse()
    expect(await open().closed).toMatch(/ECONNRESET|ended/)
    heal()
    heal()
    await turnAround()
  })

  it('stall: holds both ways without a word; what was held comes in order afterwards', async () => {
    const client = open()
    client.socket.write('before ')
    await client.hears('BEFORE')
    const heal = proxy.stall()
    client.socket.write('during ')
    const during = open()
    during.socket.write('new')
    await clock.advance(60_000)
    expect(client.heard + during.heard).toBe('BEFORE ')
    heal()
    client.socket.write('after')
    await client.hears('AFTER')
    expect(client.heard).toBe('BEFORE DURING AFTER')
    await during.hears('NEW')
  })

  it('stall: an end is news, too', async () => {
    const client = open()
    client.socket.write('hello')
    await client.hears('HELLO')
    let hasEnded = false
    accepted[0]?.on('close', () => (hasEnded = true))
    const heal = proxy.stall()
    client.socket.destroy()
    await client.closed
    await clock.advance(1_000)
    expect(hasEnded).toBe(false)
    heal()
    await endOf(accepted[0])
  })

  it('half-open up: the server hears nothing, the client still hears the server', async () => {
    const client = open()
    client.socket.write('hello ')
    await client.hears('HELLO')
    const heal = proxy.halfOpen('up')
    client.socket.write('held')
    accepted[0]?.write('server speaks ')
    await client.hears('server speaks')
    expect(client.heard).toBe('HELLO server speaks ')
    heal()
    await client.hears('HELD')
  })

  it('half-open down: the server hears the client, the client hears nothing', async () => {
    const client = open()
    client.socket.write('hello ')
    await client.hears('HELLO')
    const heal = proxy.halfOpen('down')
    const heard = new Promise((resolve) => accepted[0]?.on('data', resolve))
    client.socket.write('still there')
    await heard
    expect(client.heard).toBe('HELLO ')
    heal()
    await client.hears('STILL THERE')
  })

  it('forget: both ends stay open for ever and hear nothing, new connections pass', async () => {
    const client = open()
    client.socket.write('hello')
    await client.hears('HELLO')
    proxy.forget()
    client.socket.write('lost')
    accepted[0]?.write('lost too')
    await turnAround()
    expect(client.heard).toBe('HELLO')
    expect([client.socket.closed, accepted[0]?.closed]).toEqual([false, false])
    client.socket.destroy()
    await client.closed
    await turnAround()
    expect(accepted[0]?.closed).toBe(false)
  })

  it('delay: bytes come later, in order, and at once again when healed', async () => {
    const heal = proxy.delay(100, 20)
    const client = open()
    await once(client.socket, 'connect')
    client.socket.write('one ')
    // Up and down take 110 ms each.
    await clock.advance(50)
    expect(client.heard).toBe('')
    while (!client.heard.includes('ONE')) await clock.advance(10)
    expect(clock.monotonic()).toBeGreaterThanOrEqual(200)
    heal()
    client.socket.write('two')
    while (!client.heard.includes('TWO')) await clock.advance(10)
    expect(client.heard).toBe('ONE TWO')
  })

  it('chop: everything comes, in small pieces', async () => {
    const heal = proxy.chop(3)
    const client = open()
    client.socket.write('a rather long line')
    while (!client.heard.includes('LINE')) await clock.advance(1)
    expect(client.heard).toBe('A RATHER LONG LINE')
    heal()
  })
})
