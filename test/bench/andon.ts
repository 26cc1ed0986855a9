import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import type { SessionId } from '../../relay/protocol/ids.ts'
import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import { createTokens } from '../../server/adapters/jose-tokens.ts'
import { openSqliteStore } from '../../server/adapters/sqlite/sqlite-store.ts'
import type { Store } from '../../server/ports/store.ts'
import type { Tokens } from '../../server/ports/tokens.ts'
import { createDevice, type TestDevice } from '../support/wire-client.ts'
import { Measured } from './processes.ts'
import { RawWebSocket } from './raw-websocket.ts'
import type { Subject } from './subject.ts'

const ROOT = join(import.meta.dirname, '..', '..')

interface Person {
  readonly device: TestDevice
  readonly session: SessionId
  readonly token: string
}

/**
 * A server with so many devices already signed in: their sessions are written before it starts, because signing in 500
 * people costs a minute of argon2 that no bench is about.
 */
export async function startAndon(
  people: number,
): Promise<
  Subject & { readonly url: string; readonly connect: () => Promise<{ socket: RawWebSocket; session: SessionId }> }
> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-'))
  const prepared = await prepare(folder, people)
  const server = startServer(folder, 0)
  const url = String((await server.firstLine())['url'])

  const connect = async () => {
    const person = prepared.pop()
    if (person === undefined) throw new Error('more connections than were prepared')
    const socket = await RawWebSocket.open(`${url.replace('http', 'ws')}/sync`, SUBPROTOCOL)
    await new Promise<void>((resolve, reject) => {
      socket.onMessage = (payload) => {
        const frame = JSON.parse(payload.toString()) as { t: string; nonce?: string }
        if (frame.t === 'challenge') void greet(socket, person, frame.nonce ?? '')
        else if (frame.t === 'welcome') socket.send(JSON.stringify({ t: 'auth', token: person.token, generation: 1 }))
        else if (frame.t === 'authed') resolve()
        else reject(new Error(payload.toString()))
      }
    })
    return { socket, session: person.session }
  }
  return {
    name: 'Andon (durable)',
    url,
    process: server,
    connect,
    async subscribe(delivered) {
      const { socket } = await connect()
      await new Promise<void>((resolve) => {
        socket.onMessage = (payload) => {
          // `{"t":"event"` — the fourth letter after the quote tells it from every other frame.
          if (payload[6] === 0x65 && payload[7] === 0x76) delivered()
          else resolve()
        }
        socket.send(JSON.stringify({ t: 'subscribe', channel: 'chat/line-3', credit: 4 }))
      })
    },
    async publisher() {
      const { socket, session } = await connect()
      let seq = 0
      socket.onMessage = () => {}
      const data = { line: 'line-3', text: 'Hydraulic pressure low, pump stopped.' }
      return () => {
        seq += 1
        socket.send(
          JSON.stringify({ t: 'command', lane: 'normal', seq, id: uuidv7(), type: 'chat.post', session, data }),
        )
        if (seq % 64 === 0) socket.send(JSON.stringify({ t: 'confirm', lane: 'normal', upTo: seq - 64 || 1 }))
      }
    },
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The product's own server, as an installation runs it. */
export function startServer(folder: string, port: number, args: readonly string[] = []): Measured {
  const env = { ANDON_ACCESS_TOKEN_MS: '3600000', ANDON_LOG_LEVEL: 'warn' }
  const command = ['server', '--data', folder, '--port', String(port), ...args]
  // As build/tasks.mjs starts it.
  return new Measured(process.execPath, ['--max-semi-space-size=2', join(ROOT, 'server/cli.ts'), ...command], env)
}

async function greet(socket: RawWebSocket, { device }: Person, nonce: string): Promise<void> {
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

async function prepare(folder: string, people: number): Promise<Person[]> {
  const store = await openSqliteStore({
    folder,
    worker: new URL('../../server/store-worker.ts', import.meta.url),
    failed: (what, cause) => process.stderr.write(`${what}: ${cause}\n`),
    died: (cause) => {
      throw cause
    },
  })
  await store.addArea('line-3')
  const tokens = await createTokens({ store, now: () => Date.now(), accessTokenMs: 3_600_000 })
  const prepared = await Promise.all(
    Array.from({ length: people }, (_, index) => prepareOne(store, tokens, `bench-${index}`)),
  )
  await store.close()
  return prepared
}

async function prepareOne(store: Store, tokens: Tokens, operator: string): Promise<Person> {
  const device = await createDevice()
  const session = randomUUID() as SessionId
  await store.putOperator({ id: operator, role: 'admin', areas: ['*'], pinHash: 'none', status: 'active' })
  await store.greet({
    device: device.id,
    publicKey: '{}',
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
  return { device, session, token }
}
