/**
 * One WebSocket of a simulated network. Within it bytes keep their order and arrive after a while; what is under way when it
 * breaks is lost, and either end may hear of that late or never.
 *
 *   relay ── text ──▶ up ──▶ FakeWs 'message'          FakeSocket.write ──▶ down ──▶ relay
 */
import { EventEmitter } from 'node:events'
import { Duplex } from 'node:stream'
import type { SocketEvents, SocketHandle } from '../../relay/ports.ts'
import type { SimulatedTime } from './simulated-time.ts'

/** What the network holds of one direction before the sender is told to wait. */
const KERNEL_BUFFER_BYTES = 32 * 1024
/** As ws: how long a closing handshake may take. */
const CLOSE_TIMEOUT_MS = 30_000
const BROKEN = 1006

type Closing = { readonly code: number; readonly reason: string }

/** First in, first out, each after `latency`; `lose` is for ever, `stall` until `flow`. */
class Pipe<T> {
  readonly #time: SimulatedTime
  readonly #latency: () => number
  readonly #deliver: (item: T) => void
  #items: { readonly at: number; readonly item: T }[] = []
  #lastAt = 0
  #isStalled = false
  #isLost = false
  #isArmed = false

  constructor(time: SimulatedTime, latency: () => number, deliver: (item: T) => void) {
    this.#time = time
    this.#latency = latency
    this.#deliver = deliver
  }

  push(item: T): void {
    if (this.#isLost) return
    this.#lastAt = Math.max(this.#lastAt, this.#time.now + this.#latency())
    this.#items.push({ at: this.#lastAt, item })
    this.#arm()
  }

  stall(): void {
    this.#isStalled = true
  }

  flow(): void {
    this.#isStalled = false
    this.#arm()
  }

  lose(): void {
    this.#isLost = true
    this.#items = []
  }

  #arm(): void {
    const [first] = this.#items
    if (this.#isArmed || this.#isStalled || first === undefined) return
    this.#isArmed = true
    this.#time.after(first.at - this.#time.now, () => {
      this.#isArmed = false
      // What arrives together is read together, as from one packet.
      for (let next = this.#items[0]; next !== undefined; next = this.#items[0]) {
        if (this.#isStalled || next.at > this.#time.now) break
        this.#items.shift()
        this.#deliver(next.item)
      }
      this.#arm()
    })
  }
}

/** What the gateway uses of ws's `WebSocket`. */
export class FakeWs extends EventEmitter {
  readonly #link: Link

  constructor(link: Link) {
    super()
    this.#link = link
  }

  pause(): void {
    this.#link.up.stall()
  }
  resume(): void {
    this.#link.up.flow()
  }
  close(code: number, reason: string): void {
    this.#link.serverCloses({ code, reason })
  }
}

/** The raw socket under it: takes bytes until the network is full. */
class FakeSocket extends Duplex {
  readonly #link: Link

  constructor(link: Link) {
    super({ autoDestroy: false })
    this.#link = link
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#link.takeBytes([chunk], done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#link.takeBytes(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  override _destroy(_cause: Error | null, done: () => void): void {
    this.#link.serverDestroys()
    done()
  }
}

export interface LinkOptions {
  readonly time: SimulatedTime
  readonly latency: () => number
  readonly events: SocketEvents
  /** Told of every text the relay hands over, before it is under way, and of every text that reaches it. */
  readonly sent: (text: string) => void
  readonly heard: (text: string) => void
}

export class Link {
  readonly ws: FakeWs
  readonly socket: Duplex
  readonly up: Pipe<string | Closing>
  readonly #down: Pipe<Buffer>
  readonly #options: LinkOptions
  #bytes = 0
  #room: (() => void) | null = null
  #relay: 'open' | 'closing' | 'told' | 'dead' = 'open'
  #server: 'open' | 'closing' | 'told' | 'dead' = 'open'
  #isFrozen = false
  #losesCommand = false

