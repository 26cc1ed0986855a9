import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { Measured } from '../processes.ts'
import { MESSAGE, type Subject } from '../subject.ts'

/** What Engine.IO 4 puts between the packets of one body. */
const BETWEEN = '\u001e'
const SAY = `42${JSON.stringify(['say', MESSAGE])}`

/** Socket.IO where no WebSocket comes through: a question that is held, and a POST for each packet up. */
export async function startSocketIoPolling(): Promise<Subject> {
  const script = join(import.meta.dirname, 'socket-io-server.ts')
  const server = new Measured(process.execPath, [script, '0', 'polling'])
  const url = `http://127.0.0.1:${String((await server.firstLine())['port'])}/socket.io/?EIO=4&transport=polling`
  const agent = new Agent({ keepAlive: true })
  return {
    name: 'Socket.IO polling',
    process: server,
    async subscribe(delivered) {
      await connect(url, agent, delivered)
    },
    async publisher() {
      const send = await connect(url, agent, () => {})
      return () => void send(SAY)
    },
    stop() {
      agent.destroy()
      return server.stop()
    },
  }
}

/** Resolves with what sends a packet, once it is in the room. */
async function connect(url: string, agent: Agent, delivered: () => void): Promise<(packet: string) => Promise<string>> {
  const { sid } = JSON.parse((await ask(url, agent)).slice(1)) as { readonly sid: string }
  const own = `${url}&sid=${sid}`
  const send = (packet: string): Promise<string> => ask(own, agent, packet)
  await send('40')
  await ask(own, agent)
  const listen = async (): Promise<void> => {
    for (;;) {
      for (const packet of (await ask(own, agent)).split(BETWEEN)) {
        if (packet.startsWith('42')) delivered()
        else if (packet === '2') await send('3')
      }
    }
  }
  // Until its server is gone.
  listen().catch(() => {})
  return send
}

function ask(url: string, agent: Agent, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent, method: body === undefined ? 'GET' : 'POST' }, (response) => {
      textOf(response).then(resolve, reject)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
