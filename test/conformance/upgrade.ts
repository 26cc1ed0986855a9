import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { json } from 'node:stream/consumers'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import { Mismatch } from './expecting.ts'
import type { Target } from './target.ts'

/** Asks for an upgrade by hand: a WebSocket client hides what it was answered. */
export function askForUpgrade(
  { url, timeoutMs }: Target,
  headers: Readonly<Record<string, string>>,
): ReturnType<typeof httpRequest> {
  const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(new URL('/sync', url), {
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-protocol': SUBPROTOCOL,
      ...headers,
    },
    signal: AbortSignal.timeout(timeoutMs),
  })
  request.end()
  return request
}

/** An upgrade that should be refused. Rejects when it is let in. */
export async function upgrade(
  target: Target,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly type: string; readonly body: object }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = askForUpgrade(target, headers)
    request.on('response', resolve)
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new Mismatch('a refused upgrade', 'an open connection'))
    })
    request.on('error', reject)
  })
  const body: unknown = await json(response).catch(() => null)
  return {
    status: response.statusCode ?? 0,
    type: response.headers['content-type'] ?? '',
    body: typeof body === 'object' && body !== null ? body : {},
  }
}
