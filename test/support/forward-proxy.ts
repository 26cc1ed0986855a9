/** A forward proxy as plants have one: CONNECT, and plain HTTP handed on. It knows the names of its network; clients do not. */
import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

export class ForwardProxy {
  /** What it was asked for, `CONNECT andon.plant.example:443` or `GET http://…`, in order. */
  readonly asked: string[] = []
  readonly #server: Server
  readonly #open = new Set<Duplex>()
  readonly #names: ReadonlySet<string>
  /** `user:password`; null lets everybody through. */
  #login: string | null = null

  /** @param names hosts that stand for this machine */
  constructor(names: readonly string[]) {
    this.#names = new Set(names)
    this.#server = createServer((incoming, answer) => {
      const url = URL.parse(incoming.url ?? '')
      if (url === null || !this.#admits(incoming)) {
        answer.writeHead(url === null ? 400 : 407).end()
        return
      }
      this.asked.push(`${incoming.method} ${url.origin}${url.pathname}`)
      const { method, headers } = incoming
      const path = url.pathname + url.search
      const onward = request({ host: this.#place(url.hostname), port: url.port, method, path, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.rawHeaders)
        response.pipe(answer)
      })
      onward.on('error', () => answer.destroy())
      incoming.pipe(onward)
    })
    this.#server.on('connect', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy())
      this.#open.add(socket)
      socket.once('close', () => this.#open.delete(socket))
      if (!this.#admits(incoming)) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
        return
      }
      this.asked.push(`CONNECT ${incoming.url}`)
      const target = URL.parse(`http://${incoming.url}`)
      const onward = connect(Number(target?.port || 80), this.#place(target?.hostname ?? ''), () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        onward.write(head)
        onward.pipe(socket).pipe(onward)
      })
      onward.on('error', () => socket.destroy())
      socket.once('close', () => onward.destroy())
    })
  }

  /** From now on only with this login. */
  demand(login: string): void {
    this.#login = login
  }

  /** Where it listens. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#open) socket.destroy()
    this.#server.closeAllConnections()
    await closed
  }

  #place(name: string): string {
    return this.#names.has(name) ? '127.0.0.1' : name
  }

  #admits({ headers }: IncomingMessage): boolean {
    const wanted = this.#login === null ? null : `Basic ${Buffer.from(this.#login).toString('base64')}`
    return wanted === null || headers['proxy-authorization'] === wanted
  }
}
