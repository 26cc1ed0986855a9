/**
 * Strangers are other computers: they flood from a thread of their own, so that what they cost themselves is not taken for
 * lateness of the server.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { v7 as uuidv7 } from 'uuid'
import { LIMITS } from '../../relay/protocol/limits.ts'
import { connectStranger } from './andon-floor.ts'
import type { RawWebSocket } from './raw-websocket.ts'

/** Almost as large as a command may be. */
const TEXT = 'x'.repeat(30_000)
/** When nothing was heard for so long, the whole window is sent again, milliseconds. */
const SILENT_MS = 100
/** What nobody reads fills the buffers of the system; beyond that a stranger would flood its own memory and nobody else. */
const ENOUGH_BYTES = LIMITS.maxInFlight * TEXT.length

interface Flood {
  readonly url: string
  readonly strangers: number
}

/**
 * Keys that anybody can make, each with as many commands under way as a lane may have: all of them nonsense, naming an area of
 * the site, never confirmed, and sent again at once when they are told to wait. Resolves when all of them flood; the returned
 * function ends it.
 */
export async function floodBy(strangers: number, url: string): Promise<() => void> {
  if (strangers === 0) return () => undefined
  const flood: Flood = { url, strangers }
  const worker = new Worker(new URL(import.meta.url), { workerData: flood })
  await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return () => void worker.terminate()
}

function floodOver(socket: RawWebSocket): void {
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
  setInterval(() => {
    if (isHeard) isHeard = false
    else for (sent = mark; sent < mark + LIMITS.maxInFlight;) send((sent += 1))
  }, SILENT_MS)

  function send(seq: number): void {
    if (socket.unsentBytes > ENOUGH_BYTES) return
    const data = { line: 'line-3', text: TEXT }
    const id = `${prefix}${seq.toString(16).padStart(12, '0')}`
    socket.send(JSON.stringify({ t: 'command', lane: 'normal', seq, id, type: 'chat.post', data }))
  }
}

async function begin({ strangers, url }: Flood): Promise<void> {
  for (let count = 0; count < strangers; count += 1) floodOver(await connectStranger(url))
  parentPort?.postMessage('flooding')
}

// What fails here ends the thread, and whoever asked is told.
if (!isMainThread) void begin(workerData as Flood)
