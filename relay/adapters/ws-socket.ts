import type { Agent, IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { isCertificateCode } from '../protocol/certificate-codes.ts'
import type { ErrorCode } from '../protocol/errors.ts'
import { LIMITS } from '../protocol/limits.ts'
import { SUBPROTOCOL } from '../protocol/version.ts'
import { codeOfProblem, GATEWAY_STATUSES, isProblem } from './problem-code.ts'
import { closable, syncUrl } from './sync-url.ts'
import type { SocketEvents, SocketHandle, WayPort } from '../ports.ts'

/** What RFC 6455 §7.4.1 calls a connection that ended without a close frame. */
const ABNORMAL = 1006
/** How long a peer may take to answer our close before the line is cut, milliseconds. */
const CLOSE_MS = 2_000

/** The uplink over the `ws` package: Electron's main process, the headless relay, tests. */
export function wsSocket(agent?: Agent): WayPort {
  return { open: (base, events, near) => open(syncUrl(base, near) ?? base, events, agent) }
}

function open(url: string, events: SocketEvents, agent: Agent | undefined): SocketHandle {
  if (!/^wss?:/.test(url)) return failed(events, `"${url}" is not the address of a server.`)
  let why = ''
  let refusal: ErrorCode | undefined
  // `closeTimeout` is newer than @types/ws.
  const options = {
    // Our server keeps to the limit (C2); this ends a peer that does not, with room for what a later version may allow.
    maxPayload: LIMITS.maxFrameBytes * 4,
    // What everybody reads may come deflated (Z2). What this relay says is little, and goes as it is.
    perMessageDeflate: { serverNoContextTakeover: true, clientNoContextTakeover: true },
    handshakeTimeout: LIMITS.greetingMs,
    closeTimeout: CLOSE_MS,
    ...(agent !== undefined && { agent }),
  }
  const socket = new WebSocket(url, [SUBPROTOCOL], options)
  const close = (code: number, reason: string) => {
    const allowed = closable(code, reason)
    socket.close(allowed.code, allowed.reason)
  }
  socket.on('open', () => events.opened())
  socket.on('message', (data, isBinary) => {
    const bytes = data as Buffer // as `binaryType` is its default
    events.received(isBinary ? bytes : bytes.toString('utf8'))
  })
  // Always followed by `close`, which says so once; here only the better words are kept.
  socket.on('error', (error) => {
    // Ended by us after an answer that is no upgrade: what was answered says more.
    if (why === '') why = error.message
    if ('code' in error && isCertificateCode(error.code)) refusal = 'bad-certificate'
  })
  socket.on('unexpected-response', (request, response) => {
    why = `HTTP ${response.statusCode ?? 0}`
    void refusalIn(response).then((code) => {
      refusal = code ?? undefined
      request.destroy()
      // Without this listener `ws` would have ended it; with it, that is ours to do.
      socket.terminate()
    })
  })
  socket.on('close', (code, reason) => events.closed(code, reason.length > 0 ? reason.toString('utf8') : why, refusal))
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message, { compress: false })
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

/** Bytes of an answer that may be a problem; one of ours has some hundred. */
const MAX_PROBLEM_BYTES = 8 * 1024

/** What the server answered instead of opening, or that something else did; null where nothing is known. */
async function refusalIn(response: IncomingMessage): Promise<ErrorCode | null> {
  // Of the proxy on the way, which was asked to lead on (RFC 9110 §15.5.8).
  if (response.statusCode === 407) return 'proxy-refused'
  let text = ''
  try {
    for await (const chunk of response) {
      text += (chunk as Buffer).toString('utf8')
      if (text.length > MAX_PROBLEM_BYTES) break
    }
  } catch {
    return null // cut off in the middle: nothing is known
  }
  if (isProblem(text)) return codeOfProblem(text)
  return GATEWAY_STATUSES.includes(response.statusCode ?? 0) ? null : 'upgrade-blocked'
}
