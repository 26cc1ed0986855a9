// Real SharedWorkers of two builds, one real browser profile; there is no Andon server, so the device is offline throughout.
import { expect, it } from 'vitest'
import { BUS_NAME, nameAt, type BusMessage, type PortMessage, type RelayView } from '../protocol/local.ts'
import type { WorkerNotice } from './window-seat.ts'

type Heard = PortMessage | WorkerNotice

/** A window of one build: its port, and what it heard there. */
class TestWindow {
  readonly heard: Heard[] = []
  readonly #port: MessagePort
  readonly #waiting = new Set<() => void>()
  #free: () => void = () => undefined

  constructor(build: string) {
    // Apart from the constructor, where Vite would want both arguments to be literals.
    const entry = new URL('./shared-worker-entry.fixture.ts', import.meta.url)
    const worker = new SharedWorker(entry, { type: 'module', name: build })
    this.#port = worker.port
    this.#port.addEventListener('message', ({ data }: MessageEvent<Heard>) => {
      this.heard.push(data)
      for (const resolve of this.#waiting) resolve()
      this.#waiting.clear()
    })
    this.#port.start()
  }

  say(message: unknown): void {
    this.#port.postMessage(message)
  }

  /** Takes a lock of its own and names it, as a window does first. */
  async lock(name: string): Promise<void> {
    await new Promise<void>((held) => {
      void navigator.locks.request(name, () => {
        held()
        return new Promise<void>((free) => (this.#free = free))
      })
    })
    this.say({ t: 'lock', name })
  }

  /** Dies without a word. */
  die(): void {
    this.#free()
  }

  async until<T extends Heard>(fits: (message: Heard) => message is T): Promise<T> {
    for (;;) {
      const message = this.heard.find(fits)
      if (message !== undefined) return message
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  async view(): Promise<RelayView> {
    return (await this.until((message) => message.t === 'view')).view
  }
}

const ALERT = { priority: 'P0', area: 'line-3', title: 'Fire in line 3' }
const raise = (id: string) => ({ t: 'command', ref: id, id, type: 'alert.raise', data: ALERT })
const FIRST = '01990000-0000-7000-8000-00000000000a'
const SECOND = '01990000-0000-7000-8000-00000000000b'

it('serves every window of the browser, offline too, and hands the outbox over to a newer build [P1]', async () => {
  const bus: BusMessage[] = []
  const channel = new BroadcastChannel(BUS_NAME)
  channel.addEventListener('message', ({ data }: MessageEvent<BusMessage>) => bus.push(data))

  // One relay for both windows: what one commands, the other sees.
  const one = new TestWindow('1')
  await one.lock('andon-window:one')
  one.say({ t: 'open', shows: [] })
  one.say(raise(FIRST)) // long before the relay is ready
  expect((await one.view()).build).toBe('1')
  expect(await one.until((message) => message.t === 'reply')).toEqual({ t: 'reply', ref: FIRST, ok: true })
  const two = new TestWindow('1')
  two.say({ t: 'open', shows: [] })
  expect((await two.view()).pending).toMatchObject([{ id: FIRST, saved: true }])
  expect(bus.some(({ body }) => body.t === 'pending' && body.command.id === FIRST)).toBe(true)

  // A newer build: the older one steps down and says so; nothing that was saved is lost.
  const newer = new TestWindow('2')
  newer.say({ t: 'open', shows: [] })
  const view = await newer.view()
  expect(view.build).toBe('2')
  expect(view.pending).toMatchObject([{ id: FIRST, saved: true }])
  const notice = await one.until((message) => message.t === 'unavailable')
  expect(notice).toMatchObject({ code: 'newer-build', message: expect.stringContaining('Reload') as string })

  // A window of the older build that opens now is told, and what it says waits.
  const late = new TestWindow('1')
  late.say({ t: 'open', shows: [] })
  expect(await late.until((message) => message.t === 'unavailable')).toMatchObject({ code: 'newer-build' })

  newer.say(raise(SECOND))
  expect(await newer.until((message) => message.t === 'reply')).toMatchObject({ ref: SECOND, ok: true })
  one.die()
  channel.close()
})

it('[R70] floors below two paths of one origin have each their relay, device, outbox and bus', async () => {
  const bus: BusMessage[] = []
  const channel = new BroadcastChannel(nameAt('/hall/', BUS_NAME))
  channel.addEventListener('message', ({ data }: MessageEvent<BusMessage>) => bus.push(data))
  const [hall, yard] = [new TestWindow('1@/hall/'), new TestWindow('1@/yard/')]
  for (const window of [hall, yard]) window.say({ t: 'open', shows: [] })
  // What the floor at the root has saved, above, is none of theirs.
  for (const window of [hall, yard]) expect((await window.view()).pending).toEqual([])
  const names = (await indexedDB.databases()).map(({ name }) => name)
  for (const path of ['', '/hall', '/yard'])
    expect(names).toEqual(expect.arrayContaining([`andon-identity${path}`, `andon-relay${path}`]))
  yard.say(raise(SECOND))
  expect(await yard.until((message) => message.t === 'reply')).toMatchObject({ ref: SECOND, ok: true })
  hall.say(raise(FIRST))
  expect(await hall.until((message) => message.t === 'reply')).toMatchObject({ ref: FIRST, ok: true })
  await expect.poll(() => bus.map(({ body }) => body.t === 'pending' && body.command.id)).toContain(FIRST)
  expect(bus.some(({ body }) => body.t === 'pending' && body.command.id === SECOND)).toBe(false)
  channel.close()
})

it('[R70] at the root every name is the one under which devices have kept their data from the beginning', () => {
  expect(nameAt('/', 'andon-relay')).toBe('andon-relay')
  expect(nameAt('/hall/', 'andon-relay')).toBe('andon-relay/hall')
  expect(nameAt('/hall/3/', 'andon-relay')).toBe('andon-relay/hall/3')
})
