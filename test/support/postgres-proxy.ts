import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** What happens when a commit is on its way to the database. */
export type AtCommit =
  /** It never arrives, and its connection stays open: the node is frozen. */
  | 'hold'
  /** It never arrives, and its connection is cut. */
  | 'cut-before'
  /** It arrives and is carried out; its connection is cut before the answer. */
  | 'cut-after'
  | 'pass'

/** Between a store and its database: what becomes of the next commit is said from outside. */
export interface PostgresProxy {
  readonly port: number
  /** Once, for the next commit; resolves when it came. */
  next(what: Exclude<AtCommit, 'pass'>): Promise<void>
  /** Whoever connects from now on comes to this port. */
  lead(to: number): void
  /** Cuts every connection that there is. */
  cut(): void
  close(): Promise<void>
}

/** A statement of its own, as the store sends it: message type, length, text. */
const COMMIT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1')

export async function startPostgresProxy(first: number): Promise<PostgresProxy> {
  let to = first
  let atCommit: AtCommit = 'pass'
  let came: () => void = () => undefined
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(to, '127.0.0.1')
    let isAnswerCut = false
    let isHeld = false
    const cut = (): void => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', cut)
      socket.on('close', () => {
        sockets.delete(socket)
        cut()
      })
    }
    client.on('data', (chunk: Buffer) => {
      if (isHeld) return
      const at = atCommit === 'pass' ? -1 : chunk.indexOf(COMMIT)
      if (at === -1) return void upstream.write(chunk)
      const what = atCommit
      atCommit = 'pass'
      upstream.write(chunk.subarray(0, at))
      if (what === 'hold') isHeld = true
      if (what === 'cut-before') cut()
      if (what === 'cut-after') {
        isAnswerCut = true
        upstream.write(chunk.subarray(at))
      }
      return came()
    })
    upstream.on('data', (chunk: Buffer) => {
      // The last answer ends with that to the commit; what comes before it may come alone.
      if (!isAnswerCut) client.write(chunk)
      else if (chunk.includes('COMMIT\0')) cut()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    next(what) {
      atCommit = what
      return new Promise((resolve) => {
        came = resolve
      })
    },
    lead(next) {
      to = next
    },
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
