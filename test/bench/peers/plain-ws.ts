import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Measured } from '../processes.ts'
import { RawWebSocket } from '../raw-websocket.ts'
import { MESSAGE, type Acceptor, type Backlog, type Subject } from '../subject.ts'

/** `ws`, and what most people write around it. */
export async function startPlainWs(port = 0): Promise<Subject> {
  const { process, url } = await start('ws-server.ts', port)
  return {
    name: 'plain ws',
    process,
    ...everybodyHears(url),
    stop: () => process.stop(),
  }
}

/** Of a server that hands each message of anybody to everybody. */
export function everybodyHears(url: string): Pick<Subject, 'subscribe' | 'publisher'> {
  return {
    async subscribe(delivered) {
      const socket = await RawWebSocket.open(url)
      socket.onMessage = delivered
    },
    async publisher() {
      const socket = await RawWebSocket.open(url)
      return () => socket.send(MESSAGE)
    },
  }
}

export async function startWsReplay(): Promise<Backlog> {
  const { process, url } = await start('ws-replay-server.ts', 0)
  return {
    name: 'ws + array',
    process,
    // It knows that it has nothing.
    leave: () => Promise.resolve(),
    async publish(count) {
      const socket = await RawWebSocket.open(url)
      await new Promise<void>((resolve) => {
        let left = count
        socket.onMessage = () => {
          left -= 1
          if (left === 0) resolve()
        }
        for (let sent = 0; sent < count; sent += 1) socket.send(MESSAGE)
      })
      socket.destroy()
    },
    async comeBack(_reader, delivered) {
      const socket = await RawWebSocket.open(url)
      socket.onMessage = () => delivered(1)
      return () => socket.send('from 0')
    },
    stop: () => process.stop(),
  }
}

export async function startWsCommit(): Promise<Acceptor> {
  const folder = await mkdtemp(join(tmpdir(), 'andon-bench-ws-'))
  const { process, url } = await start('ws-commit-server.ts', 0, folder)
  return {
    name: 'ws + SQLite',
    async sender(accepted) {
      const socket = await RawWebSocket.open(url)
      socket.onMessage = accepted
      return () => socket.send(MESSAGE)
    },
    async stop() {
      await process.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function start(script: string, port: number, ...args: string[]): Promise<{ process: Measured; url: string }> {
  const server = new Measured(process.execPath, [join(import.meta.dirname, script), String(port), ...args])
  return { process: server, url: `ws://127.0.0.1:${String((await server.firstLine())['port'])}/` }
}
