import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CLOSE } from '../../relay/protocol/close-codes.ts'
import type { ClientFrameOf } from '../../relay/protocol/frames.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { createDevice, WireClient } from '../../test/support/wire-client.ts'
import { createTokens } from '../adapters/jose-tokens.ts'
import { DeviceLinks } from '../core/device-links.ts'
import { Hub } from '../core/hub.ts'
import { LiveHub } from '../core/live.ts'
import { Presence } from '../core/presence.ts'
import { Signals } from '../core/signals.ts'
import { createRules } from '../core/rules.ts'
import { domains } from '../domains.ts'
import type { Store } from '../ports/store.ts'
import type { Submission, SubmitResult } from '../ports/submission.ts'
import { MemoryDatabase } from '../testing/memory-database.ts'
import { MemoryStore } from '../testing/memory-store.ts'
import { WebSocketDoor } from './ends/web-socket-door.ts'
import { Gateway } from './gateway.ts'
import { eventBytes, frameBytes, joinBytes, type SharedBytes } from './shared-bytes.ts'
import { Ticks } from './writer.ts'

const NOW = '2026-11-20T06:00:00.000Z'

let http: Server
let gateway: Gateway
let url = ''
/** A command has come to the store. */
let arrived: PromiseWithResolvers<Submission>
/** Nothing is answered before this. */
let gate: PromiseWithResolvers<void>

beforeEach(async () => {
  const database = new MemoryDatabase({ rules: createRules(domains), now: () => NOW, uuid: uuidv4 })
  database.tables.areas.add('line-3')
  const store: Store = new MemoryStore(database, { later: (run) => void setImmediate(run) })
  arrived = Promise.withResolvers<Submission>()
  gate = Promise.withResolvers<void>()
  const submit = async (submission: Submission): Promise<SubmitResult> => {
    arrived.resolve(submission)
    await gate.promise
    return store.submit(submission)
  }
  const live = new LiveHub<SharedBytes>({ encode: frameBytes, join: joinBytes, schedule: () => {} })
  const wall = (): number => Date.parse(NOW)
  gateway = new Gateway({
    store,
    submit,
    hub: new Hub({
      encode: eventBytes,
      join: joinBytes,
      tops: [],
      ringSize: 4,
      schedule: () => {},
      behind: () => {},
      reloaded: () => {},
    }),
    live,
    presence: new Presence({ live, wall, iso: () => NOW, areas: [], startedAt: 0, leaseMs: 35_000 }),
    signals: new Signals({
      put: (channel, put, now) => live.put(channel, put, now),
      forget: (channel, key) => live.forget(channel, key),
      time: () => NOW,
    }),
    monotonic: () => performance.now(),
    tokens: await createTokens({ store, now: () => Date.parse(NOW), accessTokenMs: 60_000 }),
    links: new DeviceLinks(),
    log: pino({ level: 'silent' }),
    now: () => NOW,
    newDeviceAreas: ['*'],
    heartbeatMs: 10_000,
    ticks: new Ticks(),
    knownDevices: [],
    random: () => 0,
  })
  http = createServer()
  const guard = { belongsToDevice: () => {} }
  const door = new WebSocketDoor({ gateway, guard, say: () => {}, admit: () => null, sourceOf: () => 'here' })
  door.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
})
afterEach(async () => {
  await gateway.drain(() => 0)
  http.close()
})

async function sending(): Promise<WireClient> {
  const client = new WireClient(url)
  await client.greet(await createDevice())
  const command: ClientFrameOf<'command'> = {
    t: 'command',
    lane: 'urgent',
    seq: 1,
    id: uuidv7() as CommandId,
    type: 'alert.raise',
    data: { priority: 'P0', area: 'line-3', title: 'Fire' },
  }
  client.send(command)
  await arrived.promise
  return client
}

it('[V9] [L1] a command that is with the store when a drain begins gets its result before the close', async () => {
  const client = await sending()
  const drained = gateway.drain(() => 0)
  // A drain that did not wait would have said its word by now.
  for (let turns = 0; turns < 20; turns += 1) await turn()
  gate.resolve()
  expect(await client.nextOf(['result', 'bye'])).toMatchObject({ t: 'result', seq: 1, outcome: 'applied' })
  expect(await client.next('bye')).toMatchObject({ retryAfterMs: 0 })
  expect((await client.closed()).code).toBe(CLOSE.goingAway.code)
  await drained
})

it('[V9] a command that the store fails to answer is not waited for', async () => {
  const client = await sending()
  const drained = gateway.drain(() => 0)
  gate.reject(new Error('the store died'))
  expect((await client.closed()).code).toBe(CLOSE.internal.code)
  await drained
})
