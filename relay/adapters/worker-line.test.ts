import { expect, it } from 'vitest'
import { VirtualClock } from '../testing/virtual-clock.ts'
import { WorkerLine } from './worker-line.ts'
import type { PortMessage } from '../protocol/local.ts'

/** The page's end of a port, with the worker's in the hand of the test. */
class FakePort extends EventTarget {
  readonly said: unknown[] = []
  isClosed = false
  postMessage(message: unknown): void {
    this.said.push(message)
  }
  start(): void {}
  close(): void {
    this.isClosed = true
  }
  says(data: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
}

function page() {
  const clock = new VirtualClock()
  const ports: FakePort[] = []
  const told: string[] = []
  const waiting = new Map<string, () => void>()
  const line = new WorkerLine({
    connect() {
      const port = new FakePort()
      ports.push(port)
      return port as unknown as MessagePort
    },
    locks: {
      request: (name: string, options: LockOptions, granted: () => void) => {
        expect(options).toEqual({ mode: 'shared' })
        waiting.set(name, granted)
        return Promise.resolve()
      },
    } as unknown as LockManager,
    clock,
    unavailable: (code) => told.push(code),
    lost: () => told.push('lost'),
    replaced: () => told.push('replaced'),
  })
  /** The worker of that lock dies: who queues for it gets it. */
  const die = (lock: string): void => waiting.get(lock)?.()
  return { clock, ports, told, line, die, port: (at: number) => ports[at] ?? new FakePort() }
}

const alive = (lock: string) => ({ t: 'alive', lock })

it('[R48] a worker that ends is followed by another one, which is told who is here', async () => {
  const { clock, ports, told, line, die, port } = page()
  const heard: PortMessage[] = []
  line.listen((message) => heard.push(message))
  port(0).says(alive('a'))
  port(0).says({ t: 'top' })
  await clock.advance(60_000)
  die('a')
  await clock.advance(0)
  expect([told, ports.length, port(0).isClosed]).toEqual([['lost', 'replaced'], 2, true])
  line.post({ t: 'open' })
  port(0).says({ t: 'top' })
  port(1).says({ t: 'view' })
  expect([port(1).said, heard]).toEqual([[{ t: 'open' }], [{ t: 'top' }, { t: 'view' }]])
})

it('[R48] one that lived for a few seconds is followed after a pause', async () => {
  const { clock, ports, told, die, port } = page()
  port(0).says(alive('a'))
  await clock.advance(2_000)
  die('a')
  await clock.advance(4_999)
  expect([told, ports.length]).toEqual([['lost'], 1])
  await clock.advance(1)
  expect([told, ports.length]).toEqual([['lost', 'replaced'], 2])
})

it('[R48] one that was just ending when it was asked, and says nothing, is followed as well; one that speaks is not', async () => {
  const { clock, ports, die, port } = page()
  port(0).says(alive('a'))
  await clock.advance(60_000)
  die('a')
  await clock.advance(0)
  await clock.advance(10_000)
  await clock.advance(5_000)
  expect([ports.length, port(1).isClosed]).toEqual([3, true])
  port(2).says(alive('b'))
  await clock.advance(600_000)
  die('a') // again: nobody waits for it any more
  expect(ports.length).toBe(3)
})

it('a page that leaves starts none; a worker that never says how it lives is left alone', async () => {
  const { clock, ports, told, line, die, port } = page()
  await clock.advance(600_000)
  port(0).says({ t: 'unavailable', code: 'in-use', message: '' })
  port(0).says(alive('a'))
  line.close()
  die('a')
  await clock.advance(600_000)
  expect([ports.length, told]).toEqual([1, ['in-use']])
})
