/** Photos and files for tests: real bytes, and the way up on a floor. */
import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { v7 as uuidv7 } from 'uuid'
import type { LightMyRequestResponse } from 'fastify'
import sharp from 'sharp'
import { filePath, type AttachmentType, type ContentHash, type NamedFile } from '../../relay/protocol/attachments.ts'
import type { CommandId, DeviceId, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { Submission } from '../ports/submission.ts'
import { DEVICE, type Floor } from './http-floor.ts'

export function hashOf(bytes: Uint8Array): ContentHash {
  return createHash('sha256').update(bytes).digest('hex') as ContentHash
}

export function named(bytes: Uint8Array, type: AttachmentType, name = 'file'): NamedFile {
  return { hash: hashOf(bytes), type, size: bytes.length, name }
}

/** As a phone takes it: lying on its side, with where and with what it was taken. */
export function phonePhoto({ width, height } = { width: 640, height: 480 }): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#c33' } })
    .jpeg({ quality: 80 })
    .withMetadata({ orientation: 6 })
    .withExif({
      IFD0: { Make: 'Factory', Model: 'Pocket 7' },
      IFD3: { GPSLatitude: '37/1 33/1 0/1', GPSLatitudeRef: 'N', GPSLongitude: '126/1 58/1 0/1', GPSLongitudeRef: 'E' },
    })
    .toBuffer()
}

/** A photo that is none other's. */
export function noise(seed: number, { width, height } = { width: 320, height: 240 }): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3)
  let state = seed
  for (let at = 0; at < pixels.length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    pixels[at] = state >>> 24
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer()
}

/** A PNG of hundreds of millions of pixels in few bytes, all of them black. */
export function bomb(side: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(side, 0)
  head.writeUInt32BE(side, 4)
  // One bit of grey for each.
  head[8] = 1
  const rows = deflateSync(Buffer.alloc((1 + Math.ceil(side / 8)) * side), { level: 9 })
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))])
}

function chunk(kind: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(kind, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(content))
  return Buffer.concat([length, content, sum])
}

export interface Author {
  readonly device: DeviceId
  readonly session: SessionId
  readonly epoch: OutboxEpoch
  readonly accessToken: string
}

/** What a floor is asked about one file of one message. */
export class FileCalls {
  readonly #floor: Floor
  readonly #line: string

  constructor(floor: Floor, line = 'line-3') {
    this.#floor = floor
    this.#line = line
  }

  state(id: CommandId, hash: string, device = DEVICE): Promise<LightMyRequestResponse> {
    return this.#floor.call('GET', `${this.#path(id, hash)}/upload`, undefined, this.#asDevice(device))
  }

  piece(
    id: CommandId,
    hash: string,
    { offset, bytes, device = DEVICE }: { offset: number; bytes: Uint8Array; device?: DeviceId },
  ): Promise<LightMyRequestResponse> {
    return this.#floor.inject({
      method: 'PATCH',
      url: `${this.#path(id, hash)}/upload?offset=${offset}`,
      headers: { ...this.#asDevice(device), 'content-type': 'application/octet-stream' },
      payload: Buffer.from(bytes),
    })
  }

  /** Every byte, in pieces. Answers the last answer. */
  async all(id: CommandId, bytes: Buffer, device = DEVICE): Promise<LightMyRequestResponse> {
    let last: LightMyRequestResponse | null = null
    for (let offset = 0; offset < bytes.length; offset += LIMITS.maxPieceBytes) {
      const piece = bytes.subarray(offset, offset + LIMITS.maxPieceBytes)
      last = await this.piece(id, hashOf(bytes), { offset, bytes: piece, device })
      if (last.statusCode !== 200) return last
    }
    if (last === null) throw new Error('nothing to send')
    return last
  }

  read(id: CommandId, hash: string, headers: Record<string, string> = {}, query = ''): Promise<LightMyRequestResponse> {
    return this.#floor.call('GET', `${this.#path(id, hash)}${query}`, undefined, headers)
  }

  #path(id: CommandId, hash: string): string {
    return `/api/${filePath({ line: this.#line, id, hash: hash as ContentHash })}`
  }

  #asDevice(device: DeviceId): Record<string, string> {
    return { authorization: `Bearer ${this.#floor.deviceToken(device)}` }
  }
}

/** A message of this person with these files, from the outbox of their device. */
export function sharing(author: Author, seq: number, files: readonly NamedFile[]): Submission & { id: CommandId } {
  return {
    source: {
      kind: 'outbox',
      device: author.device,
      epoch: author.epoch,
      lane: 'normal',
      seq,
      session: author.session,
    },
    id: uuidv7() as CommandId,
    type: 'chat.share',
    data: { line: 'line-3', text: '', files },
  }
}
