/**
 * Peer: `ws` with a history, as most people write it: an array in memory, and a loop for whoever comes back with the number of
 * messages it has. `from N` asks for the rest; everything else is kept, and acknowledged with its number.
 */
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { listen } from './listen.ts'

const history: string[] = []
const http = createServer()
const server = new WebSocketServer({ server: http, perMessageDeflate: false })
server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const text = data.toString()
    if (text.startsWith('from ')) for (const message of history.slice(Number(text.slice(5)))) socket.send(message)
    else socket.send(`kept ${history.push(text)}`)
  })
})
listen(http)
