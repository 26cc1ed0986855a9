/** What is gathered piece by piece until it is whole: as many bytes as came, twice as many at most, in however many pieces. */
export class GrowingBytes {
  #room: Buffer
  #length: number

  constructor(first: Buffer) {
    // A copy: what came is a part of a larger piece.
    this.#room = Buffer.from(first)
    this.#length = first.length
  }

  get length(): number {
    return this.#length
  }

  add(piece: Buffer): void {
    const length = this.#length + piece.length
    if (length > this.#room.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#room.length))
      this.#room.copy(larger, 0, 0, this.#length)
      this.#room = larger
    }
    piece.copy(this.#room, this.#length)
    this.#length = length
  }

  /** All of it; nothing is added any more. */
  whole(): Buffer {
    return this.#room.subarray(0, this.#length)
  }
}
