import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { CLOSE } from './close-codes.ts'
import { DownBatch, PollBatch, StreamBatch } from './way-batches.ts'
import { WAY_LIMITS } from './ways.ts'

const ping = { t: 'ping', nonce: 'nonce-12' }
const up = { batch: 1, ack: 0, holdMs: 25_000, frames: [ping] }

describe('a batch', () => {
  it('[N3] holds text frames as objects and binary ones in base64, and may be empty', () => {
    expect(v.is(StreamBatch, { batch: 3, frames: [ping, 'AP8B'] })).toBe(true)
    expect(v.is(PollBatch, { ...up, frames: [] })).toBe(true)
    expect(v.parse(DownBatch, { batch: 1, ack: 1, frames: [], later: true })).toEqual({ batch: 1, ack: 1, frames: [] })
  })

  it.each([
    ['no number', { frames: [] }],
    ['a number that none has', { batch: 0, frames: [] }],
    ['half a number', { batch: 1.5, frames: [] }],
    ['a frame that is none', { batch: 1, frames: [5] }],
    ['a list as a frame', { batch: 1, frames: [[ping]] }],
    ['bytes that are no base64', { batch: 1, frames: ['***'] }],
    ['a field of nobody', { batch: 1, frames: [], more: 1 }],
    [
      'more frames than any relay sends',
      { batch: 1, frames: Array.from({ length: WAY_LIMITS.maxBatchFrames + 1 }, () => ping) },
    ],
    ['a close that no WebSocket knows', { batch: 1, frames: [], close: { code: 5000, says: '' } }],
  ])('[N3] is refused with %s', (_what, batch) => {
    expect(v.is(StreamBatch, batch)).toBe(false)
  })

  it('[N6] says on poll how long its answer may take, and what came', () => {
    const { ack: _ack, ...silent } = up
    expect(v.is(PollBatch, silent)).toBe(false)
    expect(v.is(PollBatch, { ...up, holdMs: -1 })).toBe(false)
    expect(v.is(StreamBatch, up)).toBe(false)
  })

  it('[N9] has room for every row of the close table', () => {
    for (const { code, says } of Object.values(CLOSE))
      expect(v.is(StreamBatch, { batch: 1, frames: [], close: { code, says } }), says).toBe(true)
  })
})
