import { setTimeout as pause } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { StoredEvent } from '../../relay/protocol/events.ts'
import type { ClientFrameOf, ServerFrameOf } from '../../relay/protocol/frames.ts'
import type { CommandId, SessionId } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import { createDevice, WireClient, type TestDevice, type WireOptions } from '../support/wire-client.ts'
import { CannotSee, Mismatch } from './expecting.ts'
import type { Person, Target } from './target.ts'

export const URGENT = 'alerts/urgent' as ChannelName

/** The machine that cases report of. */
const PROBE = 'conformance-probe'

/** Between two questions about the same thing. */
const ASK_AGAIN_MS = 50

/** A connection after `welcome`. */
export interface Guest {
  readonly client: WireClient
  readonly device: TestDevice
  readonly welcome: ServerFrameOf<'welcome'>
}

/** What the server grants to a PIN or a refresh token. */
export interface Grant {
  readonly session: SessionId
  readonly accessToken: string
  readonly refreshToken: string
  readonly generation: number
}

/** A connection with a person on it. */
export interface SignedIn extends Guest {
  readonly grant: Grant
  readonly authed: ServerFrameOf<'authed'>
}

export interface Evidence {
  readonly device: string
  readonly kind: string
}

export interface ChatLine {
  readonly offset: number
  readonly id: string
  readonly text: string
}

export interface CommandParts {
  readonly seq: number
  readonly session?: SessionId
  readonly lane?: Lane
  readonly id?: CommandId
}

/** One case's way into the target: every device is new, and everything it opened is closed afterwards. */
export class Visitor {
  readonly target: Target
  readonly #clients: WireClient[] = []
  readonly #undo: (() => Promise<void>)[] = []

  constructor(target: Target) {
    this.target = target
  }

  get chat(): ChannelName {
    return `chat/${this.target.area}` as ChannelName
  }

  connect(options: WireOptions = {}): WireClient {
    const client = new WireClient(this.target.url, {
      way: this.target.way,
      timeoutMs: this.target.timeoutMs,
      ...options,
    })
    this.#clients.push(client)
    return client
  }

  /** A second connection of the device of this one, to the same server. */
  beside(client: WireClient, options: WireOptions = {}): WireClient {
    if (!this.target.hasNodes) return this.connect(options)
    if (client.node === undefined) throw new CannotSee('a WebSocket does not say at which node it is')
    return this.connect({ ...options, query: `?near=${client.node}` })
  }

  async greeted(device?: TestDevice, hello: Partial<ClientFrameOf<'hello'>> = {}): Promise<Guest> {
    const own = device ?? (await createDevice())
    const client = this.connect()
    return { client, device: own, welcome: await client.greet(own, hello) }
  }

  async signedIn(person: Person = this.target.user, guest?: Guest): Promise<SignedIn> {
    const own = guest ?? (await this.greeted())
    const grant = await this.signIn(own.welcome.deviceToken, person)
    return { ...own, grant, authed: await this.bind(own.client, grant) }
  }

  async bind(client: WireClient, grant: Grant): Promise<ServerFrameOf<'authed'>> {
    client.send({ t: 'auth', token: grant.accessToken, generation: grant.generation })
    return client.next('authed')
  }

  signIn(deviceToken: string, { name, pin }: Person = this.target.user): Promise<Grant> {
    return this.#session('/api/sessions', { operator: name, pin }, deviceToken)
  }

  refresh(deviceToken: string, { session, refreshToken }: Grant): Promise<Grant> {
    return this.#session('/api/sessions/refresh', { session, refreshToken }, deviceToken)
  }

  /** Ends the session everywhere, by presenting a refresh token that was replaced twice: somebody must have copied it. */
  async revokeSession(deviceToken: string, grant: Grant): Promise<void> {
    const second = await this.refresh(deviceToken, grant)
    await this.refresh(deviceToken, second)
    const { session, refreshToken } = grant
    const { status } = await this.#post('/api/sessions/refresh', { session, refreshToken }, deviceToken)
    if (status !== 401 && status !== 403) throw new Mismatch('401 or 403 to a refresh token used again', String(status))
  }

  /** Raises an alert by API key; it is resolved and acknowledged when the case is over. */
  async raise(alert: { readonly title: string; readonly priority?: string; readonly body?: string }): Promise<string> {
    const { key, area } = this.target
    const body = { priority: 'P1', area, ...alert }
    const { status, answer } = await this.#post('/api/alerts', body, key)
    const id = answer['id']
    if (status !== 201 || typeof id !== 'string') throw new Mismatch('201 and an alert with its id', { status, answer })
    this.leaveNoAlert(id)
    return id
  }

