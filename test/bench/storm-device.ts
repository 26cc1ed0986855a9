import { SUBPROTOCOL } from '../../relay/protocol/version.ts'
import type { TestDevice } from '../support/wire-client.ts'
import { RawWebSocket } from './raw-websocket.ts'

/** What a relay holds that reconnects: its key, and where it stood on the urgent channel. */
export interface StormDevice {
  readonly device: TestDevice
  urgent: { readonly epoch: string; readonly offset: number; readonly id: string | null } | null
}

/** The server asked this relay to come back later. */
export class SentAway extends Error {
  readonly retryAfterMs: number

  constructor(retryAfterMs: number) {
    super(`come back in ${retryAfterMs} ms`)
    this.retryAfterMs = retryAfterMs
  }
}

/** Connects one relay up to "the urgent channel stands at its top". Rejects with `SentAway`, or any other error. */
export function joinUrgent(url: string, each: StormDevice): Promise<void> {
  return new Promise((resolve, reject) => {
    RawWebSocket.open(`${url.replace('http', 'ws')}/sync`, SUBPROTOCOL).then((socket) => {
      socket.onClose = () => reject(new Error('closed'))
      socket.onMessage = (payload) => {
        const frame = JSON.parse(payload.toString()) as Record<string, unknown> & { t: string }
        switch (frame.t) {
          case 'challenge':
            return void greet(socket, each.device, String(frame['nonce']))
          case 'welcome':
            return socket.send(
              JSON.stringify({
                t: 'subscribe',
                channel: 'alerts/urgent',
                credit: 4,
                ...(each.urgent === null ? {} : { cursor: each.urgent }),
              }),
            )
          case 'subscribed':
            if (frame['offset'] === frame['top']) resolve()
            return
          case 'snapshot':
            each.urgent = {
              epoch: String(frame['epoch']),
              offset: Number(frame['offset']),
              id: frame['id'] as string | null,
            }
            return resolve()
          case 'page':
          case 'event':
            return resolve()
          case 'bye':
            return reject(new SentAway(Number(frame['retryAfterMs'])))
          default:
        }
      }
    }, reject)
  })
}

async function greet(socket: RawWebSocket, device: TestDevice, nonce: string): Promise<void> {
  const proof = await device.prove(nonce)
  const outbox = { epoch: device.epoch, incarnation: null, oldest: { urgent: 1, normal: 1 } }
  const client = { kind: 'headless', build: 'bench' }
  socket.send(JSON.stringify({ t: 'hello', version: 1, proof, name: 'bench', client, outbox }))
}
