import type { Server } from 'node:http'

/** Listens on the port of the arguments, or a free one, and prints it as the first line. */
export function listen(server: Server): void {
  server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    process.stdout.write(`${JSON.stringify({ port })}\n`)
  })
}
