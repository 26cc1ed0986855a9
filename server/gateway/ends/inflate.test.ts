import { constants, deflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { inflate } from './inflate.ts'

/** As a client sends it: without the empty block at its end. */
const message = (text: string | Buffer): Buffer =>
  deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
const MAX = 2 * LIMITS.maxFrameBytes

it('[Z3] inflates each message by itself, what ends in a last block and what is empty too', () => {
  const text = 'pressure low '.repeat(1_000)
  for (const [deflated, expected] of [
    [message(text), text],
    [message(text), text],
    [deflateRawSync('{}'), '{}'],
    [Buffer.from([0]), ''],
  ] as const)
    expect(inflate(deflated)).toEqual({ ok: true, bytes: Buffer.from(expected) })
})

it('[Z3] inflates up to twice the limit of a frame and no further, and nothing that is no deflate', () => {
  expect(inflate(message(Buffer.alloc(MAX, 32)))).toMatchObject({ ok: true, bytes: { length: MAX } })
  expect(inflate(message(Buffer.alloc(MAX + 1, 32)))).toEqual({ ok: false, code: 1009 })
  expect(inflate(Buffer.from('no deflate at all'))).toEqual({ ok: false, code: 1007 })
})
