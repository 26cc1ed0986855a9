/** What every obstacle between a relay and its server has to leave as it is: the promises of the wire. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import type { Way } from '../../relay/protocol/ways.ts'
import { freePort, startServer, type Program } from './processes.ts'
import { WatchedDevice } from './watched-device.ts'

/** A shorter one than people set, so that a dead link is found in seconds. */
const HEARTBEAT_MS = 1_000

/** Registers the hooks of a test file: a server, a device that nothing stands in front of, and others. */
export function useCourse() {
  let root = ''
  let server: Program | null = null
  const opened: WatchedDevice[] = []
  const closing: (() => Promise<void>)[] = []
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'andon-obstacle-'))
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((device) => device.close()))
    await Promise.all(closing.splice(0).map((close) => close()))
    await server?.kill()
    await rm(root, { recursive: true, force: true })
  })

  async function open(name: string, url: string): Promise<WatchedDevice> {
    const device = new WatchedDevice()
    opened.push(device)
    return device.open(name, url, root)
  }

  /** The server, and a device beside the obstacle, which is live. */
  async function start(heartbeatMs = HEARTBEAT_MS): Promise<{ port: number; direct: WatchedDevice }> {
    const port = await freePort()
    const extra = ['--heartbeat-ms', String(heartbeatMs)]
    const started = await startServer(join(root, 'server'), port, { extra })
    server = started.program
    const direct = await open('direct', started.url)
    await direct.until(() => direct.liveBy === 'ws')
    return { port, direct }
  }

  return { root: () => root, open, start, atEnd: (close: () => Promise<void>) => void closing.push(close) }
}

export function refsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `r${index + 1}`)
}

/** The device comes to its way, sends everything once and in order, hears a P0 of somebody else, and has no gap. */
export async function keepPromises(
  { device, direct }: { readonly device: WatchedDevice; readonly direct: WatchedDevice },
  { way, reason, refs }: { readonly way: Way; readonly reason: string | null; readonly refs: readonly string[] },
): Promise<void> {
  await device.until(() => device.liveBy === way)
  expect(device.why).toBe(reason)
  direct.raise('urgent')
  await device.until(() => device.heard.includes('urgent'))
  await device.until(() => device.applied.length >= refs.length)
  expect(device.applied).toEqual(refs)
  for (const each of [direct, device]) {
    await each.until(() => each.heard.length >= refs.length + 1)
    expect(each.heard.filter((title) => title !== 'urgent')).toEqual(refs)
  }
}

/** Back on the WebSocket once the obstacle is gone; what it sends then comes through as before. Gives the states it was in meanwhile. */
export async function comeBack(device: WatchedDevice, lift: () => void): Promise<ReadonlySet<string>> {
  await device.until(() => device.liveBy !== null)
  lift()
  const sent = device.applied.length
  // A link is replaced at once where the network may be another one (R6); what is told after that is of the move.
  device.hint('online')
  await device.until(() => device.liveBy !== null)
  const since = device.seen.length
  await device.until(() => device.liveBy === 'ws')
  const states = device.seen.slice(since).flatMap((each) => (each.kind === 'status' ? [each.status.state] : []))
  expect(device.why).toBe(null)
  device.raise('after')
  await device.until(() => device.applied.length > sent)
  expect(device.applied.slice(sent)).toEqual(['after'])
  return new Set(states)
}
