import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { refuse } from '../../relay/protocol/errors.ts'
import { parseName } from '../core/site-names.ts'
import { withoutPort } from '../core/client-address.ts'
import { problemOf } from './problems.ts'

/** First byte of a TLS record that begins a handshake (RFC 8446 §5.1). */
const HANDSHAKE = 0x16
/** A person reads the answer; a peer that keeps its half of the connection open longer is cut off. */
const READ_MS = 1_000

export interface PlainHttpOptions {
  /** Time to the first byte, and for a plain request as a whole. */
  readonly waitMs: number
  /** Where people find this server; null: where they asked. */
  readonly publicAddress: string | null
}

/**
 * Tells whoever speaks plain HTTP to a server of TLS where to go (X23), instead of hanging up on them without a word. It is an
 * answer and no redirect: behind a proxy that ends TLS itself and speaks HTTP to us, a redirect would go round for ever.
 *
 * The first byte says which of the two it is. A connection that is TLS goes on as if nobody had looked.
 */
export function answerPlainHttp(server: Server, options: PlainHttpOptions): void {
  const plain = createServer((request, response) => answer(request, response, options.publicAddress))
  const handshakes = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const overdue = setTimeout(() => socket.destroy(), options.waitMs)
    const broken = (): void => void socket.destroy()
    socket.on('error', broken)
    socket.once('close', () => clearTimeout(overdue))
    socket.once('data', (first: Buffer) => {
      socket.pause()
      socket.unshift(first)
      if (isPlain(first)) {
        plain.emit('connection', socket)
        // The server listens for data now, and would not hear what was there before.
        process.nextTick(() => socket.resume())
        return
      }
      clearTimeout(overdue)
      socket.off('error', broken)
      for (const handshake of handshakes) handshake.call(server, socket)
    })
  })
}

/** A method begins with a letter; what else is no handshake is for TLS to refuse. */
function isPlain([byte = 0]: Buffer): boolean {
  return byte !== HANDSHAKE && /[A-Za-z]/.test(String.fromCharCode(byte))
}

function answer(request: IncomingMessage, response: ServerResponse, publicAddress: string | null): void {
  const where = publicAddress ?? hereByTls(request.headers.host)
  const sentence = `This address speaks HTTPS only${where === null ? '.' : `: open ${where}`}`
  const problem = problemOf(refuse('https-required', sentence))
  const isPerson = request.headers.accept?.includes('text/html') === true
  response.writeHead(problem.status, {
    connection: 'close',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'",
    'content-type': isPerson ? 'text/html; charset=utf-8' : 'application/problem+json; charset=utf-8',
  })
  const { socket } = response
  response.end(isPerson ? page(where) : JSON.stringify(problem), () => {
    // What it still sends is no longer read: an end without an answer is all that a flood gets.
    setTimeout(() => socket?.destroy(), READ_MS).unref()
  })
}

/** By the name that was asked for, if it is one: what stands there is repeated. */
function hereByTls(host: string | undefined): string | null {
  if (host === undefined || parseName(withoutPort(host)) === null) return null
  const url = URL.parse(`https://${host}/`)
  return url === null || url.pathname !== '/' ? null : url.href
}

function page(where: string | null): string {
  const link = where === null ? '' : `\n<p><a href="${where}">${where}</a></p>`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Andon</title>
<h1>This address speaks HTTPS only.</h1>${link}
</html>
`
}
