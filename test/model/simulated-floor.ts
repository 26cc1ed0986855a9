import { afterEach, beforeEach } from 'vitest'
import type { Message } from '../../relay/protocol/binary.ts'
import { decodeServerFrame, encodeFrame } from '../../relay/protocol/codec.ts'
import type { ClientFrame, ClientFrameOf, ServerFrame } from '../../relay/protocol/frames.ts'
import type { OutboxEpoch } from '../../relay/protocol/ids.ts'
import { seededRandom } from '../../relay/testing/seeded-random.ts'
import { Link } from './simulated-network.ts'
import { SimulatedServer } from './simulated-server.ts'
import { SimulatedTime } from './simulated-time.ts'
import { useTimersOf } from './world.ts'

/** One link by hand, with everything that came by it. */
export interface Wire {
  readonly link: Link
  readonly heard: readonly ServerFrame[]
  /** The code that it was closed with. */
  readonly closed: readonly number[]
  readonly send: (frame: ClientFrame) => void
  /** What came, by its kinds. */
  readonly kinds: () => readonly string[]
}

/** Registers the hooks of a test file: a server for each test, to which everything takes a millisecond of its own time. */
export function useSimulatedFloor() {
  let time: SimulatedTime
  let server: SimulatedServer
  let release: () => void
  beforeEach(() => {
    time = new SimulatedTime()
    release = useTimersOf(time)
    const random = seededRandom(1)
    const ignored = (): void => undefined
    const settings = { accessTokenMs: 60_000, sessionMs: 60_000, ringSize: 2 }
    const uuid = (): string => random.uuid()
    server = new SimulatedServer({ time, uuid, latency: () => 1, decided: ignored, failed: ignored, ...settings })
    server.start()
  })
  afterEach(() => release())

  /** A link that is challenged and has not greeted. */
  async function dial(): Promise<Wire> {
    const closed: number[] = []
    const heard: ServerFrame[] = []
    const events = { opened: () => {}, received: () => {}, closed: (code: number) => void closed.push(code) }
    const hear = (message: Message): void => {
      const frame = decodeServerFrame(message)
      if (frame.ok) heard.push(frame.value)
    }
    const link = new Link({ time, latency: () => 1, events, sent: () => {}, heard: hear })
    server.accept(link)
    const relay = link.handle()
    await time.advance(5)
    return {
      link,
      heard,
      closed,
      send: (frame) => relay.send(encodeFrame(frame)),
      kinds: () => heard.map(({ t }) => t),
    }
  }

  return { time: () => time, server: () => server, dial }
}

/** As a device of this name greets a simulated server, which believes it. */
export function hello(device: string, over: Partial<ClientFrameOf<'hello'>> = {}): ClientFrameOf<'hello'> {
  return {
    t: 'hello',
    version: 1,
    proof: device,
    name: 'Terminal',
    client: { kind: 'headless', build: 'test' },
    outbox: {
      epoch: '00000000-0000-4000-8000-000000000001' as OutboxEpoch,
      incarnation: null,
      oldest: { urgent: 1, normal: 1 },
    },
    ...over,
  }
}
