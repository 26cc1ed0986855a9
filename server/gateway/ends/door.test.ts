import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { SocketOrigin } from './door.ts'

it('[V21] a known device has every socket that serves it from then on, and listens to none', () => {
  const told: Socket[] = []
  const guard = { belongsToDevice: (socket: Socket) => void told.push(socket) }
  const [opened, next, third] = [new Socket(), new Socket(), new Socket()] as const
  const origin = new SocketOrigin('here', 'poll', { guard, socket: opened })
  origin.servedBy(opened)
  origin.servedBy(next)
  expect(told).toEqual([])
  origin.belongsToDevice()
  origin.belongsToDevice()
  expect(told).toEqual([opened, next])
  for (const socket of [next, opened, third, third]) origin.servedBy(socket)
  expect(told).toEqual([opened, next, third])
  const listeners = [opened, next, third].map((socket) => socket.listenerCount('close'))
  expect(listeners).toEqual(listeners.map(() => new Socket().listenerCount('close')))
})
