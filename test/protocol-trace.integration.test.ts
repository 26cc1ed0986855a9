/** Speaks `docs/protocol/trace.md` to a real server, so that the document cannot say what the wire does not. */
import { createPrivateKey, sign } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../relay/protocol/version.ts'
import { freePort, startServer, type Program } from './support/processes.ts'

const TRACE = readFileSync(new URL('../docs/protocol/trace.md', import.meta.url), 'utf8')
const BLOCKS = [...TRACE.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, kind = '', text = '']) => ({ kind, text }))
const HOST = '127.0.0.1:7070'

/** What has to be another each time, by the name of its field. Everything else is compared byte by byte. */
const VARYING = new Set([
  'nonce',
  'incarnation',
  'deviceToken',
  'serverTime',
  'session',
  'accessToken',
  'refreshToken',
  'epoch',
  'id',
  'at',
])
/** A number that has to be another each time, and is nobody's name. */
const COUNTDOWN = /"expiresInMs":\d+/g
/** A server that takes more than the document knows says so; whoever wrote a client by it ignores the rest. */
const TAKES = /"takes":\[([^\]]*)\]/

let folder = ''
let server: Program | null = null
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'andon-trace-'))))
afterEach(async () => {
  await server?.kill()
  server = null
  rmSync(folder, { recursive: true, force: true })
})

/** What each name of the document is called this time. */
class Names {
  readonly #names = new Map<string, string>()

  /** Whatever a device says itself is called the same. */
  keep(value: unknown): void {
    for (const text of stringsIn(value)) this.call(text, text)
  }