  /** Reports a value of a machine by API key; the machine stays on the floor until somebody removes it. */
  async sample(value: number, over: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const sample = { area: this.target.area, machine: PROBE, signal: 'value', unit: '', value, ...over }
    const { status, answer } = await this.#post('/api/telemetry', sample, this.target.key)
    if (status !== 202) throw new Mismatch('202 to a sample', { status, answer })
  }

  /** The live channel of that machine. */
  get probe(): ChannelName {
    return `telemetry/${this.target.area}/${PROBE}` as ChannelName
  }

  /** What each device has proved about an alert; nothing about one that never was. */
  async evidence(alert: string): Promise<readonly Evidence[]> {
    const { url, key, timeoutMs } = this.target
    const response = await fetch(`${url}/api/alerts/${alert}/evidence`, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status === 404) return []
    const { receipts } = (await response.json()) as { readonly receipts?: readonly Evidence[] }
    if (response.status !== 200 || !Array.isArray(receipts)) throw new Mismatch('200 and receipts', response.status)
    return receipts as readonly Evidence[]
  }

  /** Asks again until it is so; what is never so is a mismatch. */
  async until(expected: string, ask: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + this.target.timeoutMs
    while (!(await ask())) {
      if (performance.now() > deadline) throw new Mismatch(expected, 'something else each time')
      await pause(ASK_AGAIN_MS)
    }
  }

  leaveNoAlert(id: string): void {
    this.#undo.push(async () => {
      await this.#post(`/api/alerts/${id}/resolve`, {}, this.target.key)
      await this.#post(`/api/alerts/${id}/ack`, {}, this.target.key)
    })
  }

  command(type: string, data: unknown, parts: CommandParts): ClientFrameOf<'command'> {
    const { seq, session, lane = 'normal', id = uuidv7() as CommandId } = parts
    return { t: 'command', lane, seq, id, type, data, ...(session !== undefined && { session }) }
  }

  post(text: string, parts: CommandParts): ClientFrameOf<'command'> {
    return this.command('chat.post', { line: this.target.area, text }, parts)
  }

  /** Waits until everything this client sent before was worked off. */
  async settled(client: WireClient): Promise<ServerFrameOf<'pong'>> {
    const nonce = uuidv7()
    client.send({ t: 'ping', nonce })
    return client.next('pong', (pong) => pong.nonce === nonce)
  }

  /** The next events of a channel, by page or live, in the order they came; each page's credit is given back. */
  async readOn(client: WireClient, channel: ChannelName, count: number): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = []
    while (events.length < count) {
      const frame = await client.nextOf(['page', 'event'], (each) => each.channel === channel)
      if (frame.t === 'event') events.push(frame)
      else {
        events.push(...frame.events)
        client.send({ t: 'credit', channel, pages: 1 })
      }
    }
    return events
  }

  /** Everything the chat retains, read by a device that was never there before. */
  async readChat(): Promise<readonly ChatLine[]> {
    const { client } = await this.signedIn()
    client.send({ t: 'subscribe', channel: this.chat, from: 'start', credit: 4 })
    const { offset, top } = await client.next('subscribed')
    const events = await this.readOn(client, this.chat, top - offset)
    return events.map((event) => ({
      offset: event.offset,
      id: event.id,
      text: String((event.data as { readonly text?: unknown }).text),
    }))
  }

  /** Undoes what the case left on the floor and closes its connections. */
  async leave(): Promise<void> {
    for (const undo of this.#undo.splice(0).toReversed()) await undo()
    for (const client of this.#clients.splice(0)) client.close()
  }

  async #session(path: string, body: object, deviceToken: string): Promise<Grant> {
    const { status, answer } = await this.#post(path, body, deviceToken)
    if (status !== 200 || typeof answer['accessToken'] !== 'string' || typeof answer['refreshToken'] !== 'string') {
      throw new Mismatch(`200 and tokens from ${path}`, { status, answer })
    }
    // The two that matter were looked at; a server that lies about the others fails at the next `auth`.
    return answer as unknown as Grant
  }

  async #post(path: string, body: object, bearer: string) {
    const { url, timeoutMs } = this.target
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}`, 'andon-refresh': 'body' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const answer: unknown = await response.json().catch(() => null)
    const isObject = typeof answer === 'object' && answer !== null
    return { status: response.status, answer: isObject ? (answer as Readonly<Record<string, unknown>>) : {} }
  }
}
