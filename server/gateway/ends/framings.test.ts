import { gunzipSync } from 'node:zlib'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { CLOSE } from '../../../relay/protocol/close-codes.ts'
import { DownBatch } from '../../../relay/protocol/way-batches.ts'
import { Deflater } from './deflater.ts'
import { joinBytes, SharedBytes } from '../shared-bytes.ts'
import { batchBytes, packedBatch } from './poll-framing.ts'
import { CHUNKED_FRAMING, closeEvent, STREAM_FRAMING } from './stream-framing.ts'

const texts = ['{"t":"error","message":"위급\\nline"}', '{}']

it('[N8] a stream has each frame as an event of one line, and the close as one of its own', () => {
  expect(STREAM_FRAMING.frame(texts).toString()).toBe(texts.map((text) => `data: ${text}\n\n`).join(''))
  const { code, says } = CLOSE.silent
  const event = `event: close\ndata: {"code":${code},"says":"${says}"}\n\n`
  expect(closeEvent(CLOSE.silent).toString()).toBe(event)
})

it('[N3] [N8] bytes are base64 on both, in an event of their own name and as a text in the batch', () => {
  // Part of a larger buffer: only its own bytes count.
  const bytes = Buffer.from([9, 0, 255, 1, 9]).subarray(1, 4)
  const messages = ['{}', bytes]
  expect(STREAM_FRAMING.frame(messages).toString()).toBe('data: {}\n\nevent: bytes\ndata: AP8B\n\n')
  const made = { batch: 1, parts: [new SharedBytes(messages)], bytes: 0, close: null }
  const parsed: unknown = JSON.parse(Buffer.concat(batchBytes(made, 0)).toString())
  expect(v.parse(DownBatch, parsed)).toMatchObject({ frames: [{}, 'AP8B'] })
})

it('[N8] a stream in chunks has the same events, what leaves in one piece as one chunk of its length in bytes', () => {
  const inChunk = (bytes: Buffer): string => `${bytes.length.toString(16)}\r\n${bytes.toString()}\r\n`
  expect(CHUNKED_FRAMING.frame(texts).toString()).toBe(inChunk(STREAM_FRAMING.frame(texts)))
})

it('[N3] [U2] a batch has the frames as objects, from the bytes that everybody gets', () => {
  const parts = [new SharedBytes(texts), new SharedBytes(['{"n":1}'])]
  const close = { code: 1000, says: 'Over.' }
  const made = { batch: 3, parts, bytes: 0, close }
  const parsed: unknown = JSON.parse(Buffer.concat(batchBytes(made, 7)).toString())
  const frames = [...texts.map((text): unknown => JSON.parse(text)), { n: 1 }]
  expect(v.parse(DownBatch, parsed)).toEqual({ batch: 3, ack: 7, frames, close })
  const [again, other] = [batchBytes(made, 8), batchBytes({ ...made, parts: [], close: null }, 0)]
  expect(again[1]).toBe(batchBytes(made, 7)[1])
  expect(Buffer.concat(other).toString()).toBe('{"batch":3,"ack":0,"frames":[]}')
})

describe('a batch in gzip', () => {
  const page = (number: number): Promise<SharedBytes> =>
    new Deflater().deflated(new SharedBytes([JSON.stringify({ t: 'page', number, says: '위급 pump '.repeat(900) })]))

  it.each([1, 2, 5])('[Z4] [U2] is the plain one, from the %i deflated frames that everybody gets', async (count) => {
    const parts = await Promise.all(Array.from({ length: count }, (_, number) => page(number)))
    for (const close of [null, { code: 1000, says: 'Over.' }]) {
      const batch = { batch: 3, parts, bytes: 0, close }
      const packed = packedBatch(batch, 7) ?? []
      const plain = Buffer.concat(batchBytes(batch, 7))
      expect(gunzipSync(Buffer.concat(packed)).equals(plain)).toBe(true)
      expect(packed).toContain(parts[0]?.deflated?.[0])
      expect(Buffer.concat(packed).length).toBeLessThan(plain.length / 10)
    }
  })

  it('[Z4] is the plain one of frames that left in one piece, too', async () => {
    const joined = joinBytes([await page(1), await page(2)])
    const batch = { batch: 3, parts: [joined, await page(3)], bytes: 0, close: null }
    const packed = packedBatch(batch, 7) ?? []
    expect(gunzipSync(Buffer.concat(packed)).equals(Buffer.concat(batchBytes(batch, 7)))).toBe(true)
    const mixed = joinBytes([await page(1), new SharedBytes(['{}'])])
    expect(packedBatch({ ...batch, parts: [mixed] }, 7)).toBeNull()
  })

  it('[Z4] is none where a single frame was not deflated, and where there is no frame', async () => {
    const own = new SharedBytes(['{"t":"authed"}'])
    const made = { batch: 1, bytes: 0, close: null }
    expect(packedBatch({ ...made, parts: [await page(1), own] }, 0)).toBeNull()
    expect(packedBatch({ ...made, parts: [] }, 0)).toBeNull()
  })
})
