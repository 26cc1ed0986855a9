import { connect, type Socket } from 'node:net'

/** Control packet types of MQTT 3.1.1, §2.2.1. */
const PUBLISH = 3

export interface MqttOptions {
  readonly port: number
  readonly id: string
  /** False: the broker keeps the session while the client is away. */
  readonly isClean: boolean
}

/** As much of MQTT 3.1.1 as the benches speak. */
export class MqttClient {
  readonly #socket: Socket
  readonly #options: MqttOptions
  #rest = Buffer.alloc(0)
  #answered: () => void = () => {}
  #failed: (cause: Error) => void = () => {}
  onPublish: () => void = () => {}
  onPubAck: () => void = () => {}

  /** TCP only: the session begins with `connect`. */
  static async open(options: MqttOptions): Promise<MqttClient> {
    const socket = connect(options.port, '127.0.0.1')
    socket.setNoDelay(true)
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return new MqttClient(socket, options)
  }

  private constructor(socket: Socket, options: MqttOptions) {
    this.#socket = socket
    this.#options = options
    socket.on('error', () => {})
    socket.on('close', () => this.#failed(new Error('closed')))
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  /** CONNECT without keep-alive; resolves with CONNACK. */
  connect(): Promise<void> {
    const id = Buffer.from(this.#options.id)
    const flags = this.#options.isClean ? 2 : 0
    const head = [0x10, 12 + id.length, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, flags, 0, 0, 0, id.length]
    return this.#ask(Buffer.concat([Buffer.from(head), id]))
  }

  /** Resolves with SUBACK. */
  subscribe(topic: string, qos: 0 | 1): Promise<void> {
    const name = Buffer.from(topic)
    const head = Buffer.from([0x82, 5 + name.length, 0, 1, 0, name.length])
    return this.#ask(Buffer.concat([head, name, Buffer.from([qos])]))
  }

  send(packet: Buffer): void {
    this.#socket.write(packet)
  }
  destroy(): void {
    this.#socket.destroy()
  }

  #ask(packet: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
      this.#socket.write(packet)
    })
  }

  #take(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const acks: Buffer[] = []
    while (data.length >= 2) {
      const low = data[1] ?? 0
      const isLong = low >= 128
      if (isLong && data.length < 3) break
      const header = isLong ? 3 : 2
      const whole = header + (isLong ? (low & 127) + (data[2] ?? 0) * 128 : low)
      if (data.length < whole) break
      const type = (data[0] ?? 0) >> 4
      if (type === PUBLISH) {
        if (((data[0] ?? 0) & 6) !== 0) acks.push(pubAckOf(data.subarray(header, whole)))
        this.onPublish()
      } else if (type === 4) this.onPubAck()
      else this.#answered()
      data = data.subarray(whole)
    }
    this.#rest = Buffer.from(data)
    if (acks.length > 0) this.#socket.write(Buffer.concat(acks))
  }
}

/** A PUBLISH; its packet id is 1 and may be used again as soon as it is acknowledged, which brokers do not check. */
export function publishPacket(topic: string, message: string, qos: 0 | 1): Buffer {
  const name = Buffer.from(topic)
  const remaining = 2 + name.length + (qos === 0 ? 0 : 2) + message.length
  const head = [0x30 | (qos << 1), (remaining % 128) | 128, Math.floor(remaining / 128), 0, name.length]
  return Buffer.concat([Buffer.from(head), name, Buffer.from(qos === 0 ? [] : [0, 1]), Buffer.from(message)])
}

/** PUBACK with the packet id, which follows the topic. */
function pubAckOf(body: Buffer): Buffer {
  const at = 2 + body.readUInt16BE(0)
  return Buffer.from([0x40, 2, body[at] ?? 0, body[at + 1] ?? 0])
}
