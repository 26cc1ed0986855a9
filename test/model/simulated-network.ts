/**
 * One connection of a simulated network. Within it frames keep their order and arrive after a while; what is under way when
 * it breaks is lost, and either end may hear of that late or never.
 *
 *   relay ── frame ──▶ up ──▶ MemoryEnd.arrived          MemoryEnd.write ──▶ down ──▶ relay
 */
import type { Message } from '../../relay/protocol/binary.ts'
import type { ErrorCode } from '../../relay/protocol/errors.ts'
import type { Way } from '../../relay/protocol/ways.ts'
import type { CloseRow } from '../../relay/protocol/close-codes.ts'
import type { SocketEvents, SocketHandle } from '../../relay/ports.ts'
import type { SharedBytes } from '../../server/gateway/shared-bytes.ts'
import { MemoryEnd, type MemoryWay } from '../../server/testing/memory-end.ts'
import type { SimulatedTime } from './simulated-time.ts'

/** What the network holds of one direction before the sender is told to wait. */
const KERNEL_BUFFER_BYTES = 32 * 1024
/** As ws: how long a closing handshake may take. */
const CLOSE_TIMEOUT_MS = 30_000
const BROKEN = 1006

type Closing = { readonly code: number; readonly reason: string; readonly refusal?: ErrorCode }

/** First in, first out, each after `latency`; `lose` is for ever, `stall` until `flow`. */
class Pipe<T> {
  readonly #time: SimulatedTime
  readonly #latency: () => number
  readonly #deliver: (item: T) => void
  #items: { readonly at: number; readonly item: T }[] = []
  /** Of them delivered; taken away together, since a flood is tens of thousands. */
  #delivered = 0
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
    this.#delivered = 0
  }

  #arm(): void {
    const [first] = this.#items
    if (this.#isArmed || this.#isStalled || first === undefined) return
    this.#isArmed = true
    this.#time.after(first.at - this.#time.now, () => {
      this.#isArmed = false
      // What arrives together is read together, as from one packet.
      for (let next = this.#items[0]; next !== undefined; next = this.#items[this.#delivered]) {
        if (this.#isStalled || next.at > this.#time.now) break
        this.#delivered += 1
        this.#deliver(next.item)
      }
      this.#items.splice(0, this.#delivered)
      this.#delivered = 0
      this.#arm()
    })
  }
}

export interface LinkOptions {
  /** What it is called: every way is carried alike here. `ws` unless said otherwise. */
  readonly way?: Way
  readonly time: SimulatedTime
  readonly latency: () => number
  readonly events: SocketEvents
  /** Told of every frame the relay hands over, before it is under way, and of every one that reaches it while it listens. */
  readonly sent: (message: Message) => void
  readonly heard: (message: Message) => void
}

export class Link implements MemoryWay {
  /** The server's end. */
  readonly end: MemoryEnd
  readonly up: Pipe<Message | Closing>
  readonly #down: Pipe<readonly Message[] | Closing>
  readonly #options: LinkOptions
  /** Under way to the relay. */
  #bytes = 0
  #isFull = false
  #relay: 'open' | 'closing' | 'told' | 'dead' = 'open'
  #server: 'open' | 'closing' | 'told' | 'dead' = 'open'
  #isFrozen = false
  #losesCommand = false

  constructor(options: LinkOptions) {
    const { time, latency } = options
    this.#options = options
    this.end = new MemoryEnd(this)
    this.up = new Pipe<Message | Closing>(time, latency, (item) => this.#reachServer(item))
    this.#down = new Pipe<readonly Message[] | Closing>(time, latency, (item) => this.#reachRelay(item))
  }

  get way(): Way {
    return this.#options.way ?? 'ws'
  }
  get isAlive(): boolean {
    return this.#relay === 'open' && this.#server === 'open' && !this.#isFrozen
  }

  handle(): SocketHandle {
    return {
      send: (message) => {
        if (this.#relay !== 'open') return
        this.#options.sent(message)
        if (this.#losesCommand && typeof message === 'string' && message.startsWith('{"t":"command"')) {
          this.#losesCommand = false
          return
        }
        this.up.push(message)
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
  breaks(relayAfterMs: number, serverAfterMs: number): void {
    this.freeze()
    this.#options.time.after(relayAfterMs, () => this.#tellRelay({ code: BROKEN, reason: '' }))
    this.#options.time.after(serverAfterMs, () => this.#tellServer())
  }

  /** Something on the way answers in place of the server. */
  refused(refusal: ErrorCode): void {
    this.freeze()
    this.#tellRelay({ code: BROKEN, reason: '', refusal })
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
    this.freeze()
    if (relayAfterMs !== null)
      this.#options.time.after(relayAfterMs, () => this.#tellRelay({ code: BROKEN, reason: '' }))
  }

  // -------------------------------------------------------------------------------------------------- the server

  carry(parts: readonly SharedBytes[]): number {
    let taken = 0
    for (const { messages, length } of parts) {
      if (this.#bytes > KERNEL_BUFFER_BYTES) break
      taken += 1
      this.#bytes += length
      // Broken, and nobody was told: the kernel's buffer fills up and is never emptied.
      if (!this.#isFrozen) this.#down.push(messages)
    }
    this.#isFull = taken < parts.length
    return taken
  }

  carryClose({ code, says }: CloseRow): void {
    if (this.#server !== 'open') return
    this.#server = 'closing'
    this.#down.push({ code, reason: says })
  }

  pause(): void {
    this.up.stall()
  }
  resume(): void {
    this.up.flow()
  }

  cut(): void {
    if (this.#server === 'told' || this.#server === 'dead') return
    const wasFrozen = this.#isFrozen
    this.freeze()
    if (!wasFrozen) {
      this.#options.time.after(this.#options.latency(), () => this.#tellRelay({ code: BROKEN, reason: '' }))
    }
    this.#options.time.after(0, () => this.#tellServer())
  }

  // ---------------------------------------------------------------------------------------------------- arriving

  #reachServer(item: Message | Closing): void {
    if (this.#server === 'dead' || this.#server === 'told') return
    if (typeof item === 'string' || item instanceof Uint8Array) {
      const form = typeof item === 'string' ? 'text' : 'binary'
      if (this.#server === 'open') this.end.arrived(Buffer.from(item), form)
      return
    }
    this.#tellServer()
    this.#options.time.after(this.#options.latency(), () => this.#tellRelay(item))
  }

  #reachRelay(item: readonly Message[] | Closing): void {
    if ('code' in item) {
      this.#tellRelay(item)
      this.#options.time.after(this.#options.latency(), () => this.#tellServer())
      return
    }
    for (const message of item) {
      this.#bytes -= Buffer.byteLength(message)
      if (this.#relay === 'dead' || this.#relay === 'told') continue
      // What a socket says that it has closed changes nothing for the relay (R2): who watches it must not know more than it does.
      if (this.#relay === 'open') this.#options.heard(message)
      // Also when the relay has closed it: an adapter may be late, and the relay has to know its sockets apart.
      this.#options.events.received(message)
    }
    if (!this.#isFull || this.#bytes > KERNEL_BUFFER_BYTES) return
    this.#isFull = false
    process.nextTick(() => this.#server === 'dead' || this.end.room())
  }

  #tellRelay({ code, reason, refusal }: Closing): void {
    if (this.#relay === 'told' || this.#relay === 'dead') return
    this.#relay = 'told'
    this.#options.events.closed(code, reason, refusal)
  }

  #tellServer(): void {
    if (this.#server === 'told' || this.#server === 'dead') return
    this.#server = 'told'
    this.end.gone()
  }
}
