import * as ws from 'ws'
import { describe, expect, it } from 'vitest'
import { DEFLATED_WEB_SOCKET_FRAMING, WEB_SOCKET_FRAMING } from './web-socket-framing.ts'

describe('frames on a WebSocket', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('frames %i bytes as ws itself would', (length) => {
    const text = 'x'.repeat(length)
    expect(WEB_SOCKET_FRAMING.frame([text]).equals(framedByWs(text))).toBe(true)
  })

  it('frames each text by itself, one behind the other, by bytes and not by characters', () => {
    const texts = ['위급', 'x'.repeat(300), '']
    expect(WEB_SOCKET_FRAMING.frame(texts).equals(Buffer.concat(texts.map((text) => framedByWs(text))))).toBe(true)
  })

  it('frames bytes as binary messages, beside text', () => {
    const sizes = [0, 125, 126, 65_536].map((length) => new Uint8Array(length).fill(0xff))
    const expected = Buffer.concat([...sizes.map((bytes) => framedByWs(bytes, { opcode: 2 })), framedByWs('text')])
    expect(WEB_SOCKET_FRAMING.frame([...sizes, 'text']).equals(expected)).toBe(true)
  })

  it.each([10, 130, 70_004])('[Z2] marks %i deflated bytes, and leaves the empty block at their end away', (length) => {
    const deflated = Buffer.concat([Buffer.alloc(length - 4, 7), Buffer.from([0, 0, 0xff, 0xff])])
    const expected = framedByWs(deflated.subarray(0, -4), { rsv1: true })
    expect(DEFLATED_WEB_SOCKET_FRAMING.frame(['{}'], [deflated]).equals(expected)).toBe(true)
  })

  it('[Z2] has what was deflated between what was not, in their order', () => {
    const tail = [0, 0, 0xff, 0xff]
    const forms = [null, Buffer.from([7, ...tail]), null]
    const texts = ['{"a":1}', '{"b":2}', '{"c":3}']
    const expected = [framedByWs('{"a":1}'), framedByWs(Buffer.from([7]), { rsv1: true }), framedByWs('{"c":3}')]
    expect(DEFLATED_WEB_SOCKET_FRAMING.frame(texts, forms).equals(Buffer.concat(expected))).toBe(true)
  })
})

/** `Sender.frame` is what ws writes for one unmasked message. */
function framedByWs(message: string | Uint8Array, { opcode = 1, rsv1 = false } = {}): Buffer {
  const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } }
  const options = { fin: true, rsv1, opcode, mask: false, readOnly: true }
  return Buffer.concat(Sender.frame(Buffer.from(message), options))
}
