import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { SUBPROTOCOL } from '../../../relay/protocol/version.ts'
import { answerToOffer, DEFLATE } from './deflate-offer.ts'

/** Of the 16 bytes that a client makes up (RFC 6455 §4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/
/** What is hashed behind it (RFC 6455 §1.3). */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** The answer that opens a WebSocket, and what was agreed on. */
export interface Handshake {
  readonly answer: string
  readonly isDeflating: boolean
}

/** Answers the opening handshake of a client, a GET (RFC 6455 §4.2); null where it is none. `canDeflate`: PROTOCOL Z2. */
export function shakeHands(
  { headers }: Pick<IncomingMessage, 'headers'>,
  { canDeflate }: { readonly canDeflate: boolean },
): Handshake | null {
  const key = headers['sec-websocket-key']
  if (headers.upgrade?.toLowerCase() !== 'websocket' || headers['sec-websocket-version'] !== '13') return null
  if (key === undefined || !KEY.test(key)) return null
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  const deflate = canDeflate ? answerToOffer(headers['sec-websocket-extensions']) : null
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${createHash('sha1').update(`${key}${GUID}`).digest('base64')}`,
    ...(offered.includes(SUBPROTOCOL) ? [`Sec-WebSocket-Protocol: ${SUBPROTOCOL}`] : []),
    ...(deflate === null ? [] : [`Sec-WebSocket-Extensions: ${extension(deflate)}`]),
  ]
  return { answer: `${lines.join('\r\n')}\r\n\r\n`, isDeflating: deflate !== null }
}

/** `true` is a parameter without a value. */
function extension(parameters: object): string {
  const words = Object.entries(parameters).map(([name, value]) => (value === true ? name : `${name}=${String(value)}`))
  return [DEFLATE, ...words].join('; ')
}
