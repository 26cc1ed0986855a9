/**
 * The clients of `docs/clients` as they stand there, where their language is installed: each reads the talk of a line without a
 * gap and posts every line once, while the server and the client itself are killed.
 */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Visitor } from './conformance/visitor.ts'
import type { Target } from './conformance/target.ts'
import { freePort, startServer, type Program } from './support/processes.ts'

const FOLDER = join(import.meta.dirname, '../docs/clients')
const LINES = Array.from({ length: 60 }, (_, index) => `line ${index + 1} of 60: "Öl" \\ 기름 ✓`)

type Word = Readonly<Record<string, unknown>> & { readonly kind: string }

interface Language {
  readonly name: string
  /** What runs it; a reason where nothing does. */
  readonly words: readonly string[] | string
  /** Whether some of twenty commands are among what went up. */
  readonly isCommanding: (up: string) => boolean
  /** The line that is taken by the server at the latest when this one's answer is lost, counted from the first. */
  readonly lost: number
}

/** What goes up by a WebSocket is masked; a few kilobytes are more than anything but commands. */
const BY_SOCKET = { isCommanding: (up: string) => up.length > 2_000, lost: 40 }
/** Who polls says nothing more until its answer came. */
const BY_POLL = { isCommanding: (up: string) => up.includes('chat.post'), lost: 21 }

function java(): Language {
  const name = 'AndonClient.java'
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  const version = Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
  if (version < 17) return { ...BY_SOCKET, name, words: 'there is no Java from 17' }
  const hasCompiler = spawnSync('javac', ['-version']).status === 0
  return {
    ...BY_SOCKET,
    name,
    words: hasCompiler ? ['java', join(FOLDER, name)] : 'there is a Java without its compiler',
  }
}

/** The Python of the system, whose packages are the system's, too. */
function python(): Language {
  const name = 'andon_client.py'
  const program = '/usr/bin/python3'
  if (!existsSync(program)) return { ...BY_POLL, name, words: `there is no ${program}` }
  const hasPackage = spawnSync(program, ['-c', 'import cryptography']).status === 0
  return { ...BY_POLL, name, words: hasPackage ? [program, join(FOLDER, name)] : 'there is no python3-cryptography' }
}

const LANGUAGES = [java(), python()]

