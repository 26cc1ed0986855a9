import { describe, expect, it } from 'vitest'
import { frame, OPCODE } from '../../../test/attacks/raw-websocket.ts'
import { MessageMeter } from './message-meter.ts'

/** What is unfinished after each of these pieces. */
function measure(...chunks: readonly Buffer[]): readonly number[] {
  const meter = new MessageMeter()
  return chunks.map((chunk) => {
    meter.add(chunk)
    return meter.unfinishedBytes
  })
}

describe('bytes of a message that is not whole [V23]', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 300_000])('are none behind one of %i bytes, however it is cut', (length) => {
    const whole = frame(OPCODE.text, 'x'.repeat(length))
    for (const at of [1, 2, 5, 9, whole.length - 1].filter((cut) => cut < whole.length))
      expect(measure(whole.subarray(0, at), whole.subarray(at))).toEqual([at, 0])
  })

  it('are those behind the last whole one of a piece', () => {
    const whole = frame(OPCODE.text, 'x'.repeat(200))
    expect(measure(Buffer.concat([whole, whole, whole.subarray(0, 100)]), whole.subarray(100))).toEqual([100, 0])
  })

  it('are all of its fragments, what comes between them included, until the last', () => {
    const begin = frame(OPCODE.text, 'x'.repeat(100), { fin: false })
    const more = frame(OPCODE.continuation, 'x'.repeat(50), { fin: false })
    const ping = frame(OPCODE.ping)
    const end = frame(OPCODE.continuation, 'x')
    expect(measure(begin, more, ping, end)).toEqual([106, 162, 168, 0])
    expect(measure(ping, frame(OPCODE.text, ''))).toEqual([0, 0])
  })
})
