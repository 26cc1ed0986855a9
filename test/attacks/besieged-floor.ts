/**
 * A real floor in a process of its own, and people, devices and programs that mean it harm. Beside every attack stands a
 * kiosk that must go on reading: a P0 reaches it after each of them, the server still runs, and its log holds no error.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import type { ChannelName } from '../../relay/protocol/channels.ts'
import type { ClientFrame, ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { CommandId, SessionId } from '../../relay/protocol/ids.ts'
import type { Lane } from '../../relay/protocol/lanes.ts'
import type { Role } from '../../relay/protocol/records.ts'
import { Argon2Pins } from '../../server/adapters/argon2-pins.ts'
import { openSqliteStore } from '../../server/adapters/sqlite/sqlite-store.ts'
import { sha256 } from '../../server/http/hashes.ts'
import { Program } from '../support/processes.ts'
import { createDevice, WireClient, type TestDevice } from '../support/wire-client.ts'

export const URGENT = 'alerts/urgent' as ChannelName

interface Person {
  readonly id: string
  readonly pin: string
  readonly role: Role
  readonly areas: readonly string[]
}
const PEOPLE: readonly Person[] = [
  { id: 'kim', pin: '1111', role: 'operator', areas: ['line-3'] },
  { id: 'lee', pin: '2222', role: 'operator', areas: ['line-1'] },
  { id: 'park', pin: '3333', role: 'supervisor', areas: ['line-3'] },
  { id: 'chief', pin: '4444', role: 'admin', areas: ['*'] },
]
/** The keys of the floor: of the whole site, and of a program that may work in one line only. */
export const SITE_KEY = 'andon_site'
export const LINE_KEY = 'andon_line-1'
const KEYS: readonly { readonly key: string; readonly role: Role; readonly areas: readonly string[] }[] = [
  { key: SITE_KEY, role: 'admin', areas: ['*'] },
  { key: LINE_KEY, role: 'operator', areas: ['line-1'] },
]

export interface Guest {
  readonly client: WireClient
  readonly device: TestDevice
  readonly deviceToken: string
}

/** What a right PIN gives. */
export interface Grant {
  readonly session: SessionId
  readonly accessToken: string
  readonly refreshToken: string
  readonly generation: number
}

export interface SignedIn extends Guest {
  readonly grant: Grant
}

/** What came back to a request, as far as an attacker looks at it. */
export interface Answer {
  readonly status: number
  readonly code: unknown
  readonly headers: Headers
  readonly body: unknown
}

export interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A string or bytes go as they are, anything else as JSON. */
  readonly body?: unknown
  readonly bearer?: string
}

export interface FloorOptions {
  /** Flags of the server. */
  readonly extra?: readonly string[]
  /** The program that takes these flags. */
  readonly script?: string
}

