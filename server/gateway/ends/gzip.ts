import { crc32 } from 'node:zlib'

/**
 * Pieces of a gzip body (RFC 1952) that is put together of what was deflated before, and of what is not to be deflated.
 *
 *   header │ stored │ deflated │ stored │ … │ last, stored │ CRC-32 │ length
 *
 * Every piece ends on a byte and needs nothing of those before it, so whoever inflates has all of it at once, and the pieces of
 * everybody are the same bytes. Only the sum at the end is of one body; it is put together of the sums of the pieces.
 */

/** Magic, deflate, no flags, no time, nothing about how, and an unknown system. */
export const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])

/** Of one block that is not compressed, bytes (RFC 1951 §3.2.4). */
const MAX_STORED = 0xffff

/** As blocks that are not compressed. */
export function stored(bytes: Buffer, isLast = false): Buffer {
  const blocks: Buffer[] = []
  for (let at = 0; at === 0 || at < bytes.length; at += MAX_STORED) {
    const part = bytes.subarray(at, at + MAX_STORED)
    const head = Buffer.alloc(5)
    head[0] = isLast && at + MAX_STORED >= bytes.length ? 1 : 0
    head.writeUInt16LE(part.length, 1)
    head.writeUInt16LE(MAX_STORED - part.length, 3)
    blocks.push(head, part)
  }
  return Buffer.concat(blocks)
}

/** What a piece adds to the sum of a body: CRC-32 and length of what is in it, and by what the CRC before it is multiplied. */
export interface PieceSum {
  readonly crc: number
  readonly length: number
  readonly shift: number
}

/** Of what is in a piece, before it was deflated or stored. */
export function sumOf(plain: Buffer): PieceSum {
  return { crc: crc32(plain), length: plain.length, shift: power(plain.length) }
}

/** The sum of a body of which only the sums of its pieces are known, in their order. */
export class GzipSum {
  #crc = 0
  #length = 0

  add({ crc, length, shift }: PieceSum): void {
    this.#crc = (times(shift, this.#crc) ^ crc) >>> 0
    this.#length = (this.#length + length) >>> 0
  }

  /** The same of a piece that is of this body only. */
  addPlain(plain: Buffer): void {
    this.#crc = crc32(plain, this.#crc)
    this.#length = (this.#length + plain.length) >>> 0
  }

  /** The end of the body, behind its last block. */
  trailer(): Buffer {
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32LE(this.#crc)
    bytes.writeUInt32LE(this.#length, 4)
    return bytes
  }
}

/*
 * A CRC is what is left of a polynomial over GF(2) divided by `POLYNOMIAL`, its highest power in the lowest bit. So the CRC of
 * two texts in a row is that of the first, times x to the number of bits of the second, plus that of the second; as in
 * `crc32_combine` of zlib.
 */
const POLYNOMIAL = 0xedb88320
const ONE = 0x80000000
const X = 0x40000000

/** x to the 2, 4, 8 …; `SQUARES[n]` is x to the 2 ** n. */
const SQUARES: readonly number[] = Array.from({ length: 31 }).reduce<number[]>(
  (squares) => [...squares, times(squares.at(-1) ?? X, squares.at(-1) ?? X)],
  [X],
)

function times(one: number, other: number): number {
  let product = 0
  let left = other
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((one & bit) !== 0) product ^= left
    left = (left & 1) === 0 ? left >>> 1 : (left >>> 1) ^ POLYNOMIAL
  }
  return product >>> 0
}

/** x to the number of bits in so many bytes. */
function power(bytes: number): number {
  let product = ONE
  for (let at = 3, left = bytes; left > 0; at += 1, left >>>= 1)
    if ((left & 1) === 1) product = times(SQUARES[at % SQUARES.length] ?? ONE, product)
  return product
}
