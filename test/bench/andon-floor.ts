import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import { Argon2Pins } from '../../server/adapters/argon2-pins.ts'
import { createTokens } from '../../server/adapters/jose-tokens.ts'
import { openSqliteStore } from '../../server/adapters/sqlite/sqlite-store.ts'
import { sha256 } from '../../server/http/hashes.ts'
import type { Store } from '../../server/ports/store.ts'
import type { Tokens } from '../../server/ports/tokens.ts'
import { createDevice, type TestDevice } from '../support/wire-client.ts'
import { Measured } from './processes.ts'
import { RawWebSocket } from './raw-websocket.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** One device, and who is signed in on it. */
export interface Person {
  readonly device: TestDevice
  readonly operator: string
  readonly session: SessionId
  readonly token: string
}

/** The usual message, as a command. */
const POST = { line: 'line-3', text: 'Hydraulic pressure low, pump stopped.' }
/** Of a program that reports and raises. */
export const API_KEY = 'bench-key'
/** Answered commands that are confirmed together. */
const CONFIRM_EVERY = 64

/**
 * A server with so many devices already signed in: their sessions are written before it starts, because signing in 500
 * people costs a minute of argon2 that no bench is about.
 */
export class AndonFloor {
  readonly name = 'Andon'
  process: Measured
  readonly people: readonly Person[]
  /** Where it answers. */
  readonly url: string
  readonly #folder: string
  #used = 0

  private constructor(process: Measured, people: readonly Person[], at: { readonly folder: string; url: string }) {
    this.process = process
    this.people = people
    this.#folder = at.folder
    this.url = at.url
  }

  /** `args`: of the server, beside its own. `devicesEach`: on how many devices each person is signed in. `pin`: of all of them. */
  static async open(
    count: number,
    args: readonly string[] = [],
    { devicesEach = 1, pin }: { readonly devicesEach?: number; readonly pin?: string } = {},
  ): Promise<AndonFloor> {
    const folder = await mkdtemp(join(tmpdir(), 'andon-bench-'))
    const pinHash = pin === undefined ? 'none' : await new Argon2Pins().hash(pin)
    const people = await prepare(folder, { count, devicesEach, pinHash })
    const server = startServer(folder, 0, args)
    return new AndonFloor(server, people, { folder, url: String((await server.firstLine())['url']) })
  }

