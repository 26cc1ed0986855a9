import { expect, it } from 'vitest'
import { shakeHands } from './web-socket-handshake.ts'

/** The key of RFC 6455 §1.3, whose answer stands there as well. */
const ASKS = {
  upgrade: 'WebSocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'other, andon.v1',
  'sec-websocket-extensions': 'permessage-deflate; server_max_window_bits=15',
}
const shake = (headers: Readonly<Record<string, string>>, canDeflate = false) => shakeHands({ headers }, { canDeflate })

it('[G6] answers what asks for a WebSocket, with the protocol that is spoken here', () => {
  expect(shake(ASKS)).toEqual({
    answer: [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      'Sec-WebSocket-Protocol: andon.v1',
      '',
      '',
    ].join('\r\n'),
    isDeflating: false,
  })
})

it('[Z2] takes an offer of deflate where that is wanted, and says on what terms', () => {
  const { answer = '', isDeflating } = shake(ASKS, true) ?? {}
  expect(answer.split('\r\n').at(-3)).toBe(
    'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15',
  )
  expect(isDeflating).toBe(true)
  expect(shake({ ...ASKS, 'sec-websocket-extensions': 'x-other' }, true)).toMatchObject({ isDeflating: false })
})

it('[G6] names no protocol to whoever asks for none that is spoken here', () => {
  expect(shake({ ...ASKS, 'sec-websocket-protocol': 'other' })?.answer).not.toContain('Sec-WebSocket-Protocol')
})

it.each([
  ['another upgrade', { upgrade: 'h2c' }],
  ['another version', { 'sec-websocket-version': '8' }],
  ['a key that is none', { 'sec-websocket-key': 'short' }],
])('[G6] opens nothing for %s', (_what, wrong) => expect(shake({ ...ASKS, ...wrong })).toBeNull())
