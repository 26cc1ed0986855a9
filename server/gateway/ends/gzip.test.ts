import { constants, crc32, deflateRawSync, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { GZIP_HEADER, GzipSum, stored, sumOf } from './gzip.ts'

const bytes = fc.uint8Array({ maxLength: 3_000 }).map((each) => Buffer.from(each))

it('[Z4] the sum of a body is put together of those of its pieces', () => {
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 12 }), (pieces) => {
      const sum = new GzipSum()
      for (const piece of pieces) sum.add(sumOf(piece))
      const whole = Buffer.concat(pieces)
      const trailer = sum.trailer()
      expect([trailer.readUInt32LE(0), trailer.readUInt32LE(4)]).toEqual([crc32(whole), whole.length])
    }),
  )
})

it('[Z4] a body of deflated and stored pieces is what every gzip reads', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(bytes, fc.boolean())), (pieces) => {
      const sum = new GzipSum()
      const parts: Buffer[] = [GZIP_HEADER]
      for (const [plain, isDeflated] of pieces) {
        sum.add(sumOf(plain))
        parts.push(isDeflated ? deflateRawSync(plain, { finishFlush: constants.Z_SYNC_FLUSH }) : stored(plain))
      }
      const end = Buffer.from('end')
      sum.addPlain(end)
      parts.push(stored(end, true), sum.trailer())
      const whole = Buffer.concat([...pieces.map(([plain]) => plain), end])
      expect(gunzipSync(Buffer.concat(parts)).equals(whole)).toBe(true)
    }),
  )
})

it.each([0, 1, 65_535, 65_536, 200_000])('[Z4] %i bytes are stored in as many blocks as they take', (length) => {
  const plain = Buffer.alloc(length, 'x')
  const sum = new GzipSum()
  sum.add(sumOf(plain))
  const body = Buffer.concat([GZIP_HEADER, stored(plain, true), sum.trailer()])
  expect(gunzipSync(body).equals(plain)).toBe(true)
})
