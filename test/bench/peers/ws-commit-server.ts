/** Peer: `ws` with a table, as most people write it first: one SQLite transaction (WAL, FULL) per message, then its number. */
import { createServer } from 'node:http'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { WebSocketServer } from 'ws'
import { listen } from './listen.ts'

const database = new Database(join(process.argv[3] ?? '.', 'messages.sqlite'))
database.pragma('journal_mode = WAL')
database.pragma('synchronous = FULL')
database.exec('CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)')
const insert = database.prepare('INSERT INTO messages (text) VALUES (?)')
const http = createServer()
const server = new WebSocketServer({ server: http, perMessageDeflate: false })
server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    socket.send(`kept ${insert.run(data.toString()).lastInsertRowid}`)
  })
})
listen(http)
