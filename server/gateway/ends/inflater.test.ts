import { constants, deflateRawSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { Inflater } from './inflater.ts'

/** As a client sends it: without the empty block at its end. */
const message = (text: string | Buffer): Buffer =>
  deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
const MAX = 2 * LIMITS.maxFrameBytes

function inflate(inflater: Inflater, fragment: Buffer, isLast: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let isCalling = true
    inflater.decompress(fragment, isLast, (cause, data) => {
      expect(isCalling, 'within the call').toBe(false)
      if (cause === null) resolve(data ?? Buffer.alloc(0))
      else reject(cause)
    })
    isCalling = false
  })
}

it('[Z3] inflates each message by itself, and no fragment before its message is whole', async () => {
  const inflater = new Inflater()
  const text = 'pressure low '.repeat(1_000)
  const bytes = message(text)
  expect(await inflate(inflater, bytes.subarray(0, 40), false)).toHaveLength(0)
  expect(await inflate(inflater, Buffer.alloc(0), false)).toHaveLength(0)
  expect((await inflate(inflater, bytes.subarray(40), true)).toString()).toBe(text)
  expect((await inflate(inflater, bytes, true)).toString()).toBe(text)
  expect(await inflate(inflater, Buffer.from([0]), true)).toHaveLength(0)
})

it('[Z3] takes what ends in a last block', async () => {
  expect((await inflate(new Inflater(), deflateRawSync('{}'), true)).toString()).toBe('{}')
})

it('[Z3] inflates up to twice the limit of a frame and no further, and says so first', async () => {
  const inflater = new Inflater()
  const failures: number[] = []
  inflater.failed = (code) => failures.push(code)
  expect(await inflate(inflater, message(Buffer.alloc(MAX, 32)), true)).toHaveLength(MAX)
  await expect(inflate(inflater, message(Buffer.alloc(MAX + 1, 32)), true)).rejects.toThrow()
  await expect(inflate(inflater, Buffer.from('no deflate at all'), true)).rejects.toThrow()
  expect(failures).toEqual([1009, 1007])
})
