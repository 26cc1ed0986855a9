/** Links of every way by hand, for whoever speaks the wire from outside: nothing here knows our server. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { pipeline, type Readable } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { constants, createGunzip } from 'node:zlib'
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import { LINK_HEADER, WAY_LIMITS, WAY_PATHS, type Way } from '../../relay/protocol/ways.ts'

export interface LinkOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Behind the path. */
  readonly query?: string
  /** How long a poll asks to be held, milliseconds. */
  readonly holdMs?: number
}

/** What comes. `closed` comes once, with 1006 where nobody said why. */
export interface LinkEvents {
  frame(frame: string | Buffer): void
  closed(code: number, says: string): void
}

/** One link, frame by frame; a frame that is sent to a link that is over is gone. */
export interface Link {
  /** JSON on the ways that are made of it; a buffer is a binary frame. */
  send(frame: string | Buffer): void
  pause(): void
  resume(): void
  close(code?: number): void
  /** Is gone without a word: its connections are reset. */
  vanish(): void
  /** Whose link it is, where its id says so. */
  readonly node: string | undefined
}

function nodeOf(id: string | null): string | undefined {
  return id?.includes('.') === true ? id.split('.')[0] : undefined
}

export function openLink(way: Way, url: string, options: LinkOptions, events: LinkEvents): Link {
  return new LINKS[way](url, options, events)
}

class WebSocketLink implements Link {
  readonly node = undefined
  readonly #ws: WebSocket

  constructor(url: string, { headers = {}, query = '' }: LinkOptions, events: LinkEvents) {
    this.#ws = new WebSocket(`${url.replace(/^http/, 'ws').replace(/\/$/, '')}/sync${query}`, SUBPROTOCOL, { headers })
    this.#ws.on('message', (data: Buffer, isBinary) => events.frame(isBinary ? data : data.toString('utf8')))
    this.#ws.on('error', () => {})
    this.#ws.on('close', (code, reason) => events.closed(code, reason.toString()))
  }
  send(frame: string | Buffer): void {
    this.#ws.send(frame, () => {})
  }
  pause(): void {
    this.#ws.pause()
  }
  resume(): void {
    this.#ws.resume()
  }
  close(code = 1000): void {
    this.#ws.close(code)
  }
  vanish(): void {
    const { _socket: socket } = this.#ws as unknown as { readonly _socket: Socket | null }
    if (socket === null) this.#ws.terminate()
    else socket.resetAndDestroy()
  }
}

/** An answer to a request of a link. */
interface Answer {
  readonly status: number
  readonly link: string | null
  readonly body: string
}

/** The requests of one link, on connections of its own. */
class Requests {
  readonly #url: string
  readonly #options: LinkOptions
  readonly #agent: HttpAgent | HttpsAgent
  readonly #sockets = new Set<Socket>()

  constructor(url: string, options: LinkOptions) {
    this.#url = url
    this.#options = options
    this.#agent = new (url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true })
  }