let folder = ''
let server: Program | null = null
const clients = new Set<ChildProcessWithoutNullStreams>()
const visitors: Visitor[] = []
const wires: Wire[] = []
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'andon-clients-'))))
afterEach(async () => {
  for (const visitor of visitors.splice(0)) await visitor.leave()
  for (const child of clients) child.kill('SIGKILL')
  clients.clear()
  await server?.kill()
  server = null
  for (const wire of wires.splice(0)) wire.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A client and every word it said; its caller hands it lines from the one that its first word names. */
class Client {
  readonly words: Word[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<unknown>
  #stderr = ''
  #waiting: (() => void)[] = []

  constructor(command: readonly string[], url: string, data: string) {
    const [program = '', ...words] = command
    const person = ['--user', 'kim', '--pin', '1111', '--channel', 'chat/line-3']
    this.#child = spawn(program, [...words, '--server', url, '--data', data, ...person])
    clients.add(this.#child)
    this.#child.stdin.on('error', () => undefined)
    this.#child.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()))
    createInterface(this.#child.stdout).on('line', (line) => {
      this.words.push(JSON.parse(line) as Word)
      this.#wake()
    })
    this.#ended = once(this.#child, 'exit').then(() => this.#wake())
  }

  give(lines: readonly string[]): void {
    this.#child.stdin.write(lines.map((line) => `${line}\n`).join(''))
  }
  endInput(): void {
    this.#child.stdin.end()
  }

  async until(fits: (words: readonly Word[]) => boolean): Promise<void> {
    while (!fits(this.words)) {
      if (this.#child.exitCode !== null) throw new Error(`the client ended: ${this.#stderr}`)
      const lost = this.words.find(({ kind }) => kind === 'uncertain')
      if (lost !== undefined) throw new Error(`the client gave its outbox up: ${JSON.stringify(lost)}`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  count(kind: string): number {
    return this.words.filter((word) => word.kind === kind).length
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async exitCode(): Promise<number | null> {
    await this.#ended
    expect(this.#stderr).toBe('')
    return this.#child.exitCode
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** Between a client and the server: what goes up always arrives, what comes down is lost once enough has gone up. */
class Wire {
  readonly #proxy: Server
  readonly port: number
  /** What has gone up since it was asked to lose answers, as text; null while it loses none. */
  #up: string | null = null
  #loses: (up: string) => boolean = () => false

  private constructor(proxy: Server, upstream: number) {
    this.#proxy = proxy
    this.port = (proxy.address() as AddressInfo).port
    proxy.on('connection', (down) => this.#join(down, connect(upstream, '127.0.0.1')))
  }

  static async open(upstream: number): Promise<Wire> {
    const proxy = createServer()
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    return new Wire(proxy, upstream)
  }

  /** Nothing comes down any more from the moment in which that has gone up. */
  loseAfter(loses: (up: string) => boolean): void {
    this.#up = ''
    this.#loses = loses
  }

  loseNothing(): void {
    this.#up = null
  }

  close(): void {
    this.#proxy.close()
  }

  #join(down: Socket, up: Socket): void {
    down.on('data', (bytes: Buffer) => {
      if (this.#up !== null) this.#up += bytes.toString('latin1')
      up.write(bytes)
    })
    up.on('data', (bytes: Buffer) => {
      if (this.#up === null || !this.#loses(this.#up)) down.write(bytes)
    })
    for (const [socket, other] of [
      [down, up],
      [up, down],
    ] as const) {
      socket.on('error', () => undefined)
      socket.on('close', () => other.destroy())
    }
  }
}

/** The talk of the line as the server has it, and whoever talks beside the client. */
function visit(url: string): Visitor {
  const nobody = { name: 'nobody', pin: '' }
  const target: Target = {
    url,
    way: 'ws',
    key: 'demo-key',
    user: { name: 'lee', pin: '2222' },
    supervisor: nobody,
    stranger: 'nobody',
    area: 'line-3',
    otherArea: 'line-1',
    revoke: null,
    drain: null,
    hasNodes: false,
    timeoutMs: 60_000,
  }
  const visitor = new Visitor(target)
  visitors.push(visitor)
  return visitor
}

/** Resolves once somebody else has read this text. */
async function isSaid(url: string, text: string): Promise<void> {
  const visitor = visit(url)
  const { client } = await visitor.signedIn()
  client.send({ t: 'subscribe', channel: visitor.chat, from: 'start', credit: 4 })
  for (;;) {
    const events = await visitor.readOn(client, visitor.chat, 1)
    if (events.some(({ data }) => (data as { readonly text: string }).text === text)) return
  }
}

async function talk(url: string, texts: readonly string[]): Promise<void> {
  const visitor = visit(url)
  const { client, grant } = await visitor.signedIn()
  for (const [index, text] of texts.entries()) {
    client.send(visitor.post(text, { seq: index + 1, session: grant.session }))
    await client.next('result')
  }
}

describe.each(LANGUAGES)('$name', ({ words: command, isCommanding, lost }) => {
  it.skipIf(typeof command === 'string')(
    `[P1] [P2] reads without a gap and posts once over kills of either end${typeof command === 'string' ? `: not run, ${command}` : ''}`,
    async () => {
      if (typeof command === 'string') return
      const site = join(folder, 'site')
      const data = join(folder, 'client')
      mkdirSync(site)
      const port = await freePort()
      const start = async () => {
        const { program, url } = await startServer(site, port)
        server = program
        return url
      }
      const url = await start()
      const wire = await Wire.open(port)
      wires.push(wire)
      const way = `http://127.0.0.1:${wire.port}`

      let client = new Client(command, way, data)
      client.give(LINES.slice(0, 20))
      await client.until(() => client.count('result') >= 20)
      // The server takes the next ones; their answers are lost with it.
      wire.loseAfter(isCommanding)
      client.give(LINES.slice(20, 40))
      await isSaid(url, LINES[lost - 1] ?? '')
      expect(client.count('result')).toBeLessThan(40)
      await server?.kill()
      wire.loseNothing()
      client.give(LINES.slice(40, 50))
      await client.until(() => client.count('saved') >= 50)
      await start()
      await client.until(() => client.count('result') >= 45)
      await client.kill()

      await talk(url, ['from elsewhere, 1', 'from elsewhere, 2'])
      client = new Client(command, way, data)
      await client.until(([first]) => first !== undefined)
      const next = Number(client.words[0]?.['next'])
      expect(client.words[0]).toMatchObject({ kind: 'outbox' })
      expect(next).toBeGreaterThanOrEqual(51)
      client.give(LINES.slice(next - 1))
      client.endInput()
      expect(await client.exitCode()).toBe(0)

      const said = await visit(url).readChat()
      expect(said.map(({ text }) => text).filter((text) => text.startsWith('line '))).toEqual(LINES)
      expect(said.length).toBe(LINES.length + 2)
      const stored = readFileSync(join(data, 'events.jsonl'), 'utf8').trimEnd().split('\n')
      const events = stored.map((line) => JSON.parse(line) as Word).filter(({ kind }) => kind === 'event')
      expect(events.map(({ offset }) => offset)).toEqual(events.map((_, index) => index + 1))
      const read = events.map(({ id, data: body }) => [id, (body as { readonly text: string }).text])
      expect(read).toEqual(said.map(({ id, text }) => [id, text]))
    },
  )
})

it('every client of the folder is run here', () => {
  expect(LANGUAGES.map(({ name }) => name).toSorted()).toEqual(readdirSync(FOLDER).toSorted())
})
