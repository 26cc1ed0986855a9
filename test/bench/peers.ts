import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/processes.ts'
import { listening, Measured } from './processes.ts'
import { RawWebSocket } from './raw-websocket.ts'
import { MESSAGE_BYTES, type Subject } from './subject.ts'

const HERE = import.meta.dirname
const MESSAGE = 'x'.repeat(MESSAGE_BYTES)

/** Every peer that is installed here, each with the function that starts it. */
export function installedPeers(): readonly { readonly name: string; readonly start: () => Promise<Subject> }[] {
  return [
    { name: 'plain ws', start: startPlainWs },
    { name: 'Socket.IO', start: startSocketIo },
    ...(isInstalled('nats-server') ? [{ name: 'NATS core', start: startNats }] : []),
    ...(isInstalled('mosquitto') ? [{ name: 'Mosquitto QoS 0', start: startMosquitto }] : []),
  ]
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['-h'], { stdio: 'ignore' }).error === undefined
}

async function startPlainWs(): Promise<Subject> {
  const server = new Measured(process.execPath, [join(HERE, 'peers', 'ws-server.ts')])
  const url = `ws://127.0.0.1:${String((await server.firstLine())['port'])}/`
  return {
    name: 'plain ws',
    process: server,
    async subscribe(delivered) {
      const socket = await RawWebSocket.open(url)
      socket.onMessage = delivered
    },
    async publisher() {
      const socket = await RawWebSocket.open(url)
      return () => socket.send(MESSAGE)
    },
    stop: () => server.stop(),
  }
}

async function startSocketIo(): Promise<Subject> {
  const server = new Measured(process.execPath, [join(HERE, 'peers', 'socket-io-server.ts')])
  const url = `ws://127.0.0.1:${String((await server.firstLine())['port'])}/socket.io/?EIO=4&transport=websocket`
  // Engine.IO 4: 0 open, 2 ping, 3 pong, 4 message; Socket.IO 5: 40 connect, 42 event.
  const open = async (onEvent: () => void): Promise<RawWebSocket> => {
    const socket = await RawWebSocket.open(url)
    await new Promise<void>((resolve) => {
      socket.onMessage = (payload) => {
        const first = payload[0]
        const second = payload[1]
        if (first === 0x30) socket.send('40')
        else if (first === 0x32) socket.send('3')
        else if (first === 0x34 && second === 0x30) resolve()
        else if (first === 0x34 && second === 0x32) onEvent()
      }
    })
    return socket
  }
  return {
    name: 'Socket.IO',
    process: server,
    async subscribe(delivered) {
      await open(delivered)
    },
    async publisher() {
      const socket = await open(() => {})
      const frame = `42${JSON.stringify(['say', MESSAGE])}`
      return () => socket.send(frame)
    },
    stop: () => server.stop(),
  }
}

async function startNats(): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-nats-'))
  const [port, ws] = [await freePort(), await freePort()]
  const config = join(folder, 'nats.conf')
  await writeFile(config, `host: 127.0.0.1\nport: ${port}\nwebsocket { host: 127.0.0.1, port: ${ws}, no_tls: true }\n`)
  const server = new Measured('nats-server', ['-c', config, '-l', join(folder, 'log')], { GOMAXPROCS: '1' })
  await listening(ws)
  const open = async (delivered: () => void): Promise<RawWebSocket> => {
    const socket = await RawWebSocket.open(`ws://127.0.0.1:${ws}/`)
    const count = countNatsMessages(delivered, () => socket.sendBinary(Buffer.from('PONG\r\n')))
    socket.onMessage = count
    socket.sendBinary(Buffer.from('CONNECT {"verbose":false,"pedantic":false}\r\n'))
    return socket
  }
  const pub = Buffer.from(`PUB chat.line-3 ${MESSAGE_BYTES}\r\n${MESSAGE}\r\n`)
  return {
    name: 'NATS core',
    process: server,
    async subscribe(delivered) {
      const socket = await open(delivered)
      socket.sendBinary(Buffer.from('SUB chat.line-3 1\r\n'))
    },
    async publisher() {
      const socket = await open(() => {})
      return () => socket.sendBinary(pub)
    },
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Counts `MSG subject sid bytes` in the stream that NATS cuts into frames as it likes. */
function countNatsMessages(delivered: () => void, ping: () => void): (payload: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (payload) => {
    let data = rest.length === 0 ? payload : Buffer.concat([rest, payload])
    for (;;) {
      const end = data.indexOf('\r\n')
      if (end < 0) break
      const line = data.subarray(0, end).toString('latin1')
      if (line.startsWith('MSG ')) {
        const whole = end + 2 + Number(line.slice(line.lastIndexOf(' ') + 1)) + 2
        if (data.length < whole) break
        delivered()
        data = data.subarray(whole)
      } else {
        if (line === 'PING') ping()
        data = data.subarray(end + 2)
      }
    }
    rest = Buffer.from(data)
  }
}

async function startMosquitto(): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-mosquitto-'))
  const port = await freePort()
  const config = join(folder, 'mosquitto.conf')
  await writeFile(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\nlog_dest none\n`,
  )
  const server = new Measured('mosquitto', ['-c', config])
  await listening(port)
  let nextClient = 1
  const open = async (delivered: () => void) => {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    socket.on('error', () => {})
    const id = Buffer.from(`bench-${nextClient++}`)
    // MQTT 3.1.1: CONNECT, clean session, no keep-alive.
    socket.write(
      Buffer.concat([Buffer.from([0x10, 12 + id.length, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, id.length]), id]),
    )
    let rest = Buffer.alloc(0)
    let ready: () => void = () => {}
    const isReady = new Promise<void>((resolve) => (ready = resolve))
    socket.on('data', (chunk: Buffer) => {
      let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      while (data.length >= 2) {
        const low = data[1] ?? 0
        const long = low >= 128
        if (long && data.length < 3) break
        const length = long ? (low & 127) + (data[2] ?? 0) * 128 : low
        const whole = length + (long ? 3 : 2)
        if (data.length < whole) break
        const type = (data[0] ?? 0) >> 4
        if (type === 3) delivered()
        else ready()
        data = data.subarray(whole)
      }
      rest = Buffer.from(data)
    })
    await isReady
    return socket
  }
  const topic = Buffer.from('chat/line-3')
  const remaining = 2 + topic.length + MESSAGE_BYTES
  const publish = Buffer.concat([
    Buffer.from([0x30, (remaining % 128) | 128, Math.floor(remaining / 128), 0, topic.length]),
    topic,
    Buffer.from(MESSAGE),
  ])
  return {
    name: 'Mosquitto QoS 0',
    process: server,
    async subscribe(delivered) {
      const socket = await open(delivered)
      socket.write(
        Buffer.concat([Buffer.from([0x82, 5 + topic.length, 0, 1, 0, topic.length]), topic, Buffer.from([0])]),
      )
    },
    async publisher() {
      const socket = await open(() => {})
      return () => socket.write(publish)
    },
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