  constructor(options: LinkOptions) {
    const { time, latency } = options
    this.#options = options
    this.ws = new FakeWs(this)
    this.socket = new FakeSocket(this)
    this.up = new Pipe<string | Closing>(time, latency, (item) => this.#reachServer(item))
    this.#down = new Pipe<Buffer>(time, latency, (bytes) => this.#reachRelay(bytes))
  }

  get isAlive(): boolean {
    return this.#relay === 'open' && this.#server === 'open' && !this.#isFrozen
  }

  handle(): SocketHandle {
    return {
      send: (text) => {
        if (this.#relay !== 'open') return
        this.#options.sent(text)
        if (this.#losesCommand && text.startsWith('{"t":"command"')) {
          this.#losesCommand = false
          return
        }
        this.up.push(text)
      },
      close: (code, reason) => {
        if (this.#relay !== 'open') return
        this.#relay = 'closing'
        this.up.push({ code, reason })
        this.#options.time.after(CLOSE_TIMEOUT_MS, () => this.#tellRelay({ code: BROKEN, reason: '' }))
      },
      bufferedBytes: () => 0,
    }
  }

  // ------------------------------------------------------------------------------------------------------ faults

  /** The connection breaks: what is under way is lost, and both ends hear of it, each after its own while. */
  cut(relayAfterMs: number, serverAfterMs: number): void {
    this.freeze()
    this.#options.time.after(relayAfterMs, () => this.#tellRelay({ code: BROKEN, reason: '' }))
    this.#options.time.after(serverAfterMs, () => this.#tellServer())
  }

  /** Half-open: nothing arrives any more, and nobody is told. */
  freeze(): void {
    this.#isFrozen = true
    this.up.lose()
    this.#down.lose()
  }

  /** A bug on the way: the next command vanishes, and the connection lives. */
  loseCommand(): void {
    this.#losesCommand = true
  }

  /** The relay stops reading, or its machine sleeps. */
  stallDown(): void {
    this.#down.stall()
  }
  flowDown(): void {
    this.#down.flow()
  }

  /** The relay's process is gone: it hears nothing, and the server hears of it unless the machine went with it. */
  relayDied(serverAfterMs: number | null): void {
    this.#relay = 'dead'
    this.freeze()
    if (serverAfterMs !== null) this.#options.time.after(serverAfterMs, () => this.#tellServer())
  }

  serverDied(relayAfterMs: number | null): void {
    this.#server = 'dead'
    this.ws.removeAllListeners()
    this.freeze()
    if (relayAfterMs !== null)
      this.#options.time.after(relayAfterMs, () => this.#tellRelay({ code: BROKEN, reason: '' }))
  }

  // -------------------------------------------------------------------------------------------------- the server

  serverCloses({ code, reason }: Closing): void {
    if (this.#server !== 'open') return
    this.#server = 'closing'
    this.socket.write(closeFrame(code, reason))
    this.#options.time.after(CLOSE_TIMEOUT_MS, () => this.serverDestroys())
  }

  serverDestroys(): void {
    if (this.#server === 'told' || this.#server === 'dead') return
    const wasFrozen = this.#isFrozen
    this.freeze()
    if (!wasFrozen) {
      this.#options.time.after(this.#options.latency(), () => this.#tellRelay({ code: BROKEN, reason: '' }))
    }
    this.#options.time.after(0, () => this.#tellServer())
  }

  takeBytes(chunks: readonly Buffer[], done: () => void): void {
    if (this.#isFrozen) {
      // The kernel's buffer fills up and is never emptied.
      this.#bytes += chunks.reduce((sum, chunk) => sum + chunk.length, 0)
      if (this.#bytes <= KERNEL_BUFFER_BYTES) process.nextTick(done)
      return
    }
    for (const chunk of chunks) {
      this.#bytes += chunk.length
      this.#down.push(chunk)
    }
    if (this.#bytes <= KERNEL_BUFFER_BYTES) process.nextTick(done)
    else this.#room = done
  }

  // ---------------------------------------------------------------------------------------------------- arriving

  #reachServer(item: string | Closing): void {
    if (this.#server === 'dead' || this.#server === 'told') return
    if (typeof item === 'string') {
      if (this.#server === 'open') this.ws.emit('message', Buffer.from(item), false)
      return
    }
    this.#tellServer()
    this.#options.time.after(this.#options.latency(), () => this.#tellRelay(item))
  }

  #reachRelay(bytes: Buffer): void {
    this.#bytes -= bytes.length
    if (this.#bytes <= KERNEL_BUFFER_BYTES && this.#room !== null) {
      const room = this.#room
      this.#room = null
      process.nextTick(room)
    }
    for (let at = 0; at < bytes.length && this.#relay !== 'dead' && this.#relay !== 'told';) {
      const { opcode, payload, next } = readFrame(bytes, at)
      at = next
      if (opcode === CLOSE_OPCODE) {
        this.#tellRelay({ code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) })
        this.#options.time.after(this.#options.latency(), () => this.#tellServer())
      } else {
        const text = payload.toString('utf8')
        this.#options.heard(text)
        // Also when the relay has closed it: an adapter may be late, and the relay has to know its sockets apart.
        this.#options.events.received(text)
      }
    }
  }

  #tellRelay({ code, reason }: Closing): void {
    if (this.#relay === 'told' || this.#relay === 'dead') return
    this.#relay = 'told'
    this.#options.events.closed(code, reason)
  }

  #tellServer(): void {
    if (this.#server === 'told' || this.#server === 'dead') return
    this.#server = 'told'
    this.ws.emit('close')
  }
}

const CLOSE_OPCODE = 8

function closeFrame(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code)
  payload.write(reason, 2)
  return Buffer.concat([Buffer.from([0x80 | CLOSE_OPCODE, payload.length]), payload])
}

/** RFC 6455 §5.2, unmasked, unfragmented. */
function readFrame(
  bytes: Buffer,
  at: number,
): { readonly opcode: number; readonly payload: Buffer; readonly next: number } {
  const short = bytes.readUInt8(at + 1)
  const header = short < 126 ? 2 : short === 126 ? 4 : 10
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
  const next = at + header + length
  return { opcode: bytes.readUInt8(at) & 0x0f, payload: bytes.subarray(at + header, next), next }
}
