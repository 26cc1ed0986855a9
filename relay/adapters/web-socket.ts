import { CLOSE } from '../protocol/close-codes.ts'
import { LIMITS } from '../protocol/limits.ts'
import { SUBPROTOCOL } from '../protocol/version.ts'
import { closable, syncUrl } from './sync-url.ts'
import type { SocketEvents, SocketHandle, WayPort } from '../ports.ts'

const ABNORMAL = 1006
/** How long we wait for a browser to finish a close: on a dead line it may take minutes. */
const CLOSE_MS = 2_000

/** The uplink over the browser's own WebSocket. */
export function webSocket(): WayPort {
  return { open }
}

function open(base: string, events: SocketEvents, near?: string): SocketHandle {
  const url = syncUrl(base, near)
  let socket: WebSocket | null = null
  let isOver = false
  const over = (code: number, reason: string) => {
    if (isOver) return
    isOver = true
    clearTimeout(deadline)
    events.closed(code, reason)
  }
  const close = (code: number, reason: string) => {
    if (isOver || socket === null) return
    const allowed = closable(code, reason)
    socket.close(allowed.code, allowed.reason)
    clearTimeout(deadline)
    deadline = setTimeout(() => over(ABNORMAL, allowed.reason), CLOSE_MS)
  }
  let deadline = setTimeout(() => close(CLOSE.normal.code, 'no answer to the handshake'), LIMITS.greetingMs)
  try {
    socket = new WebSocket(url ?? '', [SUBPROTOCOL])
  } catch (error) {
    // A page's own security policy refuses this way, too. `closed` comes after `open` returned, as in every other case.
    const reason = error instanceof Error ? error.message : String(error)
    queueMicrotask(() => over(ABNORMAL, reason))
    return { send: () => undefined, close: () => undefined, bufferedBytes: () => 0 }
  }
  const opened = socket
  opened.binaryType = 'arraybuffer'
  opened.addEventListener('open', () => {
    if (isOver) return
    clearTimeout(deadline)
    events.opened()
  })
  opened.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (isOver) return
    events.received(typeof data === 'string' ? data : new Uint8Array(data))
  })
  opened.addEventListener('close', ({ code, reason }) => over(code, reason))
  return {
    send: (message) => {
      if (opened.readyState === WebSocket.OPEN) opened.send(message)
    },
    close,
    bufferedBytes: () => opened.bufferedAmount,
  }
}
