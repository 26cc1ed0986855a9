import * as v from 'valibot'
import { expect, it } from 'vitest'
import { LIMITS } from '../protocol/limits.ts'
import { PollBatch, StreamBatch } from '../protocol/way-batches.ts'
import { WAY_LIMITS } from '../protocol/ways.ts'
import { batchBody, UpFrames } from './up-frames.ts'

function filled(...texts: readonly string[]): UpFrames {
  const up = new UpFrames()
  texts.forEach((text) => up.add(text))
  return up
}
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `{"n":${from + index}}`)

it('[N3] puts what waits into one batch, in order, and counts them', () => {
  const up = filled('{"t":"a"}', '{"t":"b"}')
  expect(up.take()).toEqual({ batch: 1, frames: ['{"t":"a"}', '{"t":"b"}'], close: null })
  expect([up.isEmpty, up.chars, up.take().batch]).toEqual([true, 0, 2])
})

it('[N10] keeps a batch below what a body may have, in frames and in bytes', () => {
  const many = filled(...numbers(1, WAY_LIMITS.maxBatchFrames + 1))
  expect([many.take().frames.length, many.take().frames]).toEqual([
    WAY_LIMITS.maxBatchFrames,
    numbers(WAY_LIMITS.maxBatchFrames + 1, WAY_LIMITS.maxBatchFrames + 1),
  ])
  const long = JSON.stringify({ text: '한'.repeat(60_000) })
  const up = filled(long, long, '{}')
  for (const frames of [[long], [long, '{}']]) {
    const batch = up.take()
    expect(batch.frames).toEqual(frames)
    expect(Buffer.byteLength(batchBody(batch))).toBeLessThan(WAY_LIMITS.maxBatchBytes)
  }
})

it('[N3] [N10] has bytes in base64 between text, and the longest of them within what a body may have', () => {
  const up = new UpFrames()
  const longest = new Uint8Array(LIMITS.maxFrameBytes).fill(255)
  for (const message of ['{"t":"a"}', Uint8Array.of(0, 255, 10), longest]) up.add(message)
  const [first, second] = [up.take(), up.take()]
  expect(first.frames).toEqual(['{"t":"a"}', '"AP8K"'])
  const { frames } = v.parse(StreamBatch, JSON.parse(batchBody(second)))
  expect(frames).toEqual([Buffer.from(longest).toString('base64')])
  expect(batchBody(second).length).toBeLessThan(WAY_LIMITS.maxBatchBytes)
})

it('[N9] closes behind everything that waits', () => {
  const up = filled(...numbers(1, WAY_LIMITS.maxBatchFrames + 1))
  up.close(4408, 'silent')
  up.close(1000, 'twice')
  expect([up.take().close, up.take().close, up.isEmpty]).toEqual([null, { code: 4408, says: 'silent' }, true])
})

it('[N3] writes batches as the server reads them', () => {
  const up = filled('{"t":"a"}')
  up.close(1000, 'a "reason"')
  const batch = up.take()
  const close = { code: 1000, says: 'a "reason"' }
  expect(v.parse(StreamBatch, JSON.parse(batchBody(batch)))).toEqual({ batch: 1, frames: [{ t: 'a' }], close })
  expect(v.parse(PollBatch, JSON.parse(batchBody(batch, { ack: 3, holdMs: 9 })))).toEqual({
    batch: 1,
    ack: 3,
    holdMs: 9,
    frames: [{ t: 'a' }],
    close,
  })
})
