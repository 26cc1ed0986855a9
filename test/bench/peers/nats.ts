import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/processes.ts'
import { listening, Measured } from '../processes.ts'
import { MESSAGE, MESSAGE_BYTES, type Acceptor, type Backlog, type Subject } from '../subject.ts'
import { NatsClient } from './nats-client.ts'

const SUBJECT = 'chat.line-3'
const STREAM = 'CHAT'

/** Core NATS: at most once, nothing kept. */
export async function startNats(port?: number): Promise<Subject> {
  const { process, open, stop } = await start({ port })
  return {
    name: 'NATS core',
    process,
    async subscribe(delivered) {
      const client = await open()
      client.onMessage = delivered
      client.send(`SUB ${SUBJECT} 1\r\n`)
      await client.flushed()
    },
    async publisher() {
      const client = await open()
      const publish = publishing(SUBJECT)
      return () => client.sendBytes(publish)
    },
    stop,
  }
}

/** JetStream with a stream on disk; each reader comes back with an ordered push consumer from its own sequence on. */
export async function startJetStream(): Promise<Backlog> {
  const { process, open, stop } = await start({ isDurable: true })
  const publisher = await open()
  await createStream(publisher)
  return {
    name: 'NATS JetStream',
    process,
    // It knows that it has nothing.
    leave: () => Promise.resolve(),
    async publish(count) {
      const inbox = '_INBOX.kept'
      publisher.send(`SUB ${inbox} 2\r\n`)
      await new Promise<void>((resolve) => {
        let left = count
        publisher.onMessage = () => {
          left -= 1
          if (left === 0) resolve()
        }
        const publish = publishing(SUBJECT, inbox)
        for (let sent = 0; sent < count; sent += 1) publisher.sendBytes(publish)
      })
    },
    async comeBack(reader, delivered) {
      const client = await open()
      const inbox = `_INBOX.reader.${reader}`
      client.onMessage = () => delivered(1)
      client.send(`SUB ${inbox} 1\r\n`)
      await client.flushed()
      // What client libraries ask for as an "ordered consumer", but for its flow control, which only costs.
      const config = {
        deliver_subject: inbox,
        deliver_policy: 'by_start_sequence',
        opt_start_seq: 1,
        ack_policy: 'none',
        max_deliver: 1,
        mem_storage: true,
        num_replicas: 1,
      }
      const request = JSON.stringify({ stream_name: STREAM, config })
      return () => client.send(`PUB $JS.API.CONSUMER.CREATE.${STREAM} ${request.length}\r\n${request}\r\n`)
    },
    stop,
  }
}

/** JetStream's acknowledgement of a message: written to its file, not forced to the disk. */
export async function startJetStreamAcceptor(): Promise<Acceptor> {
  const { open, stop } = await start({ isDurable: true })
  await createStream(await open())
  let senders = 0
  return {
    name: 'NATS JetStream',
    async sender(accepted) {
      const client = await open()
      const inbox = `_INBOX.sender.${senders++}`
      client.onMessage = accepted
      client.send(`SUB ${inbox} 1\r\n`)
      await client.flushed()
      const publish = publishing(SUBJECT, inbox)
      return () => client.sendBytes(publish)
    },
    stop,
  }
}

async function createStream(client: NatsClient): Promise<void> {
  const stream = JSON.stringify({ name: STREAM, subjects: ['chat.>'], storage: 'file', num_replicas: 1 })
  const answered = new Promise<string>((resolve) => {
    client.onMessage = (_subject, payload) => resolve(payload.toString())
  })
  client.send(`SUB _INBOX.made 1\r\nPUB $JS.API.STREAM.CREATE.${STREAM} _INBOX.made ${stream.length}\r\n${stream}\r\n`)
  const answer = await answered
  if ((JSON.parse(answer) as { readonly error?: unknown }).error !== undefined) throw new Error(answer)
}

function publishing(subject: string, reply = ''): Buffer {
  return Buffer.from(`PUB ${subject} ${reply === '' ? '' : `${reply} `}${MESSAGE_BYTES}\r\n${MESSAGE}\r\n`)
}

async function start({ port, isDurable = false }: { port?: number | undefined; isDurable?: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-nats-'))
  const [own, ws] = [await freePort(), port ?? (await freePort())]
  const config = join(folder, 'nats.conf')
  const durable = isDurable ? `jetstream { store_dir: "${join(folder, 'streams')}" }\n` : ''
  const lines = `host: 127.0.0.1\nport: ${own}\nwebsocket { host: 127.0.0.1, port: ${ws}, no_tls: true }\n${durable}`
  await writeFile(config, lines)
  const server = new Measured('nats-server', ['-c', config, '-l', join(folder, 'log')], { GOMAXPROCS: '1' })
  await listening(ws)
  return {
    process: server,
    open: () => NatsClient.open(ws),
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
