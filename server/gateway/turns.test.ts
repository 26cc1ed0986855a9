import { expect, it } from 'vitest'
import type { ClientFrame } from '../../relay/protocol/frames.ts'
import type { CommandId } from '../../relay/protocol/ids.ts'
import { Turns } from './turns.ts'

/** Each frame is known by its nonce; one that starts with `slow` is worked off when it is told. */
function world() {
  const said: string[] = []
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const turns = new Turns({
    handle: (frame) => {
      const name = nameOf(frame)
      said.push(name)
      if (name.startsWith('bad')) throw new Error(name)
      if (!name.startsWith('slow')) return undefined
      const gate = Promise.withResolvers<void>()
      gates.set(name, gate)
      return gate.promise
    },
    frameFailed: (frame) => said.push(`failed ${nameOf(frame)}`),
    crowded: (isCrowded) => said.push(isCrowded ? 'crowded' : 'room'),
  })
  const take = (...names: string[]): void => {
    for (const nonce of names) turns.take({ t: 'ping', nonce })
  }
  return { said, turns, take, gate: (name: string) => gates.get(name) }
}

function nameOf(frame: ClientFrame): string {
  return frame.t === 'ping' ? frame.nonce : frame.t
}

it('[V3] a frame that nothing waits for is worked off where it is; what is behind a slow one comes behind it, in order', async () => {
  const { said, turns, take, gate } = world()
  take('a', 'slow 1', 'b', 'slow 2', 'c')
  expect(said).toEqual(['a', 'slow 1'])
  gate('slow 1')?.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  expect(said).toEqual(['a', 'slow 1', 'b', 'slow 2'])
  gate('slow 2')?.resolve()
  await turns.idle()
  take('d')
  expect(said).toEqual(['a', 'slow 1', 'b', 'slow 2', 'c', 'd'])
})

it('[V3] what fails at once or later is said, and holds up nobody', async () => {
  const { said, turns, take, gate } = world()
  take('bad 1', 'slow', 'bad 2', 'a')
  gate('slow')?.reject(new Error('slow'))
  await turns.idle()
  expect(said).toEqual(['bad 1', 'failed bad 1', 'slow', 'failed slow', 'bad 2', 'failed bad 2', 'a'])
})

it('[V4] says when more wait than may, and when there is room again, once each', async () => {
  const { said, turns, take, gate } = world()
  take('slow')
  take(...Array.from({ length: 300 }, (_, at) => `${at}`))
  expect(said.filter((each) => each === 'crowded')).toHaveLength(1)
  gate('slow')?.resolve()
  await turns.idle()
  expect(said.filter((each) => each === 'room')).toHaveLength(1)
  expect(said.filter((each) => /^\d+$/.test(each))).toEqual(Array.from({ length: 300 }, (_, at) => `${at}`))
})

/** `auth` and `subscribe` are worked off when they are told; everything else at once. */
function slowFrames() {
  const said: string[] = []
  const gates: PromiseWithResolvers<void>[] = []
  const turns = new Turns({
    handle: (frame) => {
      said.push('seq' in frame ? `${frame.lane} ${frame.seq}` : frame.t)
      if (frame.t !== 'hello' && frame.t !== 'auth' && frame.t !== 'subscribe') return undefined
      const gate = Promise.withResolvers<void>()
      gates.push(gate)
      return gate.promise
    },
    frameFailed: (_frame, cause) => {
      throw cause
    },
    crowded: () => {},
  })
  const open = async (): Promise<void> => {
    gates.shift()?.resolve()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { said, turns, open }
}

const COMMAND = { t: 'command', id: 'c' as CommandId, type: 'any', data: {} } as const
const alert = (seq: number): ClientFrame => ({ ...COMMAND, lane: 'urgent', seq })
const chat = (seq: number): ClientFrame => ({ ...COMMAND, lane: 'normal', seq })
const AUTH: ClientFrame = { t: 'auth', token: 'token', generation: 1 }
const SUBSCRIBE: ClientFrame = { t: 'subscribe', channel: 'alerts/urgent', credit: 1 }
const PING: ClientFrame = { t: 'ping', nonce: 'still-here' }

it('[W7] what is of the urgent lane waits for no auth, and what needs the person does', async () => {
  const { said, turns, open } = slowFrames()
  for (const frame of [AUTH, SUBSCRIBE, alert(1), chat(1), PING, alert(2)]) turns.take(frame)
  turns.take({ t: 'confirm', lane: 'urgent', upTo: 1 })
  expect(said).toEqual(['auth', 'urgent 1', 'urgent 2', 'confirm'])
  await open()
  // The heartbeat does not wait for a subscription that has to.
  expect(said.slice(4)).toEqual(['subscribe', 'ping'])
  await open()
  expect(said.slice(6)).toEqual(['normal 1'])
})

it('[W1] [W7] alerts that came while the device was greeted keep their order with those that come behind an auth', async () => {
  const { said, turns, open } = slowFrames()
  const hello = { t: 'hello' } as ClientFrame
  for (const frame of [hello, AUTH, alert(1), alert(2)]) turns.take(frame)
  expect(said).toEqual(['hello'])
  await open()
  turns.take(alert(3))
  expect(said).toEqual(['hello', 'auth', 'urgent 1', 'urgent 2', 'urgent 3'])
})
