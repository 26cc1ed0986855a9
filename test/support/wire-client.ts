/** The wire of PROTOCOL.md by hand, for whoever tests a server from outside: nothing here knows our server. */
import { randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { decodeServerFrame, encodeFrame } from '../../relay/protocol/codec.ts'
import type { ClientFrame, ClientFrameOf, ServerFrame, ServerFrameOf } from '../../relay/protocol/frames.ts'
import type { DeviceId, OutboxEpoch } from '../../relay/protocol/ids.ts'
import { PROTOCOL_VERSION, SUBPROTOCOL } from '../../relay/protocol/version.ts'
import type { Way } from '../../relay/protocol/ways.ts'
import { openLink, type Link } from './way-links.ts'

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

/** How a connection ended; 1006 when it was cut, or never came to be. */
export interface Closed {
  readonly code: number
  readonly reason: string
}

/** What was awaited did not come; the message says what came instead. */
export class WireError extends Error {}

export interface WireOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** How long `next` and `closed` wait; null leaves the deadline to the test around it. */
  readonly timeoutMs?: number | null
  /** Behind the path of the way. */
  readonly query?: string
  /** By which its frames come and go; a WebSocket unless a test says otherwise. */
  readonly way?: Way
}

/** One connection, frame by frame: nothing is answered, retried or hidden. */
export class WireClient {
  readonly #link: Link
  readonly #timeoutMs: number | null
  readonly #received: ServerFrame[] = []
  #waiting: (() => void)[] = []
  #closed: Closed | null = null
  /** A frame that is no frame of the protocol; fails whoever waits next. */
  #broken: WireError | null = null

  constructor(url: string, { timeoutMs = null, way = 'ws', ...options }: WireOptions = {}) {
    this.#timeoutMs = timeoutMs
    this.#link = openLink(way, url, options, {
      frame: (frame) => {
        this.#take(frame)
        this.#wake()
      },
      closed: (code, reason) => {
        this.#closed = { code, reason }
        this.#wake()
      },
    })
  }

  /** Every frame so far that nobody took. */
  get received(): readonly ServerFrame[] {
    return this.#received
  }

  send(frame: ClientFrame): void {
    const message = encodeFrame(frame)
    this.sendRaw(typeof message === 'string' ? message : Buffer.from(message))
  }
  /** What is sent to a closed connection is gone, as on any wire; the next wait says that it is closed. */
  sendRaw(data: string | Buffer): void {
    this.#link.send(data)
  }
  pause(): void {
    this.#link.pause()
  }
  resume(): void {
    this.#link.resume()
  }
  close(): void {
    this.#link.close()
  }
  /** The node whose link it is, where it has a name and this way says it. */
  get node(): string | undefined {
    return this.#link.node
  }

  /** Takes the next frame of this kind, waiting for it; frames of other kinds stay. */
  next<T extends ServerFrame['t']>(
    kind: T,
    fits: (frame: ServerFrameOf<T>) => boolean = () => true,
  ): Promise<ServerFrameOf<T>> {
    return this.nextOf([kind], fits)
  }

  /** Takes the next frame of any of these kinds. */
  async nextOf<T extends ServerFrame['t']>(
    kinds: readonly T[],
    fits: (frame: ServerFrameOf<T>) => boolean = () => true,
  ): Promise<ServerFrameOf<T>> {
    const isWanted = (frame: ServerFrame): frame is ServerFrameOf<T> =>
      kinds.some((kind) => kind === frame.t) && fits(frame as ServerFrameOf<T>)
    const deadline = this.#deadline()
    for (;;) {
      const frame = this.#received.find(isWanted)
      if (frame !== undefined) {
        this.#received.splice(this.#received.indexOf(frame), 1)
        return frame
      }
      const what = kinds.join(' or ')
      if (this.#broken !== null) throw this.#broken
      if (this.#closed !== null) {
        throw new WireError(`closed with ${this.#closed.code} ${this.#closed.reason} while waiting for ${what}`)
      }
      if (!(await this.#news(deadline))) throw new WireError(`no ${what} came, but ${this.#summary()}`)
    }
  }

  async closed(): Promise<Closed> {
    const deadline = this.#deadline()
    while (this.#closed === null) {
      if (!(await this.#news(deadline))) throw new WireError(`the connection stayed open; ${this.#summary()} came`)
    }
    return this.#closed
  }

  async greet(device: TestDevice, hello: Partial<ClientFrameOf<'hello'>> = {}): Promise<ServerFrameOf<'welcome'>> {
    const { nonce } = await this.next('challenge')
    this.send({ ...(await helloOf(device, nonce)), ...hello })
    return this.next('welcome')
  }

  #take(frame: string | Buffer): void {
    const decoded = decodeServerFrame(frame)
    if (decoded.ok) this.#received.push(decoded.value)
    // A relay ignores frames it does not know (C4).
    else if (decoded.code !== 'unknown-frame')
      this.#broken ??= new WireError(`${decoded.message} — ${frame.toString()}`)
  }

  #deadline(): number {
    return this.#timeoutMs === null ? Infinity : performance.now() + this.#timeoutMs
  }

  /** False when the deadline came first. */
  async #news(deadline: number): Promise<boolean> {
    const ms = deadline - performance.now()
    if (ms <= 0) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const timer = ms === Infinity ? null : setTimeout(() => resolve(false), ms)
    this.#waiting.push(() => resolve(true))
    const isNews = await promise
    if (timer !== null) clearTimeout(timer)
    return isNews
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #summary(): string {
    if (this.#received.length === 0) return 'nothing'
    const shown = this.#received.slice(-5).map((frame) => JSON.stringify(frame).slice(0, 200))
    return shown.join(' ')
  }
}

/** A first greeting of this device, answering that nonce. */
export async function helloOf(device: TestDevice, nonce: string): Promise<ClientFrameOf<'hello'>> {
  return {
    t: 'hello',
    version: PROTOCOL_VERSION,
    proof: await device.prove(nonce),
    name: 'test',
    client: { kind: 'headless', build: 'test' },
    outbox: { epoch: device.epoch, incarnation: null, oldest: { urgent: 1, normal: 1 } },
  }
}
