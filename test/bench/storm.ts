import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import type { TestDevice } from '../support/wire-client.ts'
import { pause } from './processes.ts'
import { RawWebSocket } from './raw-websocket.ts'

/** What a relay holds that reconnects: where it stood on the urgent channel and on one log. */
interface StormDevice {
  readonly device: TestDevice
  urgent: { epoch: string; offset: number; id: string | null } | null
}

export interface StormRow {
  readonly relays: number
  /** Seconds from the server's first answer after its kill until the p50, p99 and last relay was back at the top. */
  readonly p50: number
  readonly p99: number
  readonly last: number
  /** How often a relay was sent away with a delay. */
  readonly turnedAway: number
}

/**
 * Every relay lost its server at once and comes back by the product's own rules: full jitter of 1, 2, 4 … 30 s, or the delay
 * the server names. A relay counts as back when `alerts/urgent` is resumed from its cursor and stands at the top.
 */
export async function measureStorm(
  url: string,
  devices: readonly TestDevice[],
  server: {
    readonly kill: () => Promise<void>
    readonly restart: () => Promise<void>
    readonly missed: () => Promise<void>
  },
): Promise<StormRow> {
  const all: StormDevice[] = devices.map((device) => ({ device, urgent: null }))
  for (let index = 0; index < all.length; index += 200) {
    await Promise.all(all.slice(index, index + 200).map((each) => join(url, each)))
  }
  let turnedAway = 0
  const backAt: number[] = []
  await server.kill()
  const attempts = all.map(async (each) => {
    for (let attempt = 0; ; attempt += 1) {
      await pause(Math.random() * Math.min(30_000, 1000 * 2 ** attempt))
      for (;;) {
        const delay = await join(url, each).then(
          () => null,
          (outcome: unknown) => (typeof outcome === 'number' ? outcome : -1),
        )
        if (delay === null) return void backAt.push(performance.now())
        if (delay < 0) break
        turnedAway += 1
        await pause(delay)
      }
    }
  })
  await server.restart()
  const start = performance.now()
  await server.missed()
  await Promise.all(attempts)
  const seconds = backAt.map((at) => Math.max(0, at - start) / 1000).toSorted((a, b) => a - b)
  const at = (share: number): number => seconds[Math.min(seconds.length - 1, Math.floor(seconds.length * share))] ?? 0
  return { relays: devices.length, p50: at(0.5), p99: at(0.99), last: at(1), turnedAway }
}

/** Connects one relay up to "the urgent channel stands at its top". Rejects with the server's delay, or an error. */
function join(url: string, each: StormDevice): Promise<void> {
  return new Promise((resolve, reject) => {
    RawWebSocket.open(`${url.replace('http', 'ws')}/sync`, SUBPROTOCOL).then((socket) => {
      socket.onClose = () => reject(new Error('closed'))
      socket.onMessage = (payload) => {
        const frame = JSON.parse(payload.toString()) as Record<string, unknown> & { t: string }
        switch (frame.t) {
          case 'challenge':
            void each.device.prove(String(frame['nonce'])).then((proof) => {
              const outbox = { epoch: each.device.epoch, incarnation: null, oldest: { urgent: 1, normal: 1 } }
              const client = { kind: 'headless', build: 'bench' }
              socket.send(JSON.stringify({ t: 'hello', version: 1, proof, name: 'bench', client, outbox }))
            })
            return
          case 'welcome':
            socket.send(
              JSON.stringify({
                t: 'subscribe',
                channel: 'alerts/urgent',
                credit: 4,
                ...(each.urgent === null ? {} : { cursor: each.urgent }),
              }),
            )
            return
          case 'subscribed':
            if (frame['offset'] === frame['top']) resolve()
            return
          case 'snapshot':
            each.urgent = {
              epoch: String(frame['epoch']),
              offset: Number(frame['offset']),
              id: frame['id'] as string | null,
            }
            resolve()
            return
          case 'page':
          case 'event':
            resolve()
            return
          case 'bye':
            reject(Number(frame['retryAfterMs']))
            return
          default:
        }
      }
    }, reject)
  })
}
