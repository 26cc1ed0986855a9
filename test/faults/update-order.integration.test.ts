/** Devices and server are updated in either order, and a shift goes on in between (PROTOCOL G3). */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openNodeRelay } from '../../relay/adapters/node.ts'
import type { Observation } from '../../relay/ports.ts'
import { PROTOCOL_VERSION } from '../../relay/protocol/version.ts'
import { loadConfig } from '../../server/config.ts'
import { startServer as startHere } from '../../server/main.ts'
import { olderBuild, type OlderBuild } from '../support/older-build.ts'
import { freePort, isLive, startRelay, startServer, type Line } from '../support/processes.ts'

/** The last commit whose relay greeted with its own version only, and whose server spoke version 1 alone. */
const BEFORE = 'ef345e59a25bf38cab056230a5ba21897bb87327'
/** Today's build, with a version that nobody has written yet. */
const NEWER = { min: 1, max: PROTOCOL_VERSION + 1 }
/** Up to five programs of two builds, each of which has to start. Ends what hangs, and nothing else. */
const PATIENCE_MS = 180_000
const ORDER = { area: 'line-3', number: 'WO-9001', title: 'Housing 12', quantity: 40 }
const ALERT = { priority: 'P0', area: 'line-3', title: 'Fire' }

/** Asked after `skip`, which does not return. */
function rootOf(build: OlderBuild | null): string {
  if (build === null) throw new Error('the older build is not there')
  return build.root
}

let older: OlderBuild | null = null
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'andon-order-'))
  older = await olderBuild(BEFORE)
  if (older === null) process.stderr.write(`update-order: did not run, the history has no ${BEFORE} (shallow clone?)\n`)
})
afterAll(async () => {
  await older?.remove()
  await rm(folder, { recursive: true, force: true })
})

it(
  '[G3] [R54] a relay that was updated first works with the server of before',
  async ({ skip }) => {
    if (older === null) skip('no history')
    const { program, url } = await startServer(join(folder, 'old-server'), await freePort(), { root: rootOf(older) })
    const applied = Promise.withResolvers<Observation>()
    const device = await openNodeRelay({
      serverUrl: url,
      name: 'updated',
      build: 'newer',
      kind: 'headless',
      dataDir: join(folder, 'new-relay'),
      versions: NEWER,
      log: () => undefined,
      observe: (seen) => {
        if (seen.kind === 'result') applied.resolve(seen)
        // Without this a refused greeting would only show as the end of the test's patience.
        if (seen.kind === 'status' && seen.status.code === 'unsupported-version')
          applied.reject(new Error(String(seen.status.reason)))
      },
    })
    await device.relay.start()
    await device.relay.submit({ ref: 'a', type: 'alert.raise', data: ALERT })
    expect(await applied.promise).toMatchObject({ ref: 'a', outcome: 'applied' })
    await device.close()
    expect(await program.stop()).toBe(0)
  },
  PATIENCE_MS,
)

it(
  '[G3] a relay of before works with a server that was updated first',
  async ({ skip }) => {
    if (older === null) skip('no history')
    const data = join(folder, 'new-server')
    const loaded = loadConfig({ flags: { data, port: 0, demo: true, logLevel: 'silent' }, env: {} })
    if (!loaded.ok) throw new Error(loaded.message)
    const server = await startHere(loaded.config, pino({ level: 'silent' }), { versions: NEWER })
    const relay = startRelay({
      url: server.url,
      folder: join(folder, 'old-relay'),
      root: rootOf(older),
      extra: ['--linger'],
    })
    await relay.until(isLive)
    relay.send({ ref: 'a', command: 'alert.raise', data: ALERT })
    expect(await relay.until(({ kind }) => kind === 'result')).toMatchObject({ ref: 'a', outcome: 'applied' })
    await relay.stop()
    await server.close()
  },
  PATIENCE_MS,
)

it(
  '[P1 T9] what people did before an update is there after it: the records, the queue of a device, each once',
  async ({ skip }) => {
    if (older === null) skip('no history')
    const [data, device] = [join(folder, 'floor'), join(folder, 'terminal')]
    const port = await freePort()
    const before = await startServer(data, port, { root: rootOf(older) })
    const kim = { url: before.url, folder: device, user: ['kim', '1111'] as const, extra: ['--linger'] }
    const terminal = startRelay({ ...kim, root: rootOf(older) })
    await terminal.until(isLive)
    const say = (ref: string) => ({ ref, command: 'chat.post', data: { line: 'line-3', text: ref } })
    const ended = (ref: string) => (line: Line) => line.kind === 'result' && line['ref'] === ref
    terminal.send({ ref: 'fire', command: 'alert.raise', data: ALERT })
    terminal.send({ ref: 'order', command: 'order.create', data: ORDER })
    terminal.send(say('before the update'))
    for (const ref of ['fire', 'order', 'before the update']) await terminal.until(ended(ref))
    await before.program.kill()
    terminal.send(say('queued one'))
    terminal.send(say('queued two'))
    await terminal.until((line) => line.kind === 'saved' && line['ref'] === 'queued two')
    await terminal.kill()

    const { program, url } = await startServer(data, port)
    const updated = startRelay(kim)
    for (const ref of ['queued one', 'queued two']) {
      expect(await updated.until(ended(ref))).toMatchObject({ outcome: 'applied' })
    }
    const reader = startRelay({
      url,
      folder: join(folder, 'reader'),
      user: ['park', '3333'],
      extra: ['--linger', '--subscribe', 'chat/line-3', '--from', 'start'],
    })
    // Written last, it is read last.
    updated.send(say('after the update'))
    await reader.until((line) => textOf(line) === 'after the update')
    const texts = reader.lines.map(textOf).filter((text) => text !== null)
    expect(texts).toEqual(['before the update', 'queued one', 'queued two', 'after the update'])
    const asked = async (path: string) => {
      const response = await fetch(`${url}/api/${path}`, { headers: { authorization: 'Bearer demo-key' } })
      return JSON.stringify(await response.json())
    }
    expect(await asked('alerts?area=line-3')).toContain(ALERT.title)
    expect(await asked('orders?area=line-3')).toContain(ORDER.title)
    await Promise.all([updated.stop(), reader.stop()])
    expect(await program.stop()).toBe(0)
  },
  PATIENCE_MS,
)

/** Of a chat message that is read. */
function textOf(line: Line): string | null {
  if (line.kind !== 'event') return null
  const { text } = line['data'] as { readonly text?: string }
  return text ?? null
}
