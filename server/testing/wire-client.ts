import { randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { WebSocket } from 'ws'
import { decodeServerFrame } from '../../relay/protocol/codec.ts'
import type { ClientFrame, ServerFrame, ServerFrameOf } from '../../relay/protocol/frames.ts'
import type { DeviceId, Incarnation, OutboxEpoch } from '../../relay/protocol/ids.ts'
import { PROTOCOL_VERSION, SUBPROTOCOL } from '../../relay/protocol/version.ts'

/** A device's key pair, for tests that speak the wire by hand. */
export interface TestDevice {
  readonly id: DeviceId
  readonly epoch: OutboxEpoch
  prove(nonce: string): Promise<string>
}

export async function createDevice(): Promise<TestDevice> {
  const { publicKey, privateKey }: { publicKey: CryptoKey; privateKey: CryptoKey } = await generateKeyPair('ES256')
  const jwk: JWK = await exportJWK(publicKey)
  return {
    id: (await calculateJwkThumbprint(jwk)) as DeviceId,
    epoch: randomUUID() as OutboxEpoch,
    prove: (nonce) =>
      new SignJWT({ nonce }).setProtectedHeader({ alg: 'ES256', jwk }).setAudience(SUBPROTOCOL).sign(privateKey),
  }
}

/** One connection, frame by frame: nothing is answered, retried or hidden. */
export class WireClient {
  readonly #ws: WebSocket
  readonly #received: ServerFrame[] = []
  #waiting: (() => void)[] = []
  #closed: { readonly code: number; readonly reason: string } | null = null

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#ws = new WebSocket(`${url.replace(/^http/, 'ws')}/sync`, SUBPROTOCOL, { headers })
    this.#ws.on('message', (data: Buffer) => {
      const decoded = decodeServerFrame(data.toString('utf8'))
      if (!decoded.ok) throw new Error(`${decoded.code}: ${data.toString('utf8')}`)
      this.#received.push(decoded.value)
      this.#wake()
    })
    this.#ws.on('error', () => this.#wake())
    this.#ws.on('close', (code, reason) => {
      this.#closed = { code, reason: reason.toString() }
      this.#wake()
    })
  }

  /** Every frame so far that nobody took. */
  get received(): readonly ServerFrame[] {
    return this.#received
  }

  send(frame: ClientFrame): void {
    this.#ws.send(JSON.stringify(frame))
  }
  sendRaw(data: string | Buffer): void {
    this.#ws.send(data)
  }
  pause(): void {
    this.#ws.pause()
  }
  close(): void {
    this.#ws.close()
  }

  /** Takes the next frame of this kind, waiting for it; frames of other kinds stay. */
  async next<T extends ServerFrame['t']>(kind: T): Promise<ServerFrameOf<T>> {
    for (;;) {
      const index = this.#received.findIndex((frame) => frame.t === kind)
      // The index was found by this kind.
      if (index >= 0) return this.#received.splice(index, 1)[0] as ServerFrameOf<T>
      if (this.#closed !== null)
        throw new Error(`closed with ${this.#closed.code} ${this.#closed.reason} while waiting for ${kind}`)
      await this.#news()
    }
  }

  async closed(): Promise<{ readonly code: number; readonly reason: string }> {
    while (this.#closed === null) await this.#news()
    return this.#closed
  }

  async greet(
    device: TestDevice,
    hello: Partial<Extract<ClientFrame, { t: 'hello' }>> = {},
  ): Promise<ServerFrameOf<'welcome'>> {
    const { nonce } = await this.next('challenge')
    this.send({
      t: 'hello',
      version: PROTOCOL_VERSION,
      proof: await device.prove(nonce),
      name: 'test',
      client: { kind: 'headless', build: 'test' },
      outbox: { epoch: device.epoch, incarnation: null as Incarnation | null, oldest: { urgent: 1, normal: 1 } },
      ...hello,
    })
    return this.next('welcome')
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
