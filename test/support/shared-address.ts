/** One address under which several sites stand, as a plant's reverse proxy makes it: each below a path of its own. */
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'

export class SharedAddress {
  readonly #sites: ReadonlyMap<string, string>
  readonly #server: Server
  readonly #open = new Set<Duplex>()

  /** @param sites path (`/`, `/andon/`) → where the server of that site listens. The longest path that fits has the request. */
  constructor(sites: ReadonlyMap<string, string>) {
    this.#sites = sites
    this.#server = createServer((incoming, answer) => {
      const { hostname, port } = this.#siteOf(incoming)
      const { method, url: path, headers } = incoming
      const asked = request({ hostname, port, method, path, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.rawHeaders)
        response.pipe(answer)
      })
      asked.on('error', () => answer.destroy())
      incoming.pipe(asked)
    })
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      const { hostname, port } = this.#siteOf(incoming)
      const onward = connect(Number(port), hostname)
      const lines = [`GET ${incoming.url} HTTP/1.1`]
      for (let at = 0; at < incoming.rawHeaders.length; at += 2)
        lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`)
      onward.write(`${lines.join('\r\n')}\r\n\r\n`)
      onward.write(head)
      onward.pipe(socket).pipe(onward)
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.#open.add(one)
        one.on('error', () => other.destroy())
        one.on('close', () => {
          this.#open.delete(one)
          other.destroy()
        })
      }
    })
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#open) socket.destroy()
    this.#server.closeAllConnections()
    await closed
  }

  #siteOf({ url = '/' }: IncomingMessage): URL {
    const fitting = [...this.#sites].filter(([path]) => url.startsWith(path))
    const [, site] = fitting.toSorted(([a], [b]) => b.length - a.length)[0] ?? []
    return new URL(site ?? 'http://127.0.0.1:9')
  }
}
