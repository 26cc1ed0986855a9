import { expect, it } from 'vitest'
import type { NoticeAvailability } from '../../relay/protocol/notices.ts'
import { RELAY_PORT_WORD, relayPortOf, type KioskHost } from './kiosk-host.ts'
import { kioskNotifierStatus } from './kiosk-notifier.ts'

function host(over: Partial<KioskHost> = {}): KioskHost {
  return {
    connect: () => Promise.resolve(),
    noticeAvailability: () => Promise.resolve('no-daemon'),
    watchNoticeAvailability: () => () => {},
    isInSight: () => Promise.resolve(true),
    watchSight: () => () => {},
    alertPressed: () => () => {},
    ...over,
  }
}

it('the port to the relay is the one that comes with its word, from this window', async () => {
  const { port1, port2 } = new MessageChannel()
  const other = new MessageChannel()
  const connect = (): Promise<void> => {
    window.postMessage('something else', location.origin, [other.port2])
    window.postMessage(RELAY_PORT_WORD, location.origin)
    window.postMessage(RELAY_PORT_WORD, location.origin, [port2])
    return Promise.resolve()
  }
  const port = await relayPortOf(host({ connect }))
  const heard = new Promise((resolve) => port1.addEventListener('message', ({ data }) => resolve(data)))
  port1.start()
  port.postMessage('here')
  expect(await heard).toBe('here')
})

it('a refusal of main is not waited for', async () => {
  const connect = (): Promise<void> => Promise.reject(new Error('forbidden: no'))
  await expect(relayPortOf(host({ connect }))).rejects.toThrow('forbidden')
})

it('a window knows how native notifications stand, and asks nobody', async () => {
  let tell: (availability: NoticeAvailability) => void = () => {}
  const status = kioskNotifierStatus(
    host({ watchNoticeAvailability: (changed) => ((tell = changed), () => {}) }),
    'no-daemon',
  )
  const heard: NoticeAvailability[] = []
  const release = status.watch((availability) => heard.push(availability))
  expect([status.availability, await status.ask()]).toEqual(['no-daemon', 'no-daemon'])
  tell('available')
  release()
  tell('denied')
  expect(heard).toEqual(['available'])
  expect(status.availability).toBe('denied')
})