  call(written: string, actual: string): void {
    if (!this.#names.has(written)) this.#names.set(written, actual)
  }

  learn(written: unknown, real: unknown): void {
    if (typeof written !== 'object' || typeof real !== 'object' || written === null || real === null) return
    for (const [key, value] of Object.entries(written)) {
      const actual = (real as Readonly<Record<string, unknown>>)[key]
      if (typeof value === 'object') this.learn(value, actual)
      else if (VARYING.has(key) && typeof value === 'string' && typeof actual === 'string') this.call(value, actual)
    }
  }

  /** The document's text as it has to be this time. A name may hold another: the longest goes first, and none twice. */
  translate(text: string): string {
    const written = [...this.#names.keys()].toSorted((one, other) => other.length - one.length)
    if (written.length === 0) return text
    return text.replaceAll(
      new RegExp(written.map((name) => name.replaceAll(/[.\\]/g, '\\$&')).join('|'), 'g'),
      (name) => this.#names.get(name) ?? name,
    )
  }
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.length >= 8 ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

/** A WebSocket whose messages wait to be taken. */
class Wire {
  readonly socket: WebSocket
  readonly #received: string[] = []
  #arrived: () => void = () => undefined

  constructor(url: string) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/sync`, SUBPROTOCOL)
    this.socket.on('message', (data: Buffer) => {
      this.#received.push(data.toString())
      this.#arrived()
    })
    this.socket.on('error', () => undefined)
  }

  async take(count: number): Promise<readonly string[]> {
    while (this.#received.length < count) await new Promise<void>((resolve) => (this.#arrived = resolve))
    return this.#received.splice(0, count)
  }
}

const PRIVATE = createPrivateKey({
  key: JSON.parse(/^ {4}(\{"kty".*\})$/m.exec(TRACE)?.[1] ?? '') as Record<string, string>,
  format: 'jwk',
})

/** The document's proof, over the nonce of this time. */
function proveAgain(proof: string, names: Names): string {
  const [header = '', payload = ''] = proof.split('.')
  const said = names.translate(Buffer.from(payload, 'base64url').toString())
  const signed = `${header}.${Buffer.from(said).toString('base64url')}`
  const signature = sign('sha256', Buffer.from(signed), { key: PRIVATE, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

/** One block of frames: what the device says goes out, and what the server said is compared with what came. */
async function speak(text: string, wire: Wire, names: Names): Promise<void> {
  const lines = text.trim().split('\n')
  while (lines.length > 0) {
    const isDown = lines[0]?.startsWith('← ') === true
    const end = lines.findIndex((line) => line.startsWith('← ') !== isDown)
    const run = lines.splice(0, end === -1 ? lines.length : end).map((line) => line.slice(2))
    if (isDown) await hear(run, wire, names)
    else for (const line of run) say(line, wire, names)
  }
}

function say(line: string, wire: Wire, names: Names): void {
  const { proof, ...rest } = JSON.parse(line) as { readonly proof?: string }
  names.keep(rest)
  const text = proof === undefined ? line : line.replace(proof, proveAgain(proof, names))
  wire.socket.send(names.translate(text))
}

/** A result and the event it made come in either order. */
async function hear(lines: readonly string[], wire: Wire, names: Names): Promise<void> {
  const kindOf = (line: string) => (JSON.parse(line) as { readonly t: string }).t
  const came = [...(await wire.take(lines.length))]
  expect(came.map(kindOf).toSorted()).toEqual(lines.map(kindOf).toSorted())
  for (const line of lines) {
    const real = came.find((other) => kindOf(other) === kindOf(line)) ?? ''
    names.learn(JSON.parse(line), JSON.parse(real))
    expectSame(real, names.translate(line))
  }
}

function expectSame(real: string, written: string): void {
  const known = TAKES.exec(written)?.[1]?.split(',') ?? []
  expect(TAKES.exec(real)?.[1]?.split(',') ?? []).toEqual(expect.arrayContaining(known))
  const bare = (text: string) => text.replaceAll(COUNTDOWN, '').replace(TAKES, '')
  expect(bare(real)).toBe(bare(written))
}

/** A request of the document by `fetch`, which writes the lines that the document leaves out. */
async function ask(text: string, url: string, names: Names): Promise<void> {
  const [head = '', body = '', answerHead = '', answerBody = ''] = text.trim().split('\n\n')
  const [first = '', ...headerLines] = head.split('\n')
  const [method = '', path = ''] = first.split(' ')
  const headers = Object.fromEntries(
    headerLines.filter((line) => !line.startsWith('Host:')).map((line) => names.translate(line).split(': ')),
  ) as Record<string, string>
  const proof = /"proof":"([^"]+)"/.exec(body)?.[1]
  const proven = proof === undefined ? body : body.replace(proof, proveAgain(proof, names))
  const response = await fetch(url + path, { method, headers, body: names.translate(proven) })
  const [status, ...answerHeaders] = answerHead.split('\n')
  expect(status).toContain(` ${response.status} `)
  for (const line of answerHeaders) {
    const [name = '', value = ''] = line.split(': ')
    const actual = response.headers.get(name) ?? ''
    if (name === 'Andon-Link') names.call(value, actual)
    expect(actual).toBe(names.translate(value))
  }
  const real = await response.text()
  names.learn(JSON.parse(answerBody), JSON.parse(real))
  expectSame(real, names.translate(answerBody))
}

/** Everything below frames, on a bare socket: the upgrade, the challenge, and what an impatient device sends. */
async function shakeHands(upgrade: string, bytes: string, answer: string, port: number): Promise<void> {
  const [request = '', response = ''] = upgrade.split(/\n\n/)
  const socket = connect(port, '127.0.0.1')
  let heard = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => (heard = Buffer.concat([heard, chunk])))
  const until = async (text: string) => {
    while (!heard.includes(text)) await once(socket, 'data')
  }
  socket.write(`${request.replace(HOST, `127.0.0.1:${port}`).replaceAll('\n', '\r\n')}\r\n\r\n`)
  await until('"challenge"')
  expect(heard.toString('latin1')).toContain(`${response.replaceAll('\n', '\r\n')}\r\n\r\n`)
  socket.write(Buffer.from(bytes.replaceAll(/\s/g, ''), 'hex'))
  await until('"error"')
  expect(heard.toString()).toContain(answer.slice(2).trim())
  socket.destroy()
}

it('[G1] [G2] [W1] [W3] [S2] [S5] [H1] [N2] [N4] the worked trace of docs/protocol is what a real server says, byte by byte', async () => {
  const port = await freePort()
  const start = async () => {
    const { program, url } = await startServer(folder, port)
    server = program
    return url
  }
  const url = await start()
  const [upgrade, impatient, answer, ...conversation] = BLOCKS
  await shakeHands(upgrade?.text ?? '', impatient?.text ?? '', answer?.text ?? '', port)

  const names = new Names()
  let wire = new Wire(url)
  expect(conversation.filter(({ kind }) => kind === 'event').length).toBe(1)
  for (const { kind, text } of conversation) {
    if (kind === 'trace') await speak(text, wire, names)
    else if (kind === 'http') await ask(text, url, names)
    else {
      // Result and event: the server has taken the command. The device of the document never sees them.
      await wire.take(2)
      await server?.kill()
      await start()
      wire = new Wire(url)
    }
  }
  wire.socket.close()
})
