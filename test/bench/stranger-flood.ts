import { v7 as uuidv7 } from 'uuid'
import { LIMITS } from '../../relay/protocol/limits.ts'
import type { AndonFloor } from './andon-floor.ts'
import type { RawWebSocket } from './raw-websocket.ts'

/** Almost as large as a command may be. */
const TEXT = 'x'.repeat(30_000)
/** When nothing was heard for so long, the whole window is sent again, milliseconds. */
const SILENT_MS = 100

/**
 * Keys that anybody can make, each with as many commands under way as a lane may have: all of them nonsense, naming an area of
 * the site, never confirmed, and sent again at once when they are told to wait. The returned function ends it.
 */
export async function floodBy(strangers: number, floor: AndonFloor): Promise<() => void> {
  const ends = await Promise.all(Array.from({ length: strangers }, async () => flood(await floor.connectStranger())))
  return () => {
    for (const end of ends) end()
  }
}

function flood(socket: RawWebSocket): () => void {
  // Of a number always the same command: otherwise the server finds a forked outbox, and the flood is over (W3).
  const prefix = uuidv7().slice(0, -12)
  let mark = 0
  let sent = 0
  let isHeard = false
  socket.onMessage = (payload) => {
    isHeard = true
    const { t, seq } = JSON.parse(payload.toString()) as { readonly t: string; readonly seq?: number }
    if (t === 'result' && seq !== undefined) {
      mark = Math.max(mark, seq)
      send((sent += 1))
    } else if (t === 'retry-later' && seq !== undefined) send(seq)
  }
  const again = setInterval(() => {
    if (isHeard) isHeard = false
    else for (sent = mark; sent < mark + LIMITS.maxInFlight;) send((sent += 1))
  }, SILENT_MS)
  return () => clearInterval(again)

  function send(seq: number): void {
    const data = { line: 'line-3', text: TEXT }
    const id = `${prefix}${seq.toString(16).padStart(12, '0')}`
    socket.send(JSON.stringify({ t: 'command', lane: 'normal', seq, id, type: 'chat.post', data }))
  }
}
