import { CLOSE } from '../../../relay/protocol/close-codes.ts'
import { LIMITS } from '../../../relay/protocol/limits.ts'
import { createDevice } from '../../support/wire-client.ts'
import type { Case } from '../case.ts'
import { demand, demandEqual, demandThat, Where } from '../expecting.ts'
import { URGENT, type Evidence } from '../visitor.ts'

const CLOCK = new Where('a time', (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)))

/** Heartbeats a connection may be silent for (H2). */
const SILENT_HEARTBEATS = LIMITS.missedHeartbeats + 1

export const heartbeat: readonly Case[] = [
  {
    rules: ['H1'],
    says: 'ping is answered by pong with its nonce and the time of the server',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.send({ t: 'ping', nonce: 'heartbeat' })
      demand(await client.next('pong'), { nonce: 'heartbeat', serverTime: CLOCK, channels: {} })
    },
  },
  {
    rules: ['H1', 'H3'],
    says: 'pong names per channel the last offset written to this connection and the top of the store',
    async run(visitor) {
      const { client, grant } = await visitor.signedIn()
      client.send({ t: 'subscribe', channel: visitor.chat, credit: 1 })
      const { epoch, offset } = await client.next('snapshot')
      demand(await visitor.settled(client), { channels: { [visitor.chat]: { epoch, written: offset, top: offset } } })
      client.send(visitor.post('conformance heartbeat', { seq: 1, session: grant.session }))
      await client.next('event')
      const moved = { epoch, written: offset + 1, top: offset + 1 }
      demand(await visitor.settled(client), { channels: { [visitor.chat]: moved } })
    },
  },
  {
    rules: ['H2'],
    says: 'a connection that was silent for three heartbeats is closed with 4408, not sooner',
    waitsMs: SILENT_HEARTBEATS * LIMITS.maxHeartbeatMs,
    async run(visitor) {
      const waitsMs = SILENT_HEARTBEATS * LIMITS.maxHeartbeatMs + visitor.target.timeoutMs
      const client = visitor.connect({ timeoutMs: waitsMs })
      const { heartbeatMs } = await client.greet(await createDevice())
      const since = performance.now()
      demand(await client.closed(), { code: CLOSE.silent.code }, 'a close')
      const ms = Math.round(performance.now() - since)
      demandThat(ms >= LIMITS.missedHeartbeats * heartbeatMs, 'more than two heartbeats of patience', `${ms} ms`)
    },
  },
  {
    rules: ['H5'],
    says: 'a relay may say that it pings less often, up to every 30 s',
    async run(visitor) {
      const { client } = await visitor.greeted()
      client.send({ t: 'ping', nonce: 'less often', everyMs: LIMITS.maxHeartbeatMs })
      demand(await client.next('pong'), { nonce: 'less often' })
      client.send({ t: 'ping', nonce: 'too rarely', everyMs: LIMITS.maxHeartbeatMs + 1 })
      demand(await client.next('error'), { code: 'bad-frame' })
    },
  },
  {
    rules: ['H4'],
    says: 'a ping that names the last urgent event applied is the evidence that this device received it',
    async run(visitor) {
      const { client, device } = await visitor.greeted()
      client.send({ t: 'subscribe', channel: URGENT, credit: 4 })
      const before = await client.next('snapshot', (page) => page.last)
      const id = await visitor.raise({ title: 'conformance evidence' })
      const { epoch, offset } = await client.next('event', ({ cause }) => cause === id)
      client.send({ t: 'ping', nonce: 'not yet applied', urgent: { epoch, offset: before.offset } })
      await client.next('pong', ({ nonce }) => nonce === 'not yet applied')
      const early = await visitor.evidence(id)
      demandEqual(early.filter(isReceived(device.id)), [], 'evidence before it was named')
      client.send({ t: 'ping', nonce: 'is applied', urgent: { epoch, offset } })
      await client.next('pong', ({ nonce }) => nonce === 'is applied')
      // Evidence is no answer: it may be written a moment later.
      await visitor.until('evidence "received" of this device', async () => {
        const evidence = await visitor.evidence(id)
        return evidence.some(isReceived(device.id))
      })
    },
  },
]

function isReceived(device: string) {
  return (evidence: Evidence): boolean => evidence.device === device && evidence.kind === 'received'
}
