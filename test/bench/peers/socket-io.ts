import { join } from 'node:path'
import { Measured } from '../processes.ts'
import { RawWebSocket } from '../raw-websocket.ts'
import { MESSAGE, type Acceptor, type Backlog, type Subject } from '../subject.ts'

// Engine.IO 4: 0 open, 2 ping, 3 pong, 4 message; Socket.IO 5 in a message: 0 connect, 2 event, 3 acknowledgement.
const EVENT_AT = 2
const SAY = `42${JSON.stringify(['say', MESSAGE])}`

/** What recovery needs of a client: who it was, and the id of the last event it has. */
interface Left {
  readonly pid: string
  readonly offset: string
}

export async function startSocketIo(port = 0): Promise<Subject> {
  const { process, open } = await start(port)
  return {
    name: 'Socket.IO',
    process,
    async subscribe(delivered) {
      await (await open()).connect({}, delivered)
    },
    async publisher() {
      const client = await open()
      await client.connect({}, () => {})
      return () => client.socket.send(SAY)
    },
    stop: () => process.stop(),
  }
}

export async function startSocketIoRecovery(): Promise<Backlog> {
  const { process, open } = await start(0, 'recovery')
  const left: Left[] = []
  const speaker = await open()
  await speaker.connect({}, () => {})
  return {
    name: 'Socket.IO recovery',
    process,
    async leave(readers) {
      const clients = await Promise.all(Array.from({ length: readers }, open))
      const heard = clients.map(async (client) => {
        let hear: (event: Buffer) => void = () => {}
        const first = new Promise<Buffer>((resolve) => (hear = resolve))
        const { pid } = JSON.parse(await client.connect({}, (event) => hear(event))) as { readonly pid: string }
        return { pid, first }
      })
      // A client has an offset only when it has heard something.
      await Promise.all(heard)
      await speaker.said(MESSAGE)
      for (const each of heard) {
        const { pid, first } = await each
        const event = JSON.parse((await first).toString('utf8', EVENT_AT)) as readonly unknown[]
        left.push({ pid, offset: String(event.at(-1)) })
      }
      for (const client of clients) client.socket.destroy()
    },
    async publish(count) {
      for (let sent = 1; sent < count; sent += 1) speaker.socket.send(SAY)
      await speaker.said(MESSAGE)
    },
    async comeBack(reader, delivered) {
      const client = await open()
      return () => void client.connect(left[reader] ?? {}, () => delivered(1))
    },
    stop: () => process.stop(),
  }
}

export async function startSocketIoAcceptor(): Promise<Acceptor> {
  const { process, open } = await start(0)
  return {
    name: 'Socket.IO ack',
    async sender(accepted) {
      const client = await open()
      client.onAck = accepted
      await client.connect({}, () => {})
      let id = 0
      const keep = JSON.stringify(['keep', MESSAGE])
      return () => client.socket.send(`42${id++}${keep}`)
    },
    stop: () => process.stop(),
  }
}

async function start(port: number, ...args: string[]): Promise<{ process: Measured; open: () => Promise<Client> }> {
  const script = join(import.meta.dirname, 'socket-io-server.ts')
  const server = new Measured(process.execPath, [script, String(port), ...args])
  const url = `ws://127.0.0.1:${String((await server.firstLine())['port'])}/socket.io/?EIO=4&transport=websocket`
  return { process: server, open: () => Client.open(url) }
}

/** As much of Socket.IO as the benches speak. */
class Client {
  readonly socket: RawWebSocket
  onAck: () => void = () => {}
  #onEvent: (event: Buffer) => void = () => {}
  #connected: (answer: string) => void = () => {}
  #failed: (cause: Error) => void = () => {}

  private constructor(socket: RawWebSocket) {
    this.socket = socket
  }

  /** Resolves when the engine below is open. */
  static async open(url: string): Promise<Client> {
    const socket = await RawWebSocket.open(url)
    const client = new Client(socket)
    await new Promise<void>((resolve, reject) => {
      socket.onClose = () => {
        reject(new Error('closed'))
        client.#failed(new Error('closed'))
      }
      socket.onMessage = (payload) => {
        if (payload[0] === 0x30) resolve()
        else client.#heard(payload)
      }
    })
    return client
  }

  /** Resolves with the server's answer, JSON. `onEvent` is called with each event as it came: JSON from `EVENT_AT` on. */
  connect(auth: object, onEvent: (event: Buffer) => void): Promise<string> {
    this.#onEvent = onEvent
    return new Promise((resolve, reject) => {
      this.#connected = resolve
      this.#failed = reject
      this.socket.send(`40${JSON.stringify(auth)}`)
    })
  }

  /** Says something and resolves when the server has it, and with it everything before. */
  said(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.onAck = resolve
      this.socket.send(`421${JSON.stringify(['say', text])}`)
    })
  }

  #heard(payload: Buffer): void {
    if (payload[0] === 0x32) return this.socket.send('3')
    if (payload[0] !== 0x34) return
    if (payload[1] === 0x32) this.#onEvent(payload)
    else if (payload[1] === 0x33) this.onAck()
    else if (payload[1] === 0x30) this.#connected(payload.toString('utf8', EVENT_AT))
  }
}
