import { expect, it } from 'vitest'
import { settle } from '../testing/virtual-clock.ts'
import { SocketPair } from '../testing/socket-pair.ts'
import { lazyWay } from './lazy-way.ts'
import type { WayPort } from '../ports.ts'

function opened(load: (pair: SocketPair) => Promise<WayPort>) {
  const pair = new SocketPair()
  const said: string[] = []
  const handle = lazyWay(() => load(pair)).open('http://server.test', {
    opened: () => said.push('opened'),
    received: (message) => said.push(String(message)),
    closed: (code, reason) => said.push(`closed ${code} ${reason}`),
  })
  return { pair, said, handle }
}
const port = (pair: SocketPair): WayPort => ({ open: (url, events) => pair.open(url, 'poll', events) })

it('is the way itself once its code is there', async () => {
  const { pair, said, handle } = opened(async (sockets) => port(sockets))
  handle.send('too early')
  await settle()
  pair.wire.open()
  pair.wire.sendRaw('{"t":"x"}')
  pair.wire.flushDown()
  handle.send('{"t":"bye","reason":"stopping"}')
  expect(pair.wire.flushUp()).toEqual([{ t: 'bye', reason: 'stopping' }])
  handle.close(1000, 'enough')
  expect(said).toEqual(['opened', '{"t":"x"}', 'closed 1000 enough'])
})

it('says closed, once, when its code does not come, or it is closed before that', async () => {
  const broken = opened(() => Promise.reject(new Error('gone')))
  expect(broken.said).toEqual([])
  await settle()
  expect(broken.said).toEqual(['closed 1006 not loaded: Error: gone'])
  const closed = opened(async (sockets) => port(sockets))
  closed.handle.close(1000, 'changed my mind')
  expect(closed.said).toEqual([])
  await settle()
  expect([closed.said, closed.pair.wires]).toEqual([['closed 1006 changed my mind'], []])
})
