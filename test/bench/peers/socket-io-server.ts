/** Peer: Socket.IO with one room. Whatever arrives as `say` is emitted to the room. */
import { createServer } from 'node:http'
import { Server } from 'socket.io'

const http = createServer()
const server = new Server(http, { transports: ['websocket'] })
server.on('connection', (socket) => {
  void socket.join('floor')
  socket.on('say', (text: unknown) => server.to('floor').emit('said', text))
})
http.listen(0, '127.0.0.1', () => {
  const address = http.address()
  process.stdout.write(
    `${JSON.stringify({ port: typeof address === 'object' && address !== null ? address.port : 0 })}\n`,
  )
})
