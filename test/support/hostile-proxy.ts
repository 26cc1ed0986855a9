/** A proxy as the networks of plants have them: between a relay and its server, it does to connections what they do. */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/**
 * `none`: hands everything on. `page`: answers an Upgrade with a page. `stripped`: takes the Upgrade out of the request. `held`:
 * gathers 64 KB of what does not end before it hands them on. `cut`: ends every connection after `cutMs`. `dropped`: hands on
 * nothing more of it then, and tells nobody. `silent`: hands on nothing at all. `hung-up`: ends, without an answer, whatever asks
 * for an Upgrade or a stream.
 */
export type Obstacle = 'none' | 'page' | 'stripped' | 'held' | 'cut' | 'dropped' | 'silent' | 'hung-up'

const PAGE = '<h1>Welcome</h1>'
const HOLD_BYTES = 64 * 1024

export class HostileProxy {
  #obstacle: Obstacle
  /** How long a connection lives under `cut` and `dropped`, milliseconds. */
  readonly cutMs: number
  #target: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Of each connection: hands on nothing more of it, and tells nobody. */
  readonly #drops = new Set<() => void>()

  /** Not listening yet. `target`: port of the server on this machine. */
  constructor(target: number, obstacle: Obstacle, cutMs = 6_000) {
    this.#target = target
    this.#obstacle = obstacle
    this.cutMs = cutMs
    this.#server = createServer((socket) => this.#came(socket))
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** From now on connections come through, and where that is said, to another port of this machine. */
  lift(target = this.#target): void {
    this.#obstacle = 'none'
    this.#target = target
  }

  /** As a radio that is gone: what is open is dead, and nobody hears of it; what is opened gets nowhere. */
  fallSilent(): void {
    this.#obstacle = 'silent'
    for (const drop of this.#drops) drop()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #came(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1')
    const both = [client, server] as const
    let isDropped = this.#obstacle === 'silent'
    const drop = (): void => {
      isDropped = true
    }
    this.#drops.add(drop)
    client.on('close', () => this.#drops.delete(drop))
    for (const [one, other] of [both, [server, client] as const]) {
      this.#sockets.add(one)
      // The other end is told; what it was is of no interest to a proxy.
      one.on('error', () => undefined)
      one.on('close', () => {
        this.#sockets.delete(one)
        if (!isDropped) other.destroy()
      })
    }
    if (this.#obstacle === 'cut') setTimeout(() => client.destroy(), this.cutMs).unref()
    if (this.#obstacle === 'dropped') setTimeout(drop, this.cutMs).unref()
    let isHeld = false
    let held: Buffer[] = []
    client.on('data', (chunk) => {
      if (isDropped) return
      const head = chunk.toString('latin1')
      const isUpgrade = /^upgrade: *websocket/im.test(head)
      if (this.#obstacle === 'page' && isUpgrade) {
        client.end(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`)
        return
      }
      const isEndless = isUpgrade || head.startsWith('GET /sync/stream ')
      if (this.#obstacle === 'hung-up' && isEndless) {
        client.destroy()
        return
      }
      if (this.#obstacle === 'held') isHeld ||= isEndless
      server.write(this.#obstacle === 'stripped' ? Buffer.from(stripped(head), 'latin1') : chunk)
    })
    server.on('data', (chunk) => {
      if (isDropped) return
      held.push(chunk)
      const bytes = held.reduce((sum, { length }) => sum + length, 0)
      if (isHeld && bytes < HOLD_BYTES) return
      client.write(Buffer.concat(held))
      held = []
    })
  }
}

/** Hop-by-hop headers of a request are not handed on (RFC 9110 §7.6.1). */
function stripped(head: string): string {
  return head.replaceAll(/^(upgrade|connection): .*\r\n/gim, '')
}
