import { WebSocket } from 'ws'
import { CLOSE } from '../protocol/close-codes.ts'
import { LIMITS } from '../protocol/limits.ts'
import { SUBPROTOCOL } from '../protocol/version.ts'
import { closable, syncUrl } from './sync-url.ts'
import type { SocketEvents, SocketHandle, SocketPort } from '../ports.ts'

/** What RFC 6455 §7.4.1 calls a connection that ended without a close frame. */
const ABNORMAL = 1006
/** How long a peer may take to answer our close before the line is cut, milliseconds. */
const CLOSE_MS = 2_000

/** The uplink over the `ws` package: Electron's main process, the headless relay, tests. */
export function wsSocket(): SocketPort {
  return { open }
}

function open(base: string, events: SocketEvents): SocketHandle {
  const url = syncUrl(base)
  if (url === null) return failed(events, `"${base}" is not the address of a server.`)
  let why = ''
  // `closeTimeout` is newer than @types/ws.
  const options = {
    // Our server keeps to the limit (C2); this ends a peer that does not, with room for what a later version may allow.
    maxPayload: LIMITS.maxFrameBytes * 4,
    perMessageDeflate: false,
    handshakeTimeout: LIMITS.greetingMs,
    closeTimeout: CLOSE_MS,
  }
  const socket = new WebSocket(url, [SUBPROTOCOL], options)
  const close = (code: number, reason: string) => {
    const allowed = closable(code, reason)
    socket.close(allowed.code, allowed.reason)
  }
  socket.on('open', () => events.opened())
  socket.on('message', (data, isBinary) => {
    if (isBinary) close(CLOSE.badFrame.code, 'binary message')
    else events.received((data as Buffer).toString('utf8')) // a Buffer, as `binaryType` is its default
  })
  // Always followed by `close`, which says so once; here only the better words are kept.
  socket.on('error', (error) => (why = error.message))
  socket.on('close', (code, reason) => events.closed(code, reason.length > 0 ? reason.toString('utf8') : why))
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text)
    },
    close,
    bufferedBytes: () => socket.bufferedAmount,
  }
}

/** A handle that never opened; `closed` comes after `open` returned, as for every other. */
function failed(events: SocketEvents, reason: string): SocketHandle {
  queueMicrotask(() => events.closed(ABNORMAL, reason))
  return { send: () => undefined, close: () => undefined, bufferedBytes: () => 0 }
}
