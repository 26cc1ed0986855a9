import { v7 as uuidv7 } from 'uuid'
import { startAndon } from './andon.ts'
import { pause } from './processes.ts'

export interface CommandsRow {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Durable commands: so many devices, each with so many in flight, every result after its fsync. */
export async function measureCommands(options: {
  devices: number
  inFlight: number
  seconds: number
}): Promise<CommandsRow> {
  const server = await startAndon(options.devices)
  try {
    const took: number[] = []
    let end = Infinity
    const run = async (): Promise<void> => {
      const { socket, session } = await server.connect()
      const sentAt = new Map<number, number>()
      let seq = 0
      const post = (): void => {
        seq += 1
        sentAt.set(seq, performance.now())
        const data = { line: 'line-3', text: 'Hydraulic pressure low, pump stopped.' }
        socket.send(
          JSON.stringify({ t: 'command', lane: 'normal', seq, id: uuidv7(), type: 'chat.post', session, data }),
        )
      }
      await new Promise<void>((resolve) => {
        socket.onMessage = (payload) => {
          const frame = JSON.parse(payload.toString()) as { t: string; seq?: number }
          if (frame.t !== 'result' || frame.seq === undefined) return
          const now = performance.now()
          took.push(now - (sentAt.get(frame.seq) ?? now))
          sentAt.delete(frame.seq)
          if (frame.seq % 64 === 0) socket.send(JSON.stringify({ t: 'confirm', lane: 'normal', upTo: frame.seq }))
          if (now < end) post()
          else if (sentAt.size === 0) resolve()
        }
        for (let count = 0; count < options.inFlight; count += 1) post()
      })
    }
    const running = Array.from({ length: options.devices }, run)
    await pause(1000)
    took.length = 0
    const begun = performance.now()
    end = begun + options.seconds * 1000
    await Promise.all(running)
    const sorted = took.toSorted((a, b) => a - b)
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? 0
    return { perSecond: took.length / options.seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
  } finally {
    await server.stop()
  }
}
