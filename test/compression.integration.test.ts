/** What a server that deflates sends to a real relay, over each way, counted on the line between them. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { LIMITS } from '../relay/protocol/limits.ts'
import type { Way } from '../relay/protocol/ways.ts'
import { startServer } from './support/processes.ts'
import { WatchedDevice } from './support/watched-device.ts'

/** About 4 KB each, none like the other, and all of the same few words. */
const TEXTS = Array.from({ length: 30 }, (_, at) => `${at} pressure low at the second drive, `.repeat(100))
const POST = TEXTS.map((text) => text.slice(0, LIMITS.maxText).trim())

const closing: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** A line to this port of this machine; `down`: bytes that came by it from there. */
async function line(port: number) {
  const counted = { down: 0 }
  const server = createServer((client) => {
    const far = connect(port, '127.0.0.1')
    far.on('data', (bytes) => (counted.down += bytes.length))
    client.pipe(far).pipe(client)
    for (const each of [client, far]) each.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, counted }
}

it.each<Way>(['ws', 'stream', 'poll'])(
  '[Z1] [Z4] by %s, events of 1 KB or more come deflated, whole and in order',
  async (way) => {
    const root = await mkdtemp(join(tmpdir(), 'andon-compression-'))
    closing.push(() => rm(root, { recursive: true }))
    const { program, url } = await startServer(join(root, 'server'), 0, { extra: ['--compress'] })
    closing.push(() => program.kill())
    const author = await new WatchedDevice().open('author', url, root)
    const { url: byLine, counted } = await line(Number(new URL(url).port))
    const reader = await new WatchedDevice().open('reader', byLine, root, { transport: way })
    closing.push(() => Promise.all([author.close(), reader.close()]))
    await Promise.all([author.signIn(), reader.signIn()])
    await reader.until(() => reader.liveBy === way)
    const before = counted.down
    // One after the other, so that a batch of a poll holds nothing beside them.
    for (const [at, text] of POST.entries()) {
      author.post(text)
      await reader.until(() => reader.messages.length > at)
    }
    expect(reader.messages).toEqual(POST)
    const sent = POST.reduce((sum, text) => sum + text.length, 0)
    expect(counted.down - before).toBeLessThan(sent / 2)
  },
)
