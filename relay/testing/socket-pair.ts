import type { Message } from '../protocol/binary.ts'
import { encodeFrame, decodeClientFrame } from '../protocol/codec.ts'
import type { ErrorCode } from '../protocol/errors.ts'
import type { ClientFrame, ServerFrame } from '../protocol/frames.ts'
import type { Way } from '../protocol/ways.ts'
import type { SocketEvents, SocketHandle, SocketPort } from '../ports.ts'

/** The server's end of one connection. Frames wait in both directions until `flush`; `cut` loses what waits. */
export class Wire {
  readonly url: string
  readonly way: Way
  /** Frames the server has taken from the wire, oldest first. */
  readonly received: ClientFrame[] = []
  /** Close code and reason the relay asked for. */
  closedByRelay: { readonly code: number; readonly reason: string } | null = null
  /** Otherwise what is on the way lets text through alone. */
  carriesBytes = true
  /** Whose link it is, as a way by requests says it. */
  node: string | undefined
  /** The node it was asked to come to. */
  readonly near: string | undefined
  readonly #events: SocketEvents
  #up: Message[] = []
  #down: Message[] = []
  #life: 'opening' | 'open' | 'closed' = 'opening'

  constructor(
    url: string,
    way: Way,
    { events, near }: { readonly events: SocketEvents; readonly near: string | undefined },
  ) {
    this.near = near
    this.url = url
    this.way = way
    this.#events = events
  }

  get isOpen(): boolean {
    return this.#life === 'open'
  }

  /** The connection is made; nothing is proved by that. */
  open(): void {
    if (this.#life !== 'opening') return
    this.#life = 'open'
    this.#events.opened()
  }

  send(...frames: readonly ServerFrame[]): void {
    this.sendRaw(...frames.map((frame) => encodeFrame(frame)))
  }

  sendRaw(...messages: readonly Message[]): void {
    if (this.#life === 'open') this.#down.push(...messages)
  }

  /** Delivers at most `limit` messages to the server, in order. A frame the server would not accept throws. */
  flushUp(limit: number = Infinity): readonly ClientFrame[] {
    const frames = this.#up.splice(0, limit).map((message) => {
      const decoded = decodeClientFrame(message)
      if (!decoded.ok) throw new Error(`the relay sent a bad frame: ${decoded.message} ${String(message)}`)
      return decoded.value
    })
    this.received.push(...frames)
    return frames
  }

  /** Delivers at most `limit` messages to the relay, in order. Returns how many. */
  flushDown(limit: number = Infinity): number {
    const messages = this.#down.splice(0, limit)
    for (const message of messages) if (this.#life === 'open') this.#events.received(message)
    return messages.length
  }

  /** A bug on the way: the first waiting event, or other frame, is lost, or comes twice. False if none waits. */
  disturb(how: 'lose' | 'repeat', t: ServerFrame['t'] = 'event'): boolean {
    const index = this.#down.findIndex((text) => typeof text === 'string' && text.includes(`"t":"${t}"`))
    const text = this.#down[index]
    if (text === undefined) return false
    if (how === 'lose') this.#down.splice(index, 1)
    else this.#down.splice(index, 0, text)
    return true
  }

  /** The server closes: what was sent before arrives, what the relay sent is lost. */
  close(code: number, reason: string = ''): void {
    this.flushDown()
    this.#end(code, reason)
  }

  /** Something else answers, or the server says why not. */
  refuse(refusal: ErrorCode): void {
    this.#end(1006, '', refusal)
  }

  /** The network is gone: what waits in either direction is lost. */
  cut(): void {
    this.#down = []
    this.#end(1006, '')
  }

  /** The relay's handle. */
  handle(): SocketHandle {
    return {
      send: (message) => {
        if (this.#life === 'open' && (this.carriesBytes || typeof message === 'string')) this.#up.push(message)
      },
      close: (code, reason) => {
        this.closedByRelay ??= { code, reason }
        if (this.#life !== 'closed') this.#end(code, reason)
      },
      node: () => this.node,
      bufferedBytes: () => this.#up.reduce((sum, message) => sum + message.length, 0),
    }
  }

  #end(code: number, reason: string, refusal?: ErrorCode): void {
    if (this.#life === 'closed') return
    this.#life = 'closed'
    this.#events.closed(code, reason, refusal)
  }
}

/** A `SocketPort` whose every connection a test holds by the other end. */
export class SocketPair implements SocketPort {
  readonly wires: Wire[] = []

  open(url: string, way: Way, events: SocketEvents, near?: string): SocketHandle {
    const wire = new Wire(url, way, { events, near })
    this.wires.push(wire)
    return wire.handle()
  }

  /** The newest connection. */
  get wire(): Wire {
    const wire = this.wires.at(-1)
    if (wire === undefined) throw new Error('nothing was opened')
    return wire
  }
}
