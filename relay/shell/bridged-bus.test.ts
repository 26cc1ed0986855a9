import { describe, expect, it } from 'vitest'
import { newFeed, stepFeed } from '../domain/feed.ts'
import type { BusMessage, HostWord, PortMessage, RelayView } from '../protocol/local.ts'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { BridgedBus } from './bridged-bus.ts'

const message = (seq: number): BusMessage => ({ bus: { epoch: 'life', seq }, body: { t: 'reviewed' } })

class Bench {
  readonly clock = new VirtualClock()
  readonly logged: string[] = []
  readonly bus = new BridgedBus({ clock: this.clock, log: (_level, event) => this.logged.push(event) })

  window() {
    const heard: (PortMessage | HostWord)[] = []
    const member = this.bus.join((word) => heard.push(word))
    return { heard, member, copies: () => heard.flatMap((word) => (word.t === 'copy' ? [word.message.bus.seq] : [])) }
  }

  bridge(member: ReturnType<BridgedBus['join']>) {
    const carried: number[] = []
    const port = { isOpen: true }
    const end = member.bridgeOpened({
      post: (one) => 't' in one || carried.push(one.bus.seq),
      close: () => (port.isOpen = false),
    })
    return {
      carried,
      port,
      ...end,
      confirm: (seq: number) => end.received({ t: 'carried', bus: { epoch: 'life', seq } }),
    }
  }
}

describe('the bridged bus', () => {
  it('[R44] gives a bridge that says nothing for a second up, closes its port and has the lock stolen', async () => {
    const bench = new Bench()
    const [one, two] = [bench.window(), bench.window()]
    const bridge = bench.bridge(one.member)
    bench.bus.post(message(1))
    bridge.confirm(1)
    await bench.clock.advance(5_000)
    expect(bridge.port.isOpen).toBe(true)
    bench.bus.post(message(2))
    await bench.clock.advance(1_000)
    expect(bridge.port.isOpen).toBe(false)
    expect(bench.logged).toContain('bridge-given-up')
    expect([one.copies(), two.copies()]).toEqual([[2], [2]])
    expect(two.heard.at(-1)).toEqual({ t: 'take-bridge' })
  })

  it('[R44] hands over to the newest bridge what its predecessor has not confirmed', () => {
    const bench = new Bench()
    const [one, two] = [bench.window(), bench.window()]
    const first = bench.bridge(one.member)
    bench.bus.post(message(1))
    bench.bus.post(message(2))
    first.confirm(1)
    const second = bench.bridge(two.member)
    expect([first.port.isOpen, second.carried]).toEqual([false, [2]])
    bench.bus.post(message(3))
    expect([first.carried, second.carried]).toEqual([
      [1, 2],
      [2, 3],
    ])
  })

  it('[R29] takes nothing from a bridge but receipts, and nothing from one that was given up', async () => {
    const bench = new Bench()
    const bridge = bench.bridge(bench.window().member)
    bench.bus.post(message(1))
    for (const nonsense of [null, 'carried', { t: 'carried' }, { t: 'carried', bus: { epoch: 1, seq: 1 } }]) {
      bridge.received(nonsense)
    }
    expect(bench.logged.filter((event) => event === 'bridge-message-ignored')).toHaveLength(4)
    await bench.clock.advance(1_000)
    bridge.confirm(1)
    bridge.closed()
    expect(bench.logged).toContain('bridge-given-up')
  })

  it('[R44] a window that hears bus and ports in any order comes to the same', () => {
    const view = { bus: { epoch: 'life', seq: 0 }, channels: [], pending: [], rejected: [] } as unknown as RelayView
    let { feed } = stepFeed(newFeed(), { kind: 'viewReceived', view }, 0)
    const inputs = [
      { kind: 'copyReceived', message: message(2) },
      { kind: 'copyReceived', message: message(1) },
      { kind: 'busReceived', message: message(1) },
      { kind: 'copyReceived', message: message(3) },
      { kind: 'busReceived', message: message(2) },
    ] as const
    for (const input of inputs) ({ feed } = stepFeed(feed, input, 0))
    expect(feed.position).toEqual({ epoch: 'life', seq: 3 })
  })
})
