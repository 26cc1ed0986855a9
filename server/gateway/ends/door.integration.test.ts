import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import pino from 'pino'
import { afterEach, expect, it } from 'vitest'
import { createDevice } from '../../../test/support/wire-client.ts'
import { useGateway } from '../../../test/support/gateway-floor.ts'
import { pacedLog } from '../../core/paced-log.ts'
import { SocketGuard } from './socket-guard.ts'

const { url, connect: dial } = useGateway()
const open: { destroy(): void }[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.destroy()
})

/** A socket that keeps its half open whatever the server does. */
async function socketTo(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true })
  open.push(socket)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

function upgradeOf(headers: readonly string[] = []): string {
  const upgrade = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ]
  return ['GET /sync HTTP/1.1', 'Host: 127.0.0.1', ...upgrade, ...headers, '', ''].join('\r\n')
}

const port = (): number => Number(new URL(url()).port)

it('[V7] devices are greeted while somebody at the same address holds 600 silent connections', async () => {
  const silent = await Promise.all(Array.from({ length: 600 }, () => socketTo(port())))
  for (const socket of silent) socket.write(upgradeOf())
  // The challenge: from here on each of them is silent.
  await Promise.all(silent.map((socket) => once(socket, 'data')))
  const welcomes = await Promise.all(Array.from({ length: 20 }, async () => dial().greet(await createDevice())))
  expect(welcomes.map(({ outbox }) => outbox)).toEqual(Array.from({ length: 20 }, () => 'new'))
})

it('[V22] a refused upgrade is closed though the peer keeps its half open', async () => {
  const socket = await socketTo(port())
  socket.write(upgradeOf(['Origin: https://evil.example']))
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
  await once(socket, 'end')
  expect(answer).toContain('403 Forbidden')
  // Ours is still open: it closes because the server cuts it off, which shows at the next write.
  const pushing = setInterval(() => socket.write('x'), 50)
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(pushing)
})

it('[V21] all sockets are bounded, at the cost of the address that has most, and the rest is said', async () => {
  const server: Server = createServer((_request, response) => response.end('ok'))
  const lines: Record<string, unknown>[] = []
  const log = pino(
    { level: 'info' },
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  )
  const say = pacedLog(log, () => 0)
  const guard = new SocketGuard({ monotonic: () => 0, random: () => 0, say, maxSockets: 3 })
  guard.watch(server)
  server.listen(0, '127.0.0.1')
  open.push({ destroy: () => server.close() })
  await once(server, 'listening')
  const { port: own } = server.address() as AddressInfo
  const many: Socket[] = []
  for (let count = 0; count < 3; count += 1) many.push(await socketTo(own, '127.0.0.2'))
  const cut = once(many[0] ?? server, 'close')
  const other = await socketTo(own, '127.0.0.3')
  many[0]?.resume().end()
  await cut
  other.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(String(await once(other, 'data'))).toContain('200 OK')
  // Nobody has been here for a second of the clock that stands still.
  const refused = await socketTo(own, '127.0.0.2')
  await once(refused.resume().end(), 'close')
  expect(guard.counts()).toEqual({ sockets: 3, socketsRefused: 1, socketsCut: 1 })
  expect(lines.map(({ event, code, address, max }) => ({ event, code, address, max }))).toEqual([
    { event: 'socket-cut', code: 'too-many-connections', address: '127.0.0.2', max: 3 },
    { event: 'socket-refused', code: 'too-many-connections', address: '127.0.0.2', max: 3 },
  ])
  guard.cutAll()
  await expect.poll(() => guard.counts().sockets).toBe(0)
})