/** Registers the hooks of a test file: one server from its first attack to its last. */
export function besiegeFloor({ extra = [], script = 'server/cli.ts' }: FloorOptions = {}) {
  let folder = ''
  let url = ''
  let server: Program
  let witness: WireClient
  const clients: WireClient[] = []
  const complaints: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'andon-attacks-'))
    await seed(folder)
    // Of its own: whether the checkout has pages depends on whether somebody built them.
    const pages = join(folder, 'built')
    await mkdir(pages)
    await writeFile(join(pages, 'index.html'), '<!doctype html><title>Andon</title>')
    const flags = ['--data', folder, '--pages', pages, '--port', '0', '--log-level', 'error', '--heartbeat-ms', '30000']
    server = new Program(script, ['server', ...flags, ...extra], {
      onStderr: (line) => void complaints.push(line),
    })
    url = String((await server.until((line) => line['event'] === 'listening'))['url'])
    witness = new WireClient(url)
    await witness.greet(await createDevice())
    witness.send({ t: 'subscribe', channel: URGENT, credit: 4 })
    await witness.next('snapshot')
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close()
    witness.send({ t: 'ping', nonce: 'still here' })
    await witness.next('pong')
    const alert = await raise('All is well')
    await witness.next('event', ({ data }) => (data as { readonly key?: unknown }).key === alert)
    expect(server.exit, 'the server runs').toBeNull()
    expect(complaints.splice(0), 'the server has nothing to complain about').toEqual([])
  })
  afterAll(async () => {
    await server.kill()
    await rm(folder, { recursive: true, force: true })
  })

  /** A request as anybody may send it; `/api` answers in JSON, problems carry a code. */
  async function call(path: string, { method = 'POST', headers = {}, body, bearer }: Call = {}): Promise<Answer> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
    })
    const answer: unknown = await response.json().catch(() => null)
    const code = typeof answer === 'object' && answer !== null && 'code' in answer ? answer.code : null
    return { status: response.status, code, headers: response.headers, body: answer }
  }

  async function raise(title: string, over: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { status, body } = await call('/api/alerts', {
      bearer: SITE_KEY,
      body: { priority: 'P0', area: 'line-3', title, ...over },
    })
    expect(status).toBe(201)
    return (body as { readonly id: string }).id
  }

  /** Bytes as they are, for what no HTTP client would send; resolves with everything the server says until it closes. */
  function exchange(bytes: string | Buffer): Promise<string> {
    const socket = connectTcp({ port: Number(new URL(url).port), host: '127.0.0.1' })
    // A refusal may come while the rest of the attack is still being written.
    socket.on('error', () => socket.destroy())
    socket.write(bytes)
    return text(socket).catch(() => '')
  }

  function connect(headers: Readonly<Record<string, string>> = {}): WireClient {
    const client = new WireClient(url, { headers })
    clients.push(client)
    return client
  }

  async function stranger(device?: TestDevice, hello: Partial<ClientFrameOf<'hello'>> = {}): Promise<Guest> {
    const own = device ?? (await createDevice())
    const client = connect()
    const { deviceToken } = await client.greet(own, hello)
    return { client, device: own, deviceToken }
  }

  async function signIn(deviceToken: string, id = 'kim'): Promise<Grant> {
    const pin = PEOPLE.find((person) => person.id === id)?.pin
    const answer = await call('/api/sessions', {
      bearer: deviceToken,
      headers: { 'andon-refresh': 'body' },
      body: { operator: id, pin },
    })
    expect(answer.status).toBe(200)
    return answer.body as Grant
  }

  async function signedIn(id = 'kim', guest?: Guest): Promise<SignedIn> {
    const own = guest ?? (await stranger())
    const grant = await signIn(own.deviceToken, id)
    own.client.send({ t: 'auth', token: grant.accessToken, generation: grant.generation })
    await own.client.next('authed')
    return { ...own, grant }
  }

  return {
    url: () => url,
    folder: () => folder,
    server: () => server,
    call,
    raise,
    exchange,
    connect,
    stranger,
    signIn,
    signedIn,
  }
}

export function command(
  type: string,
  data: unknown,
  parts: { readonly seq: number; readonly session?: SessionId; readonly lane?: Lane; readonly id?: CommandId },
): ClientFrameOf<'command'> {
  const { seq, session, lane = 'normal', id = uuidv7() as CommandId } = parts
  return { t: 'command', lane, seq, id, type, data, ...(session !== undefined && { session }) }
}

/** Sends, and resolves with what came before the pong to a heartbeat sent behind it. Results of commands may come later. */
export async function answersTo(client: WireClient, ...frames: readonly (ClientFrame | string | Buffer)[]) {
  for (const frame of frames) {
    if (typeof frame === 'string' || Buffer.isBuffer(frame)) client.sendRaw(frame)
    else client.send(frame)
  }
  const nonce = uuidv7()
  client.send({ t: 'ping', nonce })
  await client.next('pong', (pong) => pong.nonce === nonce)
  return client.received.map((frame) => inShort(frame))
}

/** Sends commands and resolves with the end of each, in the order they came. */
export async function endsOf(client: WireClient, ...commands: readonly ClientFrameOf<'command'>[]) {
  for (const each of commands) client.send(each)
  const ends: string[] = []
  while (ends.length < commands.length) {
    const frame = await client.nextOf(['result', 'retry-later', 'expect', 'outbox-forked', 'error'])
    ends.push(inShort(frame))
  }
  return ends
}

/** What a frame is, without what differs at each run. */
function inShort(frame: ServerFrame): string {
  const code = 'code' in frame && typeof frame.code === 'string' ? ` ${frame.code}` : ''
  return frame.t === 'result' ? `${frame.outcome}${code}` : `${frame.t}${code}`
}

async function seed(folder: string): Promise<void> {
  const store = await openSqliteStore({
    folder,
    worker: new URL('../../server/store-worker.ts', import.meta.url),
    failed: (what, cause) => {
      throw new Error(what, { cause })
    },
    died: (cause) => {
      throw cause
    },
  })
  const pins = new Argon2Pins()
  for (const area of ['line-1', 'line-3']) await store.addArea(area)
  for (const { id, pin, role, areas } of PEOPLE)
    await store.putOperator({ id, role, areas, pinHash: await pins.hash(pin), status: 'active' })
  for (const { key, role, areas } of KEYS)
    await store.putApiKey({ id: uuidv7(), name: key, hash: sha256(key), role, areas })
  await store.close()
}
