import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { Direction, type DirectionOptions } from './direction.ts'

export interface ProxyOptions extends DirectionOptions {
  /** Where to, on loopback. */
  readonly port: number
}

/** Ends a fault. Safe to call twice. */
export type Heal = () => void

interface Link {
  readonly client: Socket
  readonly upstream: Socket
  /** From the relay to the server. */
  readonly up: Direction
  readonly down: Direction
}

/**
 * A network between one relay and the server, on loopback, that can go wrong in the ways networks do. Byte for byte and
 * in order as long as it works; what ends at one side ends at the other as far as the fault lets the news through.
 */
export class FaultProxy {
  readonly #server: Server
  readonly #options: ProxyOptions
  readonly #links = new Set<Link>()
  /** Faults that also hold for links made while they last. */
  readonly #lasting = new Set<(link: Link) => Heal>()
  #refusing = 0

  static async open(options: ProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  private constructor(options: ProxyOptions) {
    this.#options = options
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client))
  }

  /** Where the relay connects to. */
  get port(): number {
    // Listening since `open`, on TCP.
    return (this.#server.address() as AddressInfo).port
  }
  get links(): number {
    return this.#links.size
  }

  /** Resets every connection, at both ends, now. */
  cut(): void {
    for (const link of this.#links) this.#drop(link)
  }

  /** Cuts, and resets every new connection until healed: nobody listens there. */
  refuse(): Heal {
    this.#refusing += 1
    this.cut()
    return once(() => (this.#refusing -= 1))
  }

  /** Nothing arrives in either direction, nobody is told. Healing lets everything held through, in order. */
  stall(): Heal {
    return this.#last((link) => {
      const release = [link.up.hold(), link.down.hold()]
      return () => release.forEach((heal) => heal())
    })
  }

  /** The same in one direction: `up` is from the relay to the server. */
  halfOpen(direction: 'up' | 'down'): Heal {
    return this.#last((link) => link[direction].hold())
  }

  /**
   * Both ends go on believing in a connection that nothing passes any more, ever: what a router does that forgot it. New
   * connections pass.
   */
  forget(): void {
    for (const link of this.#links) {
      link.up.swallow()
      link.down.swallow()
    }
  }

  /** Every piece arrives later by `ms` plus up to `jitterMs`, in order. */
  delay(ms: number, jitterMs: number): Heal {
    return this.#last((link) => {
      const release = [link.up.delay(ms, jitterMs), link.down.delay(ms, jitterMs)]
      return () => release.forEach((heal) => heal())
    })
  }

  /** Everything arrives in pieces of at most `bytes`, each a turn later: a frame is never whole. */
  chop(bytes: number): Heal {
    return this.#last((link) => {
      const release = [link.up.chop(bytes), link.down.chop(bytes)]
      return () => release.forEach((heal) => heal())
    })
  }

  /** Cuts everything and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.cut()
    await closed
  }

  #accept(client: Socket): void {
    if (this.#refusing > 0) {
      client.on('error', ignore)
      client.resetAndDestroy()
      return
    }
    const upstream = connect({ port: this.#options.port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const link: Link = {
      client,
      upstream,
      up: new Direction(client, upstream, this.#options),
      down: new Direction(upstream, client, this.#options),
    }
    this.#links.add(link)
    let open = 2
    for (const socket of [client, upstream]) {
      // A direction hears of the end of its source by `close`; both ends have gone when the second one does.
      socket.on('error', ignore)
      socket.on('close', () => {
        open -= 1
        if (open === 0) this.#links.delete(link)
      })
    }
    for (const begin of this.#lasting) begin(link)
  }

  #last(begin: (link: Link) => Heal): Heal {
    const healing: Heal[] = []
    const start = (link: Link): Heal => {
      const heal = begin(link)
      healing.push(heal)
      return heal
    }
    this.#lasting.add(start)
    for (const link of this.#links) start(link)
    return once(() => {
      this.#lasting.delete(start)
      for (const heal of healing) heal()
    })
  }

  #drop(link: Link): void {
    for (const direction of [link.up, link.down]) direction.swallow()
    for (const socket of [link.client, link.upstream]) socket.resetAndDestroy()
  }
}

function once(act: () => void): Heal {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    act()
  }
}

/** An end that broke is closed, and `close` is what is listened to. */
function ignore(): void {}