  async post(path: string, link: string | null, body: string): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
    const response = await this.#ask('POST', path, link, { headers, body })
    const sent = response.headers[LINK_HEADER]
    return {
      status: response.statusCode ?? 0,
      link: typeof sent === 'string' ? sent : null,
      body: await textOf(response),
    }
  }

  get(path: string): Promise<IncomingMessage> {
    return this.#ask('GET', path, null, { headers: { 'accept-encoding': 'gzip' }, body: '' })
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
    this.end()
  }
  end(): void {
    this.#agent.destroy()
  }

  #ask(method: string, path: string, link: string | null, { headers, body }: Sent): Promise<IncomingMessage> {
    const { headers: own = {}, query = '' } = this.#options
    const address = new URL(path + query, this.#url)
    const named = link === null ? {} : { [LINK_HEADER]: link }
    return new Promise((resolve, reject) => {
      const send = address.protocol === 'https:' ? httpsRequest : httpRequest
      const request = send(address, { method, agent: this.#agent, headers: { ...headers, ...named, ...own } })
      request.on('socket', (socket) => {
        if (this.#sockets.has(socket)) return // kept from the request before
        this.#sockets.add(socket)
        socket.once('close', () => this.#sockets.delete(socket))
      })
      request.on('response', resolve)
      request.on('error', reject)
      request.end(body)
    })
  }
}

interface Sent {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Frames that wait to be sent, as elements of a batch, and the batches made of them. */
class Outgoing {
  #waiting: string[] = []
  #close: string | null = null
  batch = 0

  add(frame: string | Buffer): void {
    this.#waiting.push(typeof frame === 'string' ? frame : JSON.stringify(frame.toString('base64')))
  }
  close(code: number): void {
    this.#close = `,"close":{"code":${code},"says":""}`
  }
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#close === null
  }

  /** The next batch, as the fields of its JSON. */
  next(): string {
    this.batch += 1
    let bytes = 0
    let count = 0
    for (const frame of this.#waiting) {
      bytes += Buffer.byteLength(frame) + 1
      if (count > 0 && (bytes > WAY_LIMITS.maxBatchBytes - 200 || count === WAY_LIMITS.maxBatchFrames)) break
      count += 1
    }
    const frames = this.#waiting.splice(0, count)
    const close = this.#waiting.length === 0 ? (this.#close ?? '') : ''
    if (close !== '') this.#close = null
    return `"batch":${this.batch},"frames":[${frames.join(',')}]${close}`
  }
}

/** Tells the end once. */
class Ending {
  readonly #events: LinkEvents
  isOver = false

  constructor(events: LinkEvents) {
    this.#events = events
  }
  over(code: number, says: string): void {
    if (this.isOver) return
    this.isOver = true
    this.#events.closed(code, says)
  }
}

/** A response as it was before anybody packed it; what there is of it comes at once. */
function textIn(response: IncomingMessage): Readable {
  if (response.headers['content-encoding'] !== 'gzip') return response
  const text = createGunzip({ flush: constants.Z_SYNC_FLUSH })
  // Where it breaks off its close says so.
  return pipeline(response, text, () => {})
}

class StreamLink implements Link {
  readonly #requests: Requests
  readonly #events: LinkEvents
  readonly #ending: Ending
  readonly #outgoing = new Outgoing()
  /** What is in its response. */
  #text: Readable | null = null
  #isPaused = false
  #link: string | null = null
  #isPosting = false

  constructor(url: string, options: LinkOptions, events: LinkEvents) {
    this.#requests = new Requests(url, options)
    this.#events = events
    this.#ending = new Ending(events)
    this.#requests.get(WAY_PATHS.stream).then(
      (response) => this.#opened(response),
      () => this.#over(1006, ''),
    )
  }

  send(frame: string | Buffer): void {
    this.#outgoing.add(frame)
    this.#post()
  }
  pause(): void {
    this.#isPaused = true
    this.#text?.pause()
  }
  resume(): void {
    this.#isPaused = false
    this.#text?.resume()
  }
  close(code = 1000): void {
    this.#outgoing.close(code)
    this.#post()
  }
  get node(): string | undefined {
    return nodeOf(this.#link)
  }
  vanish(): void {
    this.#requests.reset()
    this.#over(1006, '')
  }

  #opened(response: IncomingMessage): void {
    const link = response.headers[LINK_HEADER]
    if (response.statusCode !== 200 || typeof link !== 'string') {
      response.resume()
      return this.#over(1006, `HTTP ${response.statusCode}`)
    }
    this.#link = link
    let unread = ''
    this.#text = textIn(response)
    this.#text.setEncoding('utf8')
    this.#text.on('data', (piece: string) => {
      const events = (unread + piece).split('\n\n')
      unread = events.pop() ?? ''
      for (const event of events) this.#event(event)
    })
    this.#text.on('error', () => {})
    this.#text.on('close', () => this.#over(1006, ''))
    if (this.#isPaused) this.#text.pause()
    this.#post()
  }

  #event(event: string): void {
    const lines = event.split('\n')
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
    const data = field('data')
    if (data === undefined || this.#ending.isOver) return
    if (field('event') === undefined) return this.#events.frame(data)
    if (field('event') === 'bytes') return this.#events.frame(Buffer.from(data, 'base64'))
    if (field('event') !== 'close') return
    const row = JSON.parse(data) as { readonly code: number; readonly says: string }
    this.#over(row.code, row.says)
  }

  #post(): void {
    if (this.#isPosting || this.#link === null || this.#outgoing.isEmpty || this.#ending.isOver) return
    this.#isPosting = true
    this.#requests
      .post(WAY_PATHS.frames, this.#link, `{${this.#outgoing.next()}}`)
      .catch(() => null)
      .then((answer) => {
        this.#isPosting = false
        // Whatever else it was told, the stream says how it ends.
        if (answer?.status === 200) this.#post()
      })
      .catch(() => {})
  }

  #over(code: number, says: string): void {
    this.#ending.over(code, says)
    this.#requests.end()
  }
}

/** Questions in a row that nobody answers, before the server counts as gone. */
const MAX_FAILURES = 3

class PollLink implements Link {
  readonly #requests: Requests
  readonly #events: LinkEvents
  readonly #ending: Ending
  readonly #holdMs: number
  readonly #outgoing = new Outgoing()
  readonly #early = new Map<number, Down>()
  /** What came while nothing was read. */
  readonly #unread: (readonly [Answer, number])[] = []
  #failures = 0
  #link: string | null = null
  #isPaused = false
  /** Requests under way. */
  #asking = 0
  /** Of the last batch up, and up to which all are acknowledged. */
  #last = ''
  #acked = 0
  #taken = 0

  constructor(url: string, options: LinkOptions, events: LinkEvents) {
    this.#requests = new Requests(url, options)
    this.#events = events
    this.#ending = new Ending(events)
    this.#holdMs = options.holdMs ?? 25_000
    this.#last = this.#outgoing.next()
    this.#ask()
  }

  send(frame: string | Buffer): void {
    this.#outgoing.add(frame)
    this.#pump()
  }
  pause(): void {
    this.#isPaused = true
  }
  resume(): void {
    this.#isPaused = false
    for (const [answer, batch] of this.#unread.splice(0)) this.#answered(answer, batch)
    this.#pump()
  }
  close(code = 1000): void {
    this.#outgoing.close(code)
    this.#pump()
  }
  get node(): string | undefined {
    return nodeOf(this.#link)
  }
  vanish(): void {
    this.#requests.reset()
    this.#over(1006, '')
  }

  #pump(): void {
    if (this.#link === null || this.#ending.isOver || this.#isPaused) return
    while (!this.#outgoing.isEmpty && this.#asking < 2) {
      this.#last = this.#outgoing.next()
      this.#ask()
    }
    if (this.#asking > 0) return
    if (this.#acked === this.#outgoing.batch) this.#last = this.#outgoing.next()
    this.#ask()
  }

  #ask(): void {
    this.#asking += 1
    const { batch } = this.#outgoing
    const body = `{${this.#last},"ack":${this.#taken},"holdMs":${this.#holdMs}}`
    this.#requests
      .post(WAY_PATHS.poll, this.#link, body)
      .then(
        (answer) => {
          this.#asking -= 1
          this.#failures = 0
          if (this.#isPaused) this.#unread.push([answer, batch])
          else this.#answered(answer, batch)
        },
        () => {
          this.#asking -= 1
          this.#failures += 1
          if (this.#link === null || this.#failures === MAX_FAILURES) this.#over(1006, '')
        },
      )
      .then(() => this.#pump())
      .catch(() => {})
  }

  #answered({ status, link, body }: Answer, batch: number): void {
    this.#link ??= link
    if (status === 204) this.#acked = Math.max(this.#acked, batch)
    else if (status === 200) this.#take(JSON.parse(body) as Down)
    else this.#over(1006, body)
  }

  #take(down: Down): void {
    this.#acked = Math.max(this.#acked, down.ack)
    if (down.batch > this.#taken) this.#early.set(down.batch, down)
    for (;;) {
      const next = this.#early.get(this.#taken + 1)
      if (next === undefined) return
      this.#early.delete(next.batch)
      this.#taken = next.batch
      for (const frame of next.frames) if (!this.#ending.isOver) this.#events.frame(frameOf(frame))
      if (next.close !== undefined) this.#over(next.close.code, next.close.says)
    }
  }

  #over(code: number, says: string): void {
    this.#ending.over(code, says)
    this.#requests.end()
  }
}

function frameOf(frame: unknown): string | Buffer {
  return typeof frame === 'string' ? Buffer.from(frame, 'base64') : JSON.stringify(frame)
}

interface Down {
  readonly batch: number
  readonly ack: number
  readonly frames: readonly unknown[]
  readonly close?: { readonly code: number; readonly says: string }
}

const LINKS = { ws: WebSocketLink, stream: StreamLink, poll: PollLink }
