import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/processes.ts'
import { listening, Measured } from '../processes.ts'
import { MESSAGE, type Acceptor, type Backlog, type Subject } from '../subject.ts'
import { MqttClient, publishPacket } from './mqtt-client.ts'

const TOPIC = 'chat/line-3'

export async function startMosquitto(port?: number): Promise<Subject> {
  const { process, open, stop } = await start({ port })
  const publish = publishPacket(TOPIC, MESSAGE, 0)
  return {
    name: 'Mosquitto QoS 0',
    process,
    async subscribe(delivered) {
      const client = await open()
      await client.connect()
      client.onPublish = delivered
      await client.subscribe(TOPIC, 0)
    },
    async publisher() {
      const client = await open()
      await client.connect()
      return () => client.send(publish)
    },
    stop,
  }
}

/** Persistent sessions: the broker queues for each reader by itself, in memory, without a bound here. */
export async function startMosquittoSessions(): Promise<Backlog> {
  const { process, open, stop } = await start({ isPersistent: true })
  const publisher = await open()
  await publisher.connect()
  const openReader = (reader: number) => open({ id: `reader-${reader}`, isClean: false })
  return {
    name: 'Mosquitto QoS 1',
    process,
    async leave(readers) {
      const clients = await Promise.all(Array.from({ length: readers }, (_, reader) => openReader(reader)))
      await Promise.all(clients.map((client) => client.connect()))
      await Promise.all(clients.map((client) => client.subscribe(TOPIC, 1)))
      for (const client of clients) client.destroy()
    },
    async publish(count) {
      const publish = publishPacket(TOPIC, MESSAGE, 1)
      await new Promise<void>((resolve) => {
        let left = count
        publisher.onPubAck = () => {
          left -= 1
          if (left === 0) resolve()
        }
        for (let sent = 0; sent < count; sent += 1) publisher.send(publish)
      })
    },
    async comeBack(reader, delivered) {
      const client = await openReader(reader)
      client.onPublish = () => delivered(1)
      return () => void client.connect()
    },
    stop,
  }
}

export async function startMosquittoAcceptor(): Promise<Acceptor> {
  const { open, stop } = await start({ isPersistent: true })
  const publish = publishPacket(TOPIC, MESSAGE, 1)
  return {
    name: 'Mosquitto QoS 1',
    async sender(accepted) {
      const client = await open()
      await client.connect()
      client.onPubAck = accepted
      return () => client.send(publish)
    },
    stop,
  }
}

async function start({ port, isPersistent = false }: { port?: number | undefined; isPersistent?: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-mosquitto-'))
  const used = port ?? (await freePort())
  const config = join(folder, 'mosquitto.conf')
  const lines = [
    `listener ${used} 127.0.0.1`,
    'allow_anonymous true',
    `persistence ${isPersistent}`,
    // As many as are published; its default loses what is above 1,000 for one session, silently.
    ...(isPersistent ? [`persistence_location ${folder}/`, 'max_queued_messages 0'] : []),
    'user root',
    'log_dest none',
  ]
  await writeFile(config, `${lines.join('\n')}\n`)
  const server = new Measured('mosquitto', ['-c', config])
  await listening(used)
  let next = 1
  return {
    process: server,
    open: (session: { id: string; isClean: boolean } = { id: `bench-${next++}`, isClean: true }) =>
      MqttClient.open({ port: used, ...session }),
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
