import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PAYLOADS } from './binary.ts'
import { decodeClientFrame, decodeServerFrame, encodeFrame } from './codec.ts'
import { ClientFrame, ServerFrame } from './frames.ts'
import { LIMITS } from './limits.ts'

const pad = Uint8Array.of(0, 255, 10)
const ping = { t: 'ping', nonce: 'nonce-12', pad } as const
/** A message with this header, byte by byte. */
const message = (header: string | Uint8Array, ...payload: readonly number[]): Uint8Array => {
  const bytes = Buffer.from(header as string)
  return Uint8Array.from([bytes.length >> 8, bytes.length & 255, ...bytes, ...payload])
}
const HEADER = '{"t":"ping","nonce":"nonce-12"}'

describe('a binary message', () => {
  it('[B1] is the header with its length before it and the payload behind, byte by byte as PROTOCOL.md shows it', () => {
    const protocol = readFileSync(join(import.meta.dirname, 'PROTOCOL.md'), 'utf8')
    const [, shown = ''] = /^ {6}((?:[0-9A-F]{2} +)+[0-9A-F]{2})$/m.exec(protocol) ?? []
    const bytes = Uint8Array.from(Buffer.from(shown.replaceAll(' ', ''), 'hex'))
    expect(bytes).toEqual(message(HEADER, 0, 255, 10))
    expect(encodeFrame(ping)).toEqual(bytes)
    expect(decodeClientFrame(bytes)).toEqual({ ok: true, value: ping })
  })

  it('[B1] gives back every byte, from the middle of a larger buffer and without a payload too', () => {
    const pong = { t: 'pong', nonce: 'nonce-12', serverTime: '2026-11-20T03:00:00.000Z', channels: {} } as const
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(9), (payload, before) => {
        const encoded = encodeFrame({ ...pong, pad: payload })
        if (typeof encoded === 'string') throw new Error('bytes became text')
        const larger = new Uint8Array(before + encoded.length + 5).fill(7)
        larger.set(encoded, before)
        const decoded = decodeServerFrame(larger.subarray(before, before + encoded.length))
        expect(decoded).toEqual({ ok: true, value: { ...pong, pad: Uint8Array.from(payload) } })
      }),
    )
  })

  it('[B1] is what a frame becomes that holds bytes; without them it is text as ever', () => {
    expect(encodeFrame({ ...ping, pad: 3 })).toBe('{"t":"ping","nonce":"nonce-12","pad":3}')
    expect(encodeFrame({ t: 'deauth' })).toBe('{"t":"deauth"}')
  })

  it('[B1] has its payload in a field that its frame has', () => {
    for (const [t, field] of PAYLOADS) {
      const schemas = [...ClientFrame.options, ...ServerFrame.options].filter(({ entries }) => entries.t.literal === t)
      expect(
        schemas.map(({ entries }) => field in entries),
        t,
      ).toEqual([true])
    }
  })

  it.each<[string, string, Uint8Array]>([
    ['bad-frame', 'A binary message begins with the length of its header.', Uint8Array.of()],
    ['bad-frame', 'A binary message begins with the length of its header.', Uint8Array.of(0)],
    ['bad-frame', 'The header of this binary message is not whole.', message(HEADER).slice(0, -1)],
    ['bad-frame', 'The header of this binary message is not whole.', Uint8Array.of(0, 1)],
    [
      'bad-frame',
      `The header of a binary message has at most ${LIMITS.maxHeaderBytes} bytes.`,
      message(HEADER.padEnd(LIMITS.maxHeaderBytes + 1)),
    ],
    ['bad-json', 'This is not valid JSON.', Uint8Array.of(0, 0, 1)],
    ['bad-json', 'This is not valid JSON.', message('{')],
    ['bad-json', 'This is not valid JSON.', message(Uint8Array.of(0xff))],
    ['bad-frame', 'A message is a JSON object with a text field "t".', message('[]')],
    ['unknown-frame', 'There is no message "pung".', message('{"t":"pung"}')],
    ['bad-frame', 'A "deauth" is no binary message.', message('{"t":"deauth"}')],
    ['bad-frame', '"pad" is the payload, and not in the header.', message('{"t":"ping","nonce":"nonce-12","pad":1}')],
    ['bad-frame', '"nonce" is missing.', message('{"t":"ping"}')],
    ['bad-frame', '"mood" is not a field of this.', message('{"t":"ping","nonce":"nonce-12","mood":1}')],
    [
      'bad-frame',
      `"pad" is too long: at most ${LIMITS.maxPadBytes}.`,
      message(HEADER, ...new Uint8Array(LIMITS.maxPadBytes + 1)),
    ],
  ])('[B3] is refused with %s: %s', (code, says, bytes) => {
    expect(decodeClientFrame(bytes)).toEqual({ ok: false, code, message: says })
  })

  it('[B3] has room for the longest header', () => {
    expect(decodeClientFrame(message(HEADER.padEnd(LIMITS.maxHeaderBytes), 1))).toMatchObject({ ok: true })
  })

  it('[B1] cannot be said in text: a payload is never in JSON', () => {
    for (const text of ['[0,255,10]', '{"0":0,"length":1}', '"AP8K"'])
      expect(decodeClientFrame(`{"t":"ping","nonce":"nonce-12","pad":${text}}`)).toMatchObject({ code: 'bad-frame' })
  })

  it('[B3] never throws, whatever arrives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.json(), (noise, header) => {
        for (const bytes of [noise, message(header, ...noise)]) {
          expect(typeof decodeClientFrame(bytes).ok).toBe('boolean')
          expect(typeof decodeServerFrame(bytes).ok).toBe('boolean')
        }
      }),
    )
  })
})
