import { RawWebSocket } from '../raw-websocket.ts'

/** As much of NATS over WebSocket as the benches speak. */
export class NatsClient {
  readonly #socket: RawWebSocket
  #rest = Buffer.alloc(0)
  /** Told of each message: its subject, and its payload, which is good during the call only. */
  onMessage: (subject: string, payload: Buffer) => void = () => {}
  #ponged: () => void = () => {}
  #failed: (cause: Error) => void = () => {}

  static async open(port: number): Promise<NatsClient> {
    const client = new NatsClient(await RawWebSocket.open(`ws://127.0.0.1:${port}/`))
    client.send('CONNECT {"verbose":false,"pedantic":false}\r\n')
    return client
  }

  private constructor(socket: RawWebSocket) {
    this.#socket = socket
    socket.onMessage = (payload) => this.#take(payload)
    socket.onClose = () => this.#failed(new Error('closed'))
  }

  send(text: string): void {
    this.sendBytes(Buffer.from(text))
  }
  sendBytes(bytes: Buffer): void {
    this.#socket.sendBinary(bytes)
  }

  /** Resolves when the server has taken everything sent before. */
  flushed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ponged = resolve
      this.#failed = reject
      this.send('PING\r\n')
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** A stream that the server cuts into frames as it likes: `MSG subject sid [reply] bytes`, payload; and other lines. */
  #take(payload: Buffer): void {
    let data = this.#rest.length === 0 ? payload : Buffer.concat([this.#rest, payload])
    for (;;) {
      const end = data.indexOf('\r\n')
      if (end < 0) break
      const line = data.subarray(0, end).toString('latin1')
      let whole = end + 2
      if (line.startsWith('MSG ')) {
        whole += Number(line.slice(line.lastIndexOf(' ') + 1)) + 2
        if (data.length < whole) break
        this.onMessage(line.slice(4, line.indexOf(' ', 4)), data.subarray(end + 2, whole - 2))
      } else if (line === 'PING') this.send('PONG\r\n')
      else if (line === 'PONG') this.#ponged()
      data = data.subarray(whole)
    }
    this.#rest = Buffer.from(data)
  }
}
