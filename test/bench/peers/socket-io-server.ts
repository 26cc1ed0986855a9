/**
 * Peer: Socket.IO with one room. Whatever arrives as `say` is emitted to the room; `keep` is acknowledged only. With `recovery` as second argument its
 * connection state recovery is on, in the memory of the process as by default; with `polling` its clients go by that alone.
 */
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { listen } from './listen.ts'

const recovers = process.argv[3] === 'recovery'
const transports = process.argv[3] === 'polling' ? (['polling'] as const) : (['websocket'] as const)
const http = createServer()
const server = new Server(http, { transports: [...transports], ...(recovers && { connectionStateRecovery: {} }) })
server.on('connection', (socket) => {
  void socket.join('floor')
  socket.on('say', (text: unknown, kept?: () => void) => {
    server.to('floor').emit('said', text)
    kept?.()
  })
  socket.on('keep', (_text: unknown, kept: () => void) => kept())
})
listen(http)
