/** Photos and files for tests: real bytes, and the way up on a floor. */
import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid'
import type { LightMyRequestResponse } from 'fastify'
import sharp from 'sharp'
import {
  filePath,
  type AttachmentType,
  type ContentHash,
  type MessageFile,
  type NamedFile,
} from '../../relay/protocol/attachments.ts'
import type { CommandId, DeviceId, OutboxEpoch, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { ChatMessage } from '../../relay/protocol/records.ts'
import type { Submission, SubmitResult } from '../ports/submission.ts'
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

/** A person at a device of a floor, what they say there with files, and the ways of those files. */
export class SharingPerson {
  readonly floor: Floor
  readonly device: DeviceId
  accessToken = ''
  #session = '' as SessionId
  #epoch = '' as OutboxEpoch
  #seq = 0

  constructor(floor: Floor, device = DEVICE) {
    this.floor = floor
    this.device = device
  }

  async signIn(operator: string, pin: string): Promise<void> {
    // The store has the clock of the machine, and a session its end.
    this.floor.clock.ms = Date.now()
    this.#epoch = uuidv4() as OutboxEpoch
    this.#seq = 0
    await this.floor.store.greet({
      device: this.device,
      publicKey: '{}',
      source: '127.0.0.1',
      name: operator,
      defaultAreas: [],
      epoch: this.#epoch,
      incarnation: null,
      oldest: { urgent: 1, normal: 1 },
    })
    const headers = { ...this.#asDevice(this.device), 'andon-refresh': 'body' }
    const response = await this.floor.call('POST', '/api/sessions', { operator, pin }, headers)
    const { session, accessToken } = response.json<{ session: SessionId; accessToken: string }>()
    this.#session = session
    this.accessToken = accessToken
  }

  async share(files: readonly NamedFile[]): Promise<CommandId> {
    const message = this.#command('chat.share', { text: '', files })
    await applied(this.floor.submit(message))
    return message.id
  }

  /** `isHeard`: whoever follows what is committed is told. */
  async withdraw(id: CommandId, isHeard = true): Promise<void> {
    const command = this.#command('chat.withdraw', { id })
    await applied(isHeard ? this.floor.submit(command) : this.floor.store.submit(command))
  }

  /** Shares it, sends it whole, and waits until its message says what became of it. */
  async settled(
    bytes: Buffer,
    type: AttachmentType,
    name = 'file',
  ): Promise<{ readonly id: CommandId; readonly file: MessageFile }> {
    const id = await this.share([named(bytes, type, name)])
    await this.sendAll(id, bytes)
    await this.floor.attachments.desk.idle()
    const [file] = await this.filesOf(id)
    if (file === undefined) throw new Error('the message has no file')
    return { id, file }
  }

  async filesOf(id: CommandId): Promise<readonly MessageFile[]> {
    const data = (await this.floor.store.message(id))?.event.data as ChatMessage
    return 'withdrawn' in data ? [] : (data.files ?? [])
  }

  state(id: CommandId, hash: string, { device = this.device, line = 'line-3' } = {}): Promise<LightMyRequestResponse> {
    return this.floor.call('GET', `${pathOf(line, id, hash)}/upload`, undefined, this.#asDevice(device))
  }

  giveUp(id: CommandId, hash: string, { device = this.device } = {}): Promise<LightMyRequestResponse> {
    return this.floor.call('DELETE', `${pathOf('line-3', id, hash)}/upload`, undefined, this.#asDevice(device))
  }

  piece(
    id: CommandId,
    hash: string,
    { offset, bytes, device = this.device }: { offset: number; bytes: Uint8Array; device?: DeviceId },
  ): Promise<LightMyRequestResponse> {
    return this.floor.inject({
      method: 'PATCH',
      url: `${pathOf('line-3', id, hash)}/upload?offset=${offset}`,
      headers: { ...this.#asDevice(device), 'content-type': 'application/octet-stream' },
      payload: Buffer.from(bytes),
    })
  }

  /** Every byte, in pieces of the largest size. */
  async sendAll(id: CommandId, bytes: Buffer): Promise<void> {
    for (let offset = 0; offset < bytes.length; offset += LIMITS.maxPieceBytes) {
      const piece = bytes.subarray(offset, offset + LIMITS.maxPieceBytes)
      const { statusCode, body } = await this.piece(id, hashOf(bytes), { offset, bytes: piece })
      if (statusCode !== 200) throw new Error(body)
    }
  }

  /** By the key of the demonstration floor, unless the headers say otherwise. */
  read(
    id: CommandId,
    hash: string,
    { headers = {}, query = '' }: { headers?: Record<string, string>; query?: string } = {},
  ): Promise<LightMyRequestResponse> {
    return this.floor.call('GET', pathOf('line-3', id, hash) + query, undefined, headers)
  }

  #command(type: string, data: object): Submission & { readonly id: CommandId } {
    this.#seq += 1
    const { device } = this
    const source = { device, epoch: this.#epoch, lane: 'normal', seq: this.#seq, session: this.#session } as const
    return {
      source: { kind: 'outbox', ...source },
      id: uuidv7() as CommandId,
      type,
      data: { line: 'line-3', ...data },
    }
  }

  #asDevice(device: DeviceId): Record<string, string> {
    return { authorization: `Bearer ${this.floor.deviceToken(device)}` }
  }
}

function pathOf(line: string, id: CommandId, hash: string): string {
  return `/api/${filePath({ line, id, hash: hash as ContentHash })}`
}

async function applied(result: Promise<SubmitResult>): Promise<void> {
  const { verdict } = await result
  if (verdict.kind !== 'done' || verdict.outcome.outcome !== 'applied') throw new Error(JSON.stringify(verdict))
}
