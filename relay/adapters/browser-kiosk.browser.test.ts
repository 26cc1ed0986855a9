import { afterEach, expect, it } from 'vitest'
import { BRIDGE_LOCK, BUS_NAME, type BusMessage } from '../protocol/local.ts'
import { openKioskWindow } from './browser-kiosk.ts'

/** Main's end of one window: its words, and the bridges it opened. */
interface MainEnd {
  readonly port: MessagePort
  readonly words: unknown[]
  readonly bridges: MessagePort[]
  readonly notices: string[]
}

let opened: MainEnd[] = []
const heard: BusMessage[] = []
const ears = new BroadcastChannel(BUS_NAME)
ears.addEventListener('message', ({ data }) => heard.push(data as BusMessage))

// What a window leaves open it gives up with its ports; the lock is the next test's.
afterEach(async () => {
  for (const { port, bridges } of opened) for (const one of [port, ...bridges]) one.postMessage({ t: 'let-go' })
  opened = []
  heard.length = 0
  await expect
    .poll(async () => (await navigator.locks.query()).held?.filter(({ name }) => name === BRIDGE_LOCK))
    .toEqual([])
})

function openWindow(): MainEnd {
  const { port1, port2 } = new MessageChannel()
  const end: MainEnd = { port: port1, words: [], bridges: [], notices: [] }
  port1.addEventListener('message', ({ data, ports: [bridge] }: MessageEvent<unknown>) => {
    end.words.push(data)
    if (bridge !== undefined) end.bridges.push(bridge)
  })
  port1.start()
  openKioskWindow({ port: port2, unavailable: (code) => end.notices.push(code) }).start()
  opened.push(end)
  return end
}

const message = (seq: number): BusMessage => ({ bus: { epoch: 'life', seq }, body: { t: 'reviewed' } })

/** The bridge's own word on a message it was handed. */
function carry(bridge: MessagePort, one: BusMessage): Promise<unknown> {
  return new Promise((resolve) => {
    bridge.addEventListener('message', ({ data }) => resolve(data), { once: true })
    bridge.start()
    bridge.postMessage(one)
  })
}

it('[R44] one window of several is the bridge: it puts on the bus what it is handed, and confirms it', async () => {
  const [one, two] = [openWindow(), openWindow()]
  await expect.poll(() => one.bridges.length + two.bridges.length).toBe(1)
  const [bridge] = [...one.bridges, ...two.bridges]
  if (bridge === undefined) throw new Error('no bridge')
  expect(await carry(bridge, message(1))).toEqual({ t: 'carried', bus: { epoch: 'life', seq: 1 } })
  await expect.poll(() => heard).toEqual([message(1)])
})

it('[R44] the next window takes over when the bridge is given up', async () => {
  const [one, two] = [openWindow(), openWindow()]
  await expect.poll(() => one.bridges.length).toBe(1)
  one.bridges[0]?.postMessage({ t: 'let-go' })
  await expect.poll(() => two.bridges.length).toBe(1)
})

it('[R44] a window that is asked takes the lock from one that hangs, and its bridge works', async () => {
  const [one, two] = [openWindow(), openWindow()]
  await expect.poll(() => one.bridges.length).toBe(1)
  two.port.postMessage({ t: 'take-bridge' })
  await expect.poll(() => two.bridges.length).toBe(1)
  const [bridge] = two.bridges
  if (bridge === undefined) throw new Error('no bridge')
  expect(await carry(bridge, message(2))).toMatchObject({ t: 'carried' })
  // The one that lost it stands in line again.
  bridge.postMessage({ t: 'let-go' })
  await expect.poll(() => one.bridges.length).toBe(2)
})

it('answers whether it lives, and hears why there is no relay', async () => {
  const end = openWindow()
  end.port.postMessage({ t: 'ping' })
  end.port.postMessage({ t: 'unavailable', code: 'storage-busy', message: 'Another program has it open.' })
  await expect.poll(() => end.words).toContainEqual({ t: 'pong' })
  await expect.poll(() => end.notices).toEqual(['storage-busy'])
})
