/** A WebSocket client that keeps no rule of RFC 6455 unless told to: frames byte by byte. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const
const FINAL = 0x80
const MASKED = 0x80

export interface FrameBits {
  /** False: more of this message follows. */
  readonly fin?: boolean
  /** RSV1 to RSV3 as the three bits 4, 2, 1. */
  readonly rsv?: number
  readonly isMasked?: boolean
  /** What the length field says, where that is not the truth. */
  readonly claims?: number
}

/** One frame, layout of RFC 6455 §5.2. */
export function frame(opcode: number, payload: string | Buffer = '', bits: FrameBits = {}): Buffer {
  const { fin = true, rsv = 0, isMasked = true, claims } = bits
  const body = Buffer.from(payload)
  const length = claims ?? body.length
  const head = [(fin ? FINAL : 0) | (rsv << 4) | opcode]
  const mask = isMasked ? MASKED : 0
  if (length < 126) head.push(mask | length)
  else if (length < 65_536) head.push(mask | 126, length >> 8, length & 255)
  else {
    const long = Buffer.alloc(8)
    long.writeBigUInt64BE(BigInt(length))
    head.push(mask | 127, ...long)
  }
  if (!isMasked) return Buffer.concat([Buffer.from(head), body])
  const key = randomBytes(4)
  return Buffer.concat([Buffer.from(head), key, body.map((byte, at) => byte ^ (key[at % 4] ?? 0))])
}

/** A socket after the upgrade, and everything the server sent on it. */
export class RawWebSocket {
  readonly socket: Socket
  #bytes = Buffer.alloc(0)
  #isOver = false
  #waiting: (() => void)[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes])
      this.#wake()
    })
    socket.on('close', () => {
      this.#isOver = true
      this.#wake()
    })
  }

  /** `headers`: lines beside those of every upgrade. */
  static async open(url: string, headers: readonly string[] = []): Promise<RawWebSocket> {
    const { hostname, port, host } = new URL(url)
    const socket = connect(Number(port), hostname)
    // What the server refuses it may cut; what it said before is what counts.
    socket.on('error', () => socket.destroy())
    await once(socket, 'connect')
    const raw = new RawWebSocket(socket)
    const lines = ['GET /sync HTTP/1.1', `Host: ${host}`, 'Connection: Upgrade', 'Upgrade: websocket', ...headers]
    const key = `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`
    socket.write(
      [...lines, 'Sec-WebSocket-Version: 13', key, `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`, '', ''].join('\r\n'),
    )
    await raw.#until(() => raw.#bytes.includes('\r\n\r\n'))
    raw.#bytes = raw.#bytes.subarray(raw.#bytes.indexOf('\r\n\r\n') + 4)
    return raw
  }

  write(...frames: readonly Buffer[]): void {
    for (const each of frames) this.socket.write(each)
  }

  /** The close code of the server; 1006 when it cut the connection without one. */
  async closed(): Promise<number> {
    await this.#until(() => this.#isOver || this.#frames().some(({ opcode }) => opcode === OPCODE.close))
    const close = this.#frames().find(({ opcode }) => opcode === OPCODE.close)
    this.socket.destroy()
    return close === undefined || close.payload.length < 2 ? 1006 : close.payload.readUInt16BE(0)
  }

  /** The first message in text, once it came. */
  async text(): Promise<string> {
    const found = () => this.#frames().find(({ opcode }) => opcode === OPCODE.text)
    await this.#until(() => this.#isOver || found() !== undefined)
    return found()?.payload.toString() ?? ''
  }

  /** Resolves once so many frames of this kind have come. */
  async count(opcode: number, atLeast: number): Promise<number> {
    const counted = (): number => this.#frames().filter((each) => each.opcode === opcode).length
    await this.#until(() => this.#isOver || counted() >= atLeast)
    return counted()
  }

  /** Frames of a server are unmasked; what is not whole yet is left out. */
  #frames(): readonly { readonly opcode: number; readonly payload: Buffer }[] {
    const frames: { opcode: number; payload: Buffer }[] = []
    let at = 0
    while (at + 2 <= this.#bytes.length) {
      const opcode = (this.#bytes[at] ?? 0) & 15
      const short = (this.#bytes[at + 1] ?? 0) & 127
      const head = short === 127 ? 10 : short === 126 ? 4 : 2
      if (at + head > this.#bytes.length) break
      const length =
        short === 127
          ? Number(this.#bytes.readBigUInt64BE(at + 2))
          : short === 126
            ? this.#bytes.readUInt16BE(at + 2)
            : short
      if (at + head + length > this.#bytes.length) break
      frames.push({ opcode, payload: this.#bytes.subarray(at + head, at + head + length) })
      at += head + length
    }
    return frames
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