  /** Killed, and started again on the same disk and port. */
  async restart(args: readonly string[] = []): Promise<void> {
    await this.process.stop()
    this.process = startServer(this.#folder, Number(new URL(this.url).port), args)
    await this.process.firstLine()
  }

  /** The next one nobody has taken. */
  nextPerson(): Person {
    const person = this.people[this.#used]
    if (person === undefined) throw new Error('more connections than were prepared')
    this.#used += 1
    return person
  }

  /** Greeted and signed in; `headers` of its upgrade. */
  async connect(person: Person, headers: readonly string[] = []): Promise<RawWebSocket> {
    const socket = await RawWebSocket.open(`${this.url.replace('http', 'ws')}/sync`, SUBPROTOCOL, headers)
    await new Promise<void>((resolve, reject) => {
      socket.onClose = () => reject(new Error('closed'))
      socket.onMessage = (payload) => {
        const frame = JSON.parse(payload.toString()) as { t: string; nonce?: string }
        if (frame.t === 'challenge') void greet(socket, person, frame.nonce ?? '')
        else if (frame.t === 'welcome') socket.send(JSON.stringify({ t: 'auth', token: person.token, generation: 1 }))
        else if (frame.t === 'authed') resolve()
        else reject(new Error(payload.toString()))
      }
    })
    return socket
  }

  /** The returned function posts the usual text, or another one; `accepted` is told of each result. */
  async sender(accepted: () => void): Promise<(text?: string) => void> {
    const person = this.nextPerson()
    const socket = await this.connect(person)
    const { session } = person
    let seq = 0
    let answered = 0
    socket.onMessage = (payload) => {
      const frame = JSON.parse(payload.toString()) as { t: string; seq?: number }
      if (frame.t !== 'result') return
      answered += 1
      if (answered % CONFIRM_EVERY === 0) {
        socket.send(JSON.stringify({ t: 'confirm', lane: 'normal', upTo: answered }))
      }
      accepted()
    }
    return (text = POST.text) => {
      seq += 1
      const data = { ...POST, text }
      const command = { t: 'command', lane: 'normal', seq, id: uuidv7(), type: 'chat.post', session, data }
      socket.send(JSON.stringify(command))
    }
  }

  async stop(): Promise<void> {
    await this.process.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The product's own server, as an installation runs it. */
export function startServer(folder: string, port: number, args: readonly string[] = []): Measured {
  const command = ['server', '--data', folder, '--port', String(port), ...args]
  // As build/tasks.mjs and build/child.mjs start it.
  const cache = join(ROOT, 'node_modules/.cache/andon')
  const env = { ANDON_ACCESS_TOKEN_MS: '3600000', ANDON_LOG_LEVEL: 'warn', NODE_COMPILE_CACHE: cache }
  return new Measured(process.execPath, ['--max-semi-space-size=2', join(ROOT, 'server/cli.ts'), ...command], env)
}

/** A device that nobody knows, with nobody signed in: greeted, and no more. */
export async function connectStranger(url: string): Promise<RawWebSocket> {
  const device = await createDevice()
  const socket = await RawWebSocket.open(`${url.replace('http', 'ws')}/sync`, SUBPROTOCOL)
  await new Promise<void>((resolve, reject) => {
    socket.onClose = () => reject(new Error('closed'))
    socket.onMessage = (payload) => {
      const frame = JSON.parse(payload.toString()) as { t: string; nonce?: string }
      if (frame.t === 'challenge') void greet(socket, { device }, frame.nonce ?? '')
      else if (frame.t === 'welcome') resolve()
      else reject(new Error(payload.toString()))
    }
  })
  return socket
}

export async function greet(
  socket: Pick<RawWebSocket, 'send'>,
  { device }: Pick<Person, 'device'>,
  nonce: string,
): Promise<void> {
  const proof = await device.prove(nonce)
  const outbox = { epoch: device.epoch, incarnation: null, oldest: { urgent: 1, normal: 1 } }
  socket.send(
    JSON.stringify({
      t: 'hello',
      version: 1,
      proof,
      name: 'bench',
      client: { kind: 'headless', build: 'bench' },
      outbox,
    }),
  )
}

interface Prepared {
  readonly count: number
  readonly devicesEach: number
  readonly pinHash: string
}

async function prepare(folder: string, { count, devicesEach, pinHash }: Prepared): Promise<Person[]> {
  const store = await openSqliteStore({
    folder,
    worker: new URL('../../server/store-worker.ts', import.meta.url),
    failed: (what, cause) => process.stderr.write(`${what}: ${cause}\n`),
    died: (cause) => {
      throw cause
    },
  })
  await store.addArea('line-3')
  await store.putApiKey({ id: 'bench', name: 'bench', hash: sha256(API_KEY), role: 'admin', areas: ['*'] })
  const tokens = await createTokens({ store, now: () => Date.now(), accessTokenMs: 3_600_000 })
  const prepared = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      prepareOne(store, tokens, { operator: `bench-${Math.floor(index / devicesEach)}`, pinHash }),
    ),
  )
  await store.close()
  return prepared
}

async function prepareOne(
  store: Store,
  tokens: Tokens,
  { operator, pinHash }: { readonly operator: string; readonly pinHash: string },
): Promise<Person> {
  const device = await createDevice()
  const session = randomUUID() as SessionId
  await store.putOperator({ id: operator, role: 'admin', areas: ['*'], pinHash, status: 'active' })
  await store.greet({
    device: device.id,
    publicKey: '{}',
    source: '127.0.0.1',
    name: 'bench',
    defaultAreas: ['*'],
    epoch: device.epoch,
    incarnation: null,
    oldest: { urgent: 1, normal: 1 },
  })
  await store.putSession({
    id: session,
    operator,
    device: device.id,
    status: 'active',
    createdAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    refreshHash: session,
    previousHash: null,
    generation: 1,
  })
  const { token } = await tokens.issueAccess({ session, operator, device: device.id, generation: 1 })
  return { device, operator, session, token }
}
