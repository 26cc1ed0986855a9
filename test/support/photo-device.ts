/** A person at a device who shares photos over the real wire and HTTP, one request at a time. */
import { v7 as uuidv7 } from 'uuid'
import { filePath, type AttachmentType, type MessageFile, type UploadState } from '../../relay/protocol/attachments.ts'
import type { ServerFrameOf } from '../../relay/protocol/frames.ts'
import type { CommandId, SessionId } from '../../relay/protocol/ids.ts'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { hashOf, named } from '../../server/testing/attachments.ts'
import { createDevice, WireClient, type TestDevice } from './wire-client.ts'

const LINE = 'line-3'

export interface Shared {
  readonly id: CommandId
  readonly bytes: Buffer
}

export class PhotoDevice {
  readonly device: TestDevice
  #url = ''
  #client: WireClient | null = null
  #deviceToken = ''
  #accessToken = ''
  #session = '' as SessionId
  readonly #seqs = { normal: 0, urgent: 0 }

  private constructor(device: TestDevice) {
    this.device = device
  }

  static async make(): Promise<PhotoDevice> {
    return new PhotoDevice(await createDevice())
  }

  /** Greets, and signs in where it has not, or is asked to. */
  async connect(url: string, person: { operator: string; pin: string } | null = null): Promise<void> {
    this.#client?.close()
    this.#url = url
    const client = new WireClient(url)
    this.#client = client
    const { deviceToken, outbox, marks } = await client.greet(this.device)
    this.#deviceToken = deviceToken
    if (outbox === 'new') Object.assign(this.#seqs, { normal: 0, urgent: 0 })
    else Object.assign(this.#seqs, marks)
    if (person === null) return
    const headers = { 'andon-refresh': 'body', 'content-type': 'application/json' }
    const body = JSON.stringify(person)
    const response = await this.#fetch('POST', 'sessions', { headers, body })
    const grant = (await response.json()) as { session: SessionId; accessToken: string; generation: number }
    this.#session = grant.session
    this.#accessToken = grant.accessToken
    client.send({ t: 'auth', token: grant.accessToken, generation: grant.generation })
    await client.next('authed')
  }

  close(): void {
    this.#client?.close()
  }

  async share(bytes: Buffer, type: AttachmentType = 'image/jpeg'): Promise<Shared> {
    const { id } = await this.command('chat.share', { line: LINE, text: '', files: [named(bytes, type)] })
    return { id, bytes }
  }

  withdraw({ id }: Shared): Promise<unknown> {
    return this.command('chat.withdraw', { line: LINE, id })
  }

  /** Resolves with its end, which must be `applied`. */
  async command(type: string, data: object): Promise<ServerFrameOf<'result'>> {
    const answer = await this.attempt(type, data)
    if (answer.t !== 'result' || answer.outcome !== 'applied') throw new Error(`${type}: ${JSON.stringify(answer)}`)
    return answer
  }

  /** What the server says of it first; of what it does not decide now the number goes to the next command. */
  async attempt(type: string, data: object): Promise<ServerFrameOf<'result'> | ServerFrameOf<'retry-later'>> {
    const client = this.#client
    if (client === null) throw new Error('not connected')
    const lane = type.startsWith('alert.') ? 'urgent' : 'normal'
    const id = uuidv7() as CommandId
    client.send({ t: 'command', lane, seq: this.#seqs[lane] + 1, id, type, data, session: this.#session })
    const answer = await client.nextOf(['result', 'retry-later'], (frame) => frame.id === id)
    if (answer.t === 'result') this.#seqs[lane] += 1
    return answer
  }

  async state(shared: Shared): Promise<UploadState> {
    const response = await this.#fetch('GET', `${placeOf(shared)}/upload`)
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as UploadState
  }

  /** Rejects where the server goes away in the middle. */
  async piece({ id, bytes }: Shared, { offset, length = LIMITS.maxPieceBytes }: { offset: number; length?: number }) {
    const response = await this.#fetch('PATCH', `${placeOf({ id, bytes })}/upload?offset=${offset}`, {
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(bytes.subarray(offset, offset + length)),
    })
    if (!response.ok) throw new Error(await response.text())
    return (await response.json()) as UploadState
  }

  /** From where the server is, until it says how it ended. */
  async bring(shared: Shared): Promise<UploadState['end']> {
    for (;;) {
      const { offset, end } = await this.state(shared)
      if (end !== null) return end
      if (offset < shared.bytes.length) await this.piece(shared, { offset })
      else await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  read(shared: Shared, query = ''): Promise<Response> {
    return this.#fetch('GET', placeOf(shared) + query, { bearer: this.#accessToken })
  }

  #fetch(
    method: string,
    path: string,
    { bearer = this.#deviceToken, headers = {}, ...rest }: RequestInit & { readonly bearer?: string } = {},
  ): Promise<Response> {
    return fetch(`${this.#url}/api/${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, ...(headers as Record<string, string>) },
      ...rest,
    })
  }
}

export function contentOf(file: MessageFile | undefined): string {
  return file?.end?.how === 'stored' ? file.end.hash : ''
}

function placeOf({ id, bytes }: Shared): string {
  return filePath({ line: LINE, id, hash: hashOf(bytes) })
}
