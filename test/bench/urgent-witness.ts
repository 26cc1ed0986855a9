/**
 * Devices that read alerts and nothing else, in a thread that does nothing else. What the load generator reads late, because it
 * reads all there is on one thread, these read when it comes: their times are the server's and the system's.
 */
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { connectStranger } from './andon-floor.ts'

/** So many more join; or all are asked what they saw. */
type Order = { readonly kind: 'join'; readonly url: string; readonly count: number } | { readonly kind: 'report' }
/** Of each device when each alert came, by `systemMs`. */
type Seen = readonly (readonly number[])[]

/** Milliseconds of a clock that all threads of this machine share. */
export function systemMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

export class UrgentWitness {
  readonly #worker = new Worker(new URL(import.meta.url))

  /** Resolves when they are subscribed. */
  async join(url: string, count: number): Promise<void> {
    await this.#ask({ kind: 'join', url, count })
  }

  seen(): Promise<Seen> {
    return this.#ask({ kind: 'report' })
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }

  #ask(order: Order): Promise<Seen> {
    return new Promise((resolve, reject) => {
      this.#worker.once('error', reject)
      this.#worker.once('message', (seen) => resolve(seen as Seen))
      this.#worker.postMessage(order)
    })
  }
}

async function watch(url: string, times: number[]): Promise<void> {
  const socket = await connectStranger(url)
  await new Promise<void>((resolve) => {
    socket.onMessage = (payload) => {
      const at = systemMs()
      const { t } = JSON.parse(payload.toString()) as { readonly t: string }
      if (t === 'event') times.push(at)
      else if (t === 'snapshot') resolve()
    }
    socket.send(JSON.stringify({ t: 'subscribe', channel: 'alerts/urgent', credit: 4 }))
  })
}

const seen: number[][] = []

async function carryOut(order: Order): Promise<void> {
  if (order.kind === 'join') {
    const own = Array.from({ length: order.count }, (): number[] => [])
    seen.push(...own)
    await Promise.all(own.map((times) => watch(order.url, times)))
  }
  parentPort?.postMessage(seen)
}

// What fails here ends the thread, and whoever asked is told.
if (!isMainThread) parentPort?.on('message', (order: Order) => void carryOut(order))
