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
/** Of messages that are posted over a while. */
const POSTS_AT_ONCE = 10
const P0_TIMES = 5

/** Registers the hooks of a test file: a server, a device that nothing stands in front of, and others. */
export function useCourse() {
  let root = ''
  let server: Program | null = null
  const opened: WatchedDevice[] = []
  const closing: (() => Promise<void>)[] = []
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'andon-obstacle-'))
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') for (const device of opened) process.stdout.write(`${device.story}\n`)
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

interface Both {
  readonly device: WatchedDevice
  readonly direct: WatchedDevice
}

/** Kim on both; what the device posts from then on, some of it every so many milliseconds, or all of it at once (0). */
export async function postAll({ device, direct }: Both, refs: readonly string[], everyMs = 0): Promise<void> {
  await Promise.all([device.signIn(), direct.signIn()])
  const left = [...refs]
  const post = () => {
    for (const ref of left.splice(0, everyMs === 0 ? refs.length : POSTS_AT_ONCE)) device.post(ref)
    if (left.length > 0) setTimeout(post, everyMs).unref()
  }
  post()
}

/**
 * The device comes to its way, sends everything once and in order, hears a P0 of somebody else, and has no gap. How long a P0
 * took is printed: machines are too different to assert it.
 */
export async function keepPromises(
  { device, direct }: Both,
  { way, reason, refs }: { readonly way: Way; readonly reason: string | null; readonly refs: readonly string[] },
): Promise<void> {
  await device.until(() => device.liveBy === way)
  expect(device.why).toBe(reason)
  const busyMs = await urgentMs(direct, device, 'P0 in the middle')
  await device.until(() => device.applied.length >= refs.length)
  expect(device.applied).toEqual(refs)
  for (const each of [direct, device]) {
    await each.until(() => each.messages.length >= refs.length)
    expect(each.messages).toEqual(refs)
  }
  const down: number[] = []
  const up: number[] = []
  for (let time = 1; time <= P0_TIMES; time += 1) {
    down.push(await urgentMs(direct, device, `P0 down ${time}`))
    up.push(await urgentMs(device, direct, `P0 up ${time}`))
    await device.until(() => device.applied.length >= refs.length + time)
  }
  const { currentTestName } = expect.getState()
  const figures = `down ${Math.max(...down)}, up ${Math.max(...up)} at the longest of ${P0_TIMES}; ${busyMs} among ${refs.length} commands`
  process.stdout.write(`P0 by ${way}, ms: ${figures} (${currentTestName})\n`)
}

/** From one device's asking for a P0 until the other has it, milliseconds. */
async function urgentMs(from: WatchedDevice, to: WatchedDevice, title: string): Promise<number> {
  const asked = performance.now()
  from.raise(title)
  await to.until(() => to.alerts.includes(title))
  return Math.round(performance.now() - asked)
}

/** Back on the WebSocket once the obstacle is gone; what it sends then comes through as before. Gives the states it was in meanwhile. */
export async function comeBack(device: WatchedDevice, lift: () => void): Promise<ReadonlySet<string>> {
  await device.until(() => device.liveBy !== null)
  lift()
  const applied = device.applied.length
  // A link is replaced at once where the network may be another one (R6); what is told after that is of the move.
  device.hint('online')
  await device.until(() => device.liveBy !== null)
  const since = device.seen.length
  await device.until(() => device.liveBy === 'ws')
  const states = device.seen.slice(since).flatMap((each) => (each.kind === 'status' ? [each.status.state] : []))
  expect(device.why).toBe(null)
  device.raise('after')
  await device.until(() => device.applied.length > applied)
  expect(device.applied.slice(applied)).toEqual(['after'])
  return new Set(states)
}
