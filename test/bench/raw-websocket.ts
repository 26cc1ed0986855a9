import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

/**
 * A WebSocket client that costs the load generator almost nothing: it parses headers, hands payloads on, and never copies.
 * Good for loopback and for servers that do not fragment; not a client for anything else.
 */
export class RawWebSocket {
  readonly #socket: Socket
  #rest: Buffer | null = null
  /** Called with each whole text or binary message; the buffer is only good during the call. */
  onMessage: (payload: Buffer) => void = () => {}

  /** Called once when the connection is gone. */
  onClose: () => void = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  /** `headers`: lines beside those of every upgrade. What comes deflated then is handed on as it is. */
  static open(url: string, subprotocol?: string, headers: readonly string[] = []): Promise<RawWebSocket> {
    const { hostname, port, pathname, search } = new URL(url)
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      socket.setNoDelay(true)
      socket.once('error', reject)
      // A server that goes away in the middle of the handshake; once it is over, this says nothing.
      socket.once('close', () => reject(new Error('closed')))
      const request = [
        `GET ${pathname}${search} HTTP/1.1`,
        `Host: ${hostname}:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        ...headers,
        ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
      ]
      socket.write(`${request.join('\r\n')}\r\n\r\n`)
      let head = Buffer.alloc(0)
      const onHead = (chunk: Buffer): void => {
        head = Buffer.concat([head, chunk])
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        socket.off('data', onHead)
        if (!head.subarray(0, 12).toString().endsWith('101')) {
          reject(new Error(head.subarray(0, end).toString()))
          return
        }
        const client = new RawWebSocket(socket)
        socket.off('error', reject)
        // A peer that is killed at the end of a run resets its connections.
        socket.on('error', () => {})
        socket.on('close', () => client.onClose())
        socket.on('data', (data: Buffer) => client.#received(data))
        resolve(client)
        // Whoever awaits sets its handler first.
        const rest = head.subarray(end + 4)
        if (rest.length > 0) setImmediate(() => client.#received(rest))
      }
      socket.on('data', onHead)
    })
  }

  send(text: string): void {
    this.#socket.write(masked(Buffer.from(text), 0x81))
  }
  sendBinary(bytes: Buffer): void {
    this.#socket.write(masked(bytes, 0x82))
  }
  /** A text that was deflated by itself, without the empty block at its end (RFC 7692 §7.2.1). */
  sendDeflated(bytes: Buffer): void {
    this.#socket.write(masked(bytes, 0xc1))
  }
  /** Of everything, the upgrade included. */
  get receivedBytes(): number {
    return this.#socket.bytesRead
  }
  /** What the system has not taken. */
  get unsentBytes(): number {
    return this.#socket.writableLength
  }
  pause(): void {
    this.#socket.pause()
  }
  destroy(): void {
    this.#socket.destroy()
  }

  #received(chunk: Buffer): void {
    const data = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    for (;;) {
      if (data.length - at < 2) break
      const opcode = (data[at] ?? 0) & 0x0f
      let length = (data[at + 1] ?? 0) & 0x7f
      let header = 2
      if (length === 126) {
        if (data.length - at < 4) break
        length = data.readUInt16BE(at + 2)
        header = 4
      } else if (length === 127) {
        if (data.length - at < 10) break
        length = Number(data.readBigUInt64BE(at + 2))
        header = 10
      }
      if (data.length - at < header + length) break
      if (opcode === 1 || opcode === 2) this.onMessage(data.subarray(at + header, at + header + length))
      else if (opcode === 9) this.#socket.write(masked(data.subarray(at + header, at + header + length), 0x8a))
      at += header + length
    }
    this.#rest = at === data.length ? null : data.subarray(at)
  }
}

function masked(payload: Buffer, first: number): Buffer {
  const header = payload.length < 126 ? 6 : payload.length < 65_536 ? 8 : 14
  const frame = Buffer.allocUnsafe(header + payload.length)
  frame[0] = first
  if (header === 6) frame[1] = 0x80 | payload.length
  else if (header === 8) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(payload.length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(payload.length), 2)
  }
  // A mask of zeros is a mask: it changes nothing and costs nothing.
  frame.writeUInt32BE(0, header - 4)
  payload.copy(frame, header)
  return frame
}
