import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { frame, OPCODE, type FrameBits } from '../../../test/attacks/raw-websocket.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { MessageReader } from './message-reader.ts'

const MAX = 2 * LIMITS.maxFrameBytes
const RSV1 = 4

/** A reader, and what its host was told. */
function createReader(isDeflating = false) {
  const told: (string | number)[] = []
  const reader = new MessageReader(
    {
      message: (payload, form) => void told.push(`${form} ${payload.toString(form === 'text' ? 'utf8' : 'hex')}`),
      ping: (payload) => void told.push(`ping ${payload.toString()}`),
      peerClosed: (code) => void told.push(`close ${code}`),
      broken: (code) => void told.push(code),
    },
    { isDeflating },
  )
  return { reader, told }
}

/** What is told of these pieces. */
function read(pieces: readonly Buffer[], isDeflating = false): readonly (string | number)[] {
  const { reader, told } = createReader(isDeflating)
  // Copies: it takes off the mask in place.
  for (const piece of pieces) reader.add(Buffer.from(piece))
  return told
}

const text = (says: string | Buffer, bits?: FrameBits): Buffer => frame(OPCODE.text, says, bits)
const more = (says: string | Buffer, bits?: FrameBits): Buffer => frame(OPCODE.continuation, says, bits)
const deflated = (says: string): Buffer => deflateRawSync(says, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)

describe('messages (RFC 6455)', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, MAX])('of %i bytes come as they were sent, however cut', (length) => {
    const says = 'x'.repeat(length)
    const whole = text(says)
    for (const at of [1, 2, 3, 5, 9, 13, 14, 15, whole.length - 1].filter((cut) => cut < whole.length))
      expect(read([whole.subarray(0, at), whole.subarray(at)])).toEqual([`text ${says}`])
  })

  it('come one by one out of one piece, and out of pieces of one byte', () => {
    const sent = [
      text('위급'),
      frame(OPCODE.binary, Buffer.from([0, 255])),
      frame(OPCODE.ping, 'p'),
      text('{', { fin: false }),
      frame(OPCODE.ping, 'between'),
      frame(OPCODE.pong, 'nobody asked'),
      more('}', { fin: false }),
      more(''),
      frame(OPCODE.close, Buffer.from([0x03, 0xe8, 0x6f, 0x6b])),
      text('behind the close'),
    ]
    const expected = ['text 위급', 'binary 00ff', 'ping p', 'ping between', 'text {}', 'close 1000']
    const all = Buffer.concat(sent)
    expect(read([all])).toEqual(expected)
    expect(read(Array.from(all, (byte) => Buffer.from([byte])))).toEqual(expected)
    expect(read(sent)).toEqual(expected)
  })

  it('are the host’s: what comes behind them in their piece does not change them', () => {
    const kept: Buffer[] = []
    const nothing = { ping: () => {}, peerClosed: () => {}, broken: () => {} }
    const reader = new MessageReader({ ...nothing, message: (payload) => kept.push(payload) }, { isDeflating: false })
    for (const piece of [text('a', { fin: false }), more('b', { fin: false }), more('c'), text('d')]) reader.add(piece)
    reader.add(text('e'))
    expect(kept.map(String)).toEqual(['abc', 'd', 'e'])
  })

  it('a close without a code says 1005', () => expect(read([frame(OPCODE.close)])).toEqual(['close 1005']))

  it.each([
    ['without a mask', [text('{}', { isMasked: false })], 1002],
    ['with RSV2', [text('{}', { rsv: 2 })], 1002],
    ['with RSV1 where nobody deflates', [text('{}', { rsv: RSV1 })], 1002],
    ['of a kind that does not exist', [frame(3, 'x')], 1002],
    ['of a control kind that does not exist', [frame(11, 'x')], 1002],
    ['that go on where nothing began', [more('x')], 1002],
    ['that begin in another', [text('a', { fin: false }), text('b')], 1002],
    ['of control in pieces', [frame(OPCODE.ping, 'x', { fin: false })], 1002],
    ['of control that are too long', [frame(OPCODE.ping, 'x'.repeat(126))], 1002],
    ['of close with half a code', [frame(OPCODE.close, Buffer.from([3]))], 1002],
    ['of close with a code nobody may send', [frame(OPCODE.close, Buffer.from([0x03, 0xee]))], 1002],
    ['of close with a reason that is no UTF-8', [frame(OPCODE.close, Buffer.from([0x03, 0xe8, 0xc0]))], 1007],
    ['of text that is no UTF-8', [text(Buffer.from([0xc0, 0xaf]))], 1007],
    ['of text that ends in the middle of a letter', [text('a', { fin: false }), more(Buffer.from([0xec, 0x9c]))], 1007],
    ['that claim 8 EB', [text('{}', { claims: 2 ** 52 })], 1009],
    ['that claim one byte too many', [text('{}', { claims: MAX + 1 })], 1009],
    ['that are too long together', [text('x'.repeat(MAX), { fin: false }), more('x')], 1009],
  ])('frames %s are told by their code, and nothing behind them', (_what, pieces, code) => {
    expect(read([...pieces, text('behind')])).toEqual([code])
    expect(read([Buffer.concat([...pieces, text('behind')])])).toEqual([code])
  })

  it('break a rule by their header, before anything of them is held', () => {
    const { reader, told } = createReader()
    reader.add(text('{}', { claims: MAX + 1 }).subarray(0, 14))
    expect([told, reader.unfinishedBytes]).toEqual([[1009], 0])
  })

  it('are no longer read once the host has stopped it, also in the middle of a piece', () => {
    const taken: string[] = []
    const nothing = { ping: () => {}, peerClosed: () => {}, broken: () => {} }
    const host = {
      ...nothing,
      message: (payload: Buffer) => {
        taken.push(payload.toString())
        reader.stop()
      },
    }
    const reader = new MessageReader(host, { isDeflating: false })
    reader.add(Buffer.concat([text('a'), text('b')]))
    reader.add(text('c'))
    expect(taken).toEqual(['a'])
  })
})

describe('deflated messages [Z3]', () => {
  it('are inflated when they are whole, between those that are not deflated', () => {
    const says = 'pressure low '.repeat(100)
    const bytes = deflated(says)
    const pieces = [
      text(bytes, { rsv: RSV1 }),
      text('plain'),
      text(bytes.subarray(0, 5), { rsv: RSV1, fin: false }),
      more('', { fin: false }),
      more(bytes.subarray(5)),
    ]
    expect(read(pieces, true)).toEqual([`text ${says}`, 'text plain', `text ${says}`])
  })

  it.each([
    ['mark a fragment that goes on', [text(deflated('{'), { rsv: RSV1, fin: false }), more('x', { rsv: RSV1 })], 1002],
    ['mark a ping', [frame(OPCODE.ping, 'x', { rsv: RSV1 })], 1002],
    ['are no deflate', [text('hello, server', { rsv: RSV1 })], 1007],
    ['are too long', [text(deflated('x'.repeat(MAX + 1)), { rsv: RSV1 })], 1009],
  ])('that %s are told by their code', (_what, pieces, code) => expect(read(pieces, true)).toEqual([code]))
})

/** What is unfinished after each of these pieces. */
function measure(...pieces: readonly Buffer[]): readonly number[] {
  const { reader } = createReader()
  return pieces.map((piece) => {
    reader.add(piece)
    return reader.unfinishedBytes
  })
}

describe('bytes of a message that is not whole [V23]', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 300_000])('are none behind one of %i bytes, however it is cut', (length) => {
    const whole = text('x'.repeat(length))
    for (const at of [1, 2, 5, 9, whole.length - 1].filter((cut) => cut < whole.length))
      expect(measure(whole.subarray(0, at), whole.subarray(at))).toEqual([at, 0])
  })

  it('are those behind the last whole one of a piece', () => {
    const whole = text('x'.repeat(200))
    expect(measure(Buffer.concat([whole, whole, whole.subarray(0, 100)]), whole.subarray(100))).toEqual([100, 0])
  })

  it('are all of its fragments, what comes between them included, until the last', () => {
    const begin = text('x'.repeat(100), { fin: false })
    const ping = frame(OPCODE.ping)
    expect(measure(begin, more('x'.repeat(50), { fin: false }), ping, more('x'))).toEqual([106, 162, 168, 0])
    expect(measure(ping, text(''))).toEqual([0, 0])
  })
})
